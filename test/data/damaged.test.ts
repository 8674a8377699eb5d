import { deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Budget } from '#lockstep/data/images/budget.js';
import { decodeImage } from '#lockstep/data/images/decode.js';
import { openImage } from '#lockstep/data/images/open-image.js';
import { reasonOf } from '#lockstep/data/images/reasons.js';
import { openDataset } from '#lockstep/data/open.js';
import { remarks, remarkWarnings } from '#lockstep/data/remarks.js';
import { inFolder, pixelsConfig, plain, put, putDataset, samplesOf } from '../support/data-helpers.js';
import { inspectedFolder } from '../support/data-inspect-helpers.js';
import { png } from '../support/png.js';
import { type TiffFile, tiff } from '../support/tiff.js';

/** No pixel is a guess that is not said: what is damaged is refused, or counted and named; what white is follows a stated rule. */

const damaged = suite('damaged files, and values of more than 8 bits');
const limits = {
  maxPixels: 100_000_000,
  maxImageMemory: 1024,
  background: [255, 255, 255] as [number, number, number],
};

const [width, height] = [120, 90];
const noise = Uint8Array.from({ length: 3 * width * height }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 24);
const smooth = noise.map((_, i) => ((i / 3) % width) * 2);
const picture = (rgb: Uint8Array): Sharp => sharp(rgb, { raw: { width, height, channels: 3 } });

/** What a file's image is, or the reason why there is none. */
async function lookedAt(file: Uint8Array, size = 4): Promise<{ rgb: Uint8Array; remarks: number } | string> {
  let found: { rgb: Uint8Array; remarks: number } | string = '';
  await inFolder(async (folder) => {
    const range = { file: put(folder, 'image', file) };
    const decode = (budget?: Budget) => decodeImage(range, { type: 'file' }, size, size, limits, budget);
    found = await decode().catch(reasonOf);
    // What is decoded beside others is never looked at again.
    const beside = await decode(new Budget()).catch(() => undefined);
    if (beside !== undefined) assert.equal(beside, found, 'beside others');
  });
  return found;
}

async function isRefused(file: Uint8Array, what: string, reason = /cut short or damaged/): Promise<void> {
  const found = await lookedAt(file);
  assert.type(found, 'string', `${what} is decoded`);
  assert.match(found as string, reason, what);
}

function says(found: unknown, reason: RegExp): void {
  assert.type(found, 'string', JSON.stringify(found));
  assert.match(found as string, reason);
}

const spoiled = (file: Uint8Array, begin: number): Buffer => {
  const copy = Buffer.from(file);
  for (let i = 0; i < 24; i++) copy[Math.floor(begin) + i] = (i * 37 + 91) & 255;
  return copy;
};

damaged('a TIFF that is cut short, at any length', async () => {
  for (const [content, rgb] of Object.entries({ noise, smooth })) {
    const jpeg = await picture(rgb).jpeg({ chromaSubsampling: '4:4:4' }).toBuffer();
    const files: Record<string, TiffFile> = {
      none: { width, height, channels: 3, data: rgb },
      deflate: { width, height, channels: 3, compression: 8, data: deflateSync(rgb) },
      jpeg: { width, height, channels: 3, compression: 7, photometric: 6, data: jpeg },
    };
    for (const [compression, file] of Object.entries(files)) {
      const whole = tiff(file);
      assert.type(await lookedAt(whole), 'object', `${compression} of ${content}, whole`);
      for (const part of [0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97, 0.995]) {
        await isRefused(
          whole.subarray(0, Math.floor(whole.length * part)),
          `${compression} of ${content}, cut at ${part}`,
          /cut short or damaged|no image, or/,
        );
      }
    }
  }
});

damaged('a TIFF with a damaged strip or tile', async () => {
  for (const compression of ['lzw', 'deflate'] as const) {
    for (const tile of [false, true]) {
      const file = await picture(noise)
        .tiff({ compression, tile, tileWidth: 64, tileHeight: 64, predictor: 'none' })
        .toBuffer();
      for (const part of [0.2, 0.5, 0.8]) {
        await isRefused(spoiled(file, file.length * part), `${compression}, tiles ${tile}, at ${part}`);
      }
    }
  }
});

damaged('a JPEG, alone or in a TIFF, whose decoder only warns is said to be damaged', async () => {
  const jpeg = await picture(smooth).jpeg({ quality: 90 }).toBuffer();
  const inside = await picture(smooth).tiff({ compression: 'jpeg', quality: 90 }).toBuffer();
  for (const [what, file] of Object.entries({ jpeg, inside })) {
    for (const part of [0.5, 0.7]) {
      const found = await lookedAt(spoiled(file, file.length * part));
      if (typeof found === 'string') assert.match(found, /damaged/, what);
      else assert.is(found.remarks, remarks.damaged, `${what} at ${part}`);
    }
    assert.is(((await lookedAt(file)) as { remarks: number }).remarks, 0, `${what}, whole`);
  }
});

damaged('intact files of many kinds are accepted without a remark', async () => {
  const files: Record<string, Promise<Buffer> | Buffer> = {};
  for (const compression of ['none', 'lzw', 'deflate', 'jpeg', 'packbits'] as const) {
    for (const tile of [false, true]) {
      files[`tiff ${compression} ${tile}`] = picture(noise).tiff({ compression, tile }).toBuffer();
    }
  }
  files['unknown tags'] = tiff({ width, height, channels: 3, data: noise, tags: { 65000: 7, 51000: 3 } });
  files['1 bit'] = picture(noise)
    .toColourspace('b-w')
    .tiff({ bitdepth: 1, compression: 'ccittfax4' })
    .toBuffer();
  files['cmyk tiff'] = picture(noise).toColourspace('cmyk').tiff().toBuffer();
  files['16 bits'] = picture(noise).toColourspace('rgb16').png().toBuffer();
  files['16 bits, tiff'] = picture(noise).toColourspace('rgb16').tiff().toBuffer();
  for (const progressive of [false, true]) {
    files[`jpeg ${progressive}`] = picture(noise).jpeg({ progressive }).toBuffer();
    files[`png ${progressive}`] = picture(noise).png({ progressive }).toBuffer();
    files[`restarts ${progressive}`] = picture(noise)
      .jpeg({ progressive, mozjpeg: true })
      .withExif({ IFD0: { Copyright: 'x'.repeat(3000) } })
      .toBuffer();
  }
  files['cmyk'] = picture(noise).toColourspace('cmyk').jpeg().toBuffer();
  files['profile'] = picture(noise).withIccProfile('p3').png().toBuffer();
  files['palette'] = picture(noise).png({ palette: true }).toBuffer();
  files['alpha'] = picture(noise).ensureAlpha(0.5).webp().toBuffer();
  files['webp'] = picture(noise).webp({ lossless: true }).toBuffer();
  files['gif'] = picture(noise).gif().toBuffer();
  files['avif'] = picture(noise).avif({ effort: 0 }).toBuffer();
  for (const [what, file] of Object.entries(files)) {
    const found = await lookedAt(await file);
    assert.is(typeof found === 'string' ? found : found.remarks, 0, what);
  }
});

/** Of a TIFF of float or 16-bit values, or why it is refused. */
async function pixelsOf(values: Float32Array | Uint16Array | Uint32Array | Int16Array, channels: number) {
  const file = tiff({
    width: values.length / channels,
    height: 1,
    channels,
    bits: 8 * values.BYTES_PER_ELEMENT,
    sampleFormat: values instanceof Float32Array ? 3 : values instanceof Int16Array ? 2 : 1,
    data: new Uint8Array(values.buffer),
  });
  let found: { bytes: number[]; remarks: number } | string = '';
  await inFolder(async (folder) => {
    const range = { file: put(folder, 'image.tif', file) };
    found = await decodeImage(range, { type: 'file' }, values.length / channels, 1, limits).then(
      ({ rgb, remarks }) => ({ bytes: [...rgb], remarks }),
      reasonOf,
    );
  });
  return found as { bytes: number[]; remarks: number } | string;
}

const threefold = (values: readonly number[]) => values.flatMap((value) => [value, value, value]);

damaged('floats: the largest value decides what is white, for gray and colour', async () => {
  for (const [most, remark] of [
    [1, remarks.floatsToOne],
    [255, remarks.valuesTo255],
    [65_535, remarks.valuesTo65535],
  ] as const) {
    const shares = [0, 0.2, 0.6, 1];
    const bytes = [0, 51, 153, 255];
    const gray = Float32Array.from(shares, (share) => share * most);
    assert.equal(await pixelsOf(gray, 1), { bytes: threefold(bytes), remarks: remark });
    const colour = Float32Array.from(threefold(shares), (share) => share * most);
    assert.equal(await pixelsOf(colour, 3), { bytes: threefold(bytes), remarks: remark });
  }
  says(await pixelsOf(Float32Array.of(-1, 0.5), 1), /values are from -1 to 0\.5; expected 0 to 1/);
  says(await pixelsOf(Float32Array.of(0, 70_000), 1), /from 0 to 70000/);
  says(await pixelsOf(Float32Array.of(0, Number.NaN), 1), /not all finite/);
});

damaged('32-bit integers: the largest value decides what is white; signed ones are refused', async () => {
  const of = (...values: number[]) => pixelsOf(Uint32Array.from(values), 1);
  assert.equal(await of(0, 1, 255), { bytes: threefold([0, 1, 255]), remarks: remarks.valuesTo255 });
  assert.equal(await of(0, 25_700, 65_535), {
    bytes: threefold([0, 100, 255]),
    remarks: remarks.valuesTo65535,
  });
  says(await of(0, 100_000), /from 0 to 100000/);
  says(await pixelsOf(Int16Array.of(1, 200), 1), /signed/);
});

damaged(
  'values of 16 bits are counted as they are held where they are looked at: twice, and as bytes',
  async () => {
    const values = picture(noise).toColourspace('rgb16');
    for (const file of [
      await values.clone().png().toBuffer(),
      await values.clone().tiff({ compression: 'lzw' }).toBuffer(),
    ]) {
      const { needsOfValues } = await openImage(file, limits);
      assert.ok(needsOfValues >= file.length + 5 * noise.length, `${needsOfValues} bytes`);
    }
  },
);

damaged(
  '16-bit images with small values are read as bytes, or get the remark that they are dark',
  async () => {
    const of = (values: number[], channels = 1) => pixelsOf(Uint16Array.from(values), channels);
    assert.equal(await of([0, 100, 255]), {
      bytes: threefold([0, 100, 255]),
      remarks: remarks.shortsTo255,
    });
    assert.equal(await of([0, 100, 255, 7, 8, 9], 3), {
      bytes: [0, 100, 255, 7, 8, 9],
      remarks: remarks.shortsTo255,
    });
    const dark = await of([0, 2570, 4095]);
    assert.is((dark as { remarks: number }).remarks, remarks.dark);
    const full = (await of([0, 25_700, 65_535])) as { bytes: number[]; remarks: number };
    assert.equal([full.bytes[0], full.bytes[3], full.bytes[6], full.remarks], [0, 100, 255, 0]);
    const row = Uint8Array.of(0, 0, 0, 100, 0, 255);
    const found = await lookedAt(png({ width: 3, height: 1, depth: 16, colorType: 0, rows: [row] }), 3);
    assert.is((found as { remarks: number }).remarks, remarks.shortsTo255, 'PNG');
  },
);

damaged(
  'what is read as something else, or refused in the words of a library, is refused in plain ones',
  async () => {
    const of = (own: Partial<TiffFile>) =>
      lookedAt(tiff({ width: 2, height: 2, data: new Uint8Array(4 * (own.channels ?? 1) * 8), ...own }));
    says(await of({ channels: 5 }), /^it has 5 channels; 1 to 4 are read/);
    says(await of({ channels: 13 }), /^it has 13 channels; 1 to 4 are read/);
    says(await of({ channels: 3, photometric: 8 }), /CIELab/);
    says(await of({ bits: 64, sampleFormat: 3 }), /64 bits a channel/);
  },
);

damaged('training and inspect give the same warnings for damaged, float and one-colour images', () =>
  inFolder(async (folder) => {
    const config = pixelsConfig(folder);
    const jpeg = await picture(smooth).jpeg({ quality: 90 }).toBuffer();
    const float = (level: number) =>
      tiff({
        width: 2,
        height: 1,
        bits: 32,
        sampleFormat: 3,
        data: new Uint8Array(Float32Array.of(level, 1).buffer),
      });
    putDataset(config.dir, {
      'whole.jpg': jpeg,
      'spoiled.jpg': spoiled(jpeg, jpeg.length * 0.6),
      'a.tif': float(0),
      'b.tif': float(0.5),
    });
    put(config.dir, 'flat.png', await plain([7, 7, 7]).png().toBuffer());
    put(
      config.dir,
      'train.txt',
      `${['whole.jpg 0', 'spoiled.jpg 1', 'a.tif 2', 'b.tif 3'].join('\n')}\nflat.png 4\nflat.png 4\n`,
    );
    put(config.dir, 'val.txt', 'whole.jpg 0\n');
    put(config.dir, 'test.txt', 'whole.jpg 0\n');
    const expected = [
      '1 image: damaged, and decoded all the same: the decoder only warns: spoiled.jpg',
      '2 images: floats of 0 to 1, of which 1 is taken as white: a.tif, b.tif',
      'all training images of a class are of one and the same colour: class 4',
    ];
    for (const _ of ['packed', 'opened']) {
      const said: string[] = [];
      const data = await openDataset(config, { threads: 2, onWarning: (message) => said.push(message) });
      assert.equal(said, expected);
      const float = samplesOf(data, 'train')[2]!;
      assert.equal([float[0], float[3]], [0, 255]);
    }
    const report = await inspectedFolder(config.dir);
    for (const message of expected)
      assert.ok(report.warnings.includes(message), `${message}\n${report.warnings.join('\n')}`);
    put(config.dir, 'train.txt', 'flat.png 0\nflat.png 1\nflat.png 1\na.tif 1\n');
    const said: string[] = [];
    await openDataset(config, { threads: 2, onWarning: (message) => said.push(message) });
    assert.ok(said.includes('3 of 4 training images are of one and the same colour'), said.join('\n'));
  }),
);

damaged('a warning about many images names some of them, or all on request', () => {
  const names = Array.from({ length: 20 }, (_, i) => `${i}.jpg`);
  const labels = new Int32Array(20);
  const own = { remarks: new Uint8Array(20).fill(remarks.damaged), nameOf: (i: number) => names[i]!, labels };
  const said = (most?: number) => remarkWarnings({ ...own, colors: labels }, [], ['a'], most)[0]!;
  assert.match(said(), /^20 images: damaged.*: 0\.jpg, .*4\.jpg, and 15 more$/);
  assert.ok(said(Number.POSITIVE_INFINITY).endsWith(names.join(', ')));
});

damaged.run();

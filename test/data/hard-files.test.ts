import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Budget, LookAtAlone } from '#lockstep/data/images/budget.js';
import { decodeImage, type ImageLimits } from '#lockstep/data/images/decode.js';
import { jpegFrame } from '#lockstep/data/images/jpeg-frame.js';
import { reasonOf } from '#lockstep/data/images/reasons.js';
import { inFolder, plain, put, type Rgb } from '../support/data-helpers.js';
import { grayInks, withProfile } from '../support/icc.js';
import { png } from '../support/png.js';

/** Files as people have them. Each is made here; it decodes right or is named with its reason. */

const hard = suite('hard files');

const limits: ImageLimits = { maxPixels: 100_000_000, maxImageMemory: 1024, background: [255, 255, 255] };

/** The pixels of a file's image, `[height][width]`. */
async function decoded(
  file: Uint8Array,
  width: number,
  height: number,
  own: Partial<ImageLimits> = {},
  name = 'file.jpg',
): Promise<Rgb[][]> {
  let rgb: Uint8Array = new Uint8Array(0);
  await inFolder(async (folder) => {
    const range = { file: put(folder, name, file) };
    ({ rgb } = await decodeImage(range, { type: 'file' }, width, height, { ...limits, ...own }));
  });
  assert.is(rgb.length, 3 * width * height);
  const pixel = (i: number) => [rgb[3 * i]!, rgb[3 * i + 1]!, rgb[3 * i + 2]!] as const;
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => pixel(y * width + x)),
  );
}

/** Why a file cannot be used. */
async function faultOf(file: Uint8Array, own: Partial<ImageLimits> = {}): Promise<string> {
  try {
    await decoded(file, 4, 4, own);
  } catch (error) {
    return reasonOf(error);
  }
  throw new Error('expected a reason, found an image');
}

function near(found: Rgb, wanted: Rgb, most: number, what = ''): void {
  const furthest = Math.max(...found.map((value, c) => Math.abs(value - wanted[c]!)));
  assert.ok(furthest <= most, `${what} found ${found}, expected ${wanted} within ${most}`);
}

const noise = (width: number, height: number): Sharp =>
  sharp(
    Uint8Array.from({ length: 3 * width * height }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 24),
    { raw: { width, height, channels: 3 } },
  );

/**
 * What is stored at (x, y) of a `width` x `height` image, once it is upright, by its orientation: of the EXIF 2.3 standard, "the 0th
 * row is at the visual top of the image, the 0th column at the visual left-hand side" (1), and so on.
 */
const orientations: Record<number, (x: number, y: number, w: number, h: number) => [x: number, y: number]> = {
  1: (x, y) => [x, y],
  2: (x, y, w) => [w - 1 - x, y],
  3: (x, y, w, h) => [w - 1 - x, h - 1 - y],
  4: (x, y, _, h) => [x, h - 1 - y],
  5: (x, y) => [y, x],
  6: (x, y, w) => [w - 1 - y, x],
  7: (x, y, w, h) => [w - 1 - y, h - 1 - x],
  8: (x, y, _, h) => [y, h - 1 - x],
};
const corners: readonly Rgb[] = [
  [230, 30, 30],
  [30, 200, 30],
  [40, 40, 220],
  [220, 220, 220],
];

for (const [format, width, height] of [
  ['jpeg', 48, 32],
  ['jpeg', 720, 480],
  ['png', 48, 32],
  ['png', 720, 480],
  ['webp', 720, 480],
] as const) {
  hard(`EXIF orientations 1 to 8 come out upright (${format}, ${width} x ${height})`, async () => {
    const upright = (x: number, y: number) => corners[Number(x >= width / 2) + 2 * Number(y >= height / 2)]!;
    for (const [orientation, placeOf] of Object.entries(orientations)) {
      const [w, h] = Number(orientation) < 5 ? [width, height] : [height, width];
      const stored = new Uint8Array(3 * w * h);
      for (let i = 0; i < w * h; i++) {
        stored.set(upright(...placeOf(i % w, Math.floor(i / w), width, height)), 3 * i);
      }
      const file = await sharp(stored, { raw: { width: w, height: h, channels: 3 } })
        .withMetadata({ orientation: Number(orientation) })
        .toFormat(format, { quality: 95 })
        .toBuffer();
      const rows = await decoded(file, 12, 8);
      for (const [i, corner] of corners.entries()) {
        near(rows[i < 2 ? 1 : 6]![i % 2 === 0 ? 2 : 9]!, corner, 8, `orientation ${orientation}:`);
      }
    }
  });
}

hard('16 bits a channel, in colour and gray', async () => {
  const words = (...values: number[]) => Uint8Array.from(values.flatMap((v) => [v >> 8, v & 255]));
  const color = png({
    width: 2,
    height: 1,
    depth: 16,
    colorType: 2,
    rows: [words(0xc8ff, 0x6400, 0x3280, 0, 0xffff, 0x0100)],
  });
  const [[a, b]] = (await decoded(color, 2, 1)) as [[Rgb, Rgb]];
  near(a, [200, 100, 50], 1);
  near(b, [0, 255, 1], 1);
  const gray = png({ width: 3, height: 1, depth: 16, colorType: 0, rows: [words(0, 0x8000, 0xffff)] });
  const [row] = await decoded(gray, 3, 1);
  for (const [i, value] of [0, 128, 255].entries()) near(row![i]!, [value, value, value], 1, 'gray:');
});

hard('1 bit', async () => {
  const file = png({
    width: 4,
    height: 2,
    depth: 1,
    colorType: 0,
    rows: [Uint8Array.of(0x50), Uint8Array.of(0x90)],
  });
  const rows = await decoded(file, 4, 2);
  assert.equal(
    rows.map((row) => row.map(([red]) => red)),
    [
      [0, 255, 0, 255],
      [255, 0, 0, 255],
    ],
  );
});

hard('a palette, with transparent entries, on the background', async () => {
  const file = png({
    width: 4,
    height: 1,
    depth: 2,
    colorType: 3,
    rows: [Uint8Array.of(0b00011011)],
    palette: [200, 100, 50, 10, 20, 30, 0, 0, 0, 1, 2, 3],
    transparency: [255, 0, 128],
  });
  const [row] = await decoded(file, 4, 1, { background: [90, 80, 70] });
  near(row![0]!, [200, 100, 50], 0);
  near(row![1]!, [90, 80, 70], 0, 'transparent:');
  near(row![2]!, [45, 40, 35], 1, 'half:');
  near(row![3]!, [1, 2, 3], 0);
});

hard('gray, in JPEG, and with alpha', async () => {
  const jpeg = await plain([124, 124, 124]).toColourspace('b-w').jpeg({ quality: 100 }).toBuffer();
  assert.is((await sharp(jpeg).metadata()).channels, 1);
  near((await decoded(jpeg, 8, 8))[3]![3]!, [124, 124, 124], 1);
  const rows = [Uint8Array.of(100, 255, 100, 51)];
  const [row] = await decoded(png({ width: 2, height: 1, depth: 8, colorType: 4, rows }), 2, 1);
  near(row![0]!, [100, 100, 100], 0);
  near(row![1]!, [224, 224, 224], 1);
});

hard('alpha over the background, small and large', async () => {
  for (const size of [8, 300]) {
    const file = await plain([200, 100, 50], size, size).ensureAlpha(0.25).png().toBuffer();
    near((await decoded(file, 4, 4))[2]![2]!, [241, 216, 204], 1);
    near((await decoded(file, 4, 4, { background: [0, 40, 80] }))[2]![2]!, [50, 55, 73], 1);
  }
});

hard('CMYK: the profile says how the inks look', async () => {
  const inks = async (color: Rgb) => {
    const file = await plain(color, 16, 16).toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer();
    assert.is((await sharp(file).metadata()).space, 'cmyk');
    return file;
  };
  // Without cyan, much cyan.
  const [brown, blue] = [await inks([200, 100, 50]), await inks([0, 100, 200])];
  const cyanIsBlack = grayInks((c) => 80 - 80 * c);
  const grayOf = (lightness: number) => {
    const light = ((lightness + 16) / 116) ** 3;
    return 255 * (1.055 * light ** (1 / 2.4) - 0.055);
  };
  const paper = grayOf(80);
  const at = async (file: Uint8Array) => (await decoded(file, 16, 16))[7]![7]!;
  near(await at(withProfile(brown, cyanIsBlack)), [paper, paper, paper], 4);
  const [dark] = await at(withProfile(blue, cyanIsBlack));
  assert.ok(dark < grayOf(20), `${dark} with cyan`);
  // Without one they are those of common offset print.
  near(await at(brown), [200, 97, 35], 15);
  const own = await plain([200, 100, 50], 16, 16)
    .toColourspace('cmyk')
    .withIccProfile('cmyk')
    .jpeg()
    .toBuffer();
  assert.is((await sharp(own).metadata()).hasProfile, true);
  near(await at(own), [200, 97, 35], 15);
});

hard('RGB of another gamut comes out as sRGB', async () => {
  // Display P3 to sRGB: decode the gamma, times the matrix between the primaries (CSS Color 4), encode.
  const linear = (v: number) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const encoded = (v: number) => 255 * (v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055);
  const matrix = [
    [1.2249, -0.2249, 0],
    [-0.042, 1.042, 0],
    [-0.0196, -0.0786, 1.0983],
  ];
  const color: Rgb = [180, 120, 90];
  const file = await plain(color, 4, 4).withIccProfile('p3').png().toBuffer();
  const raw = await sharp(file).keepIccProfile().raw().toBuffer();
  const light = [...raw.subarray(0, 3)].map((v) => linear(v / 255));
  const [r, g, b] = matrix.map((row) => encoded(row.reduce((sum, m, c) => sum + m * light[c]!, 0)));
  near((await decoded(file, 4, 4))[1]![1]!, [r!, g!, b!], 3);
  assert.ok(Math.abs(raw[0]! - r!) > 5, `stored are ${[...raw.subarray(0, 3)]}`);
});

hard('the first frame of an animation is used', async () => {
  const frames = await Promise.all(
    (
      [
        [200, 10, 10],
        [10, 200, 10],
        [10, 10, 200],
      ] as const
    ).map((color) => plain(color, 20, 10).png().toBuffer()),
  );
  for (const format of ['gif', 'webp'] as const) {
    const file = await sharp(frames, { join: { animated: true } })
      .toFormat(format, format === 'webp' ? { lossless: true } : {})
      .toBuffer();
    const { pages, pageHeight } = await sharp(file, { animated: true }).metadata();
    assert.equal([pages, pageHeight], [3, 10]);
    for (const row of await decoded(file, 20, 10))
      for (const pixel of row) near(pixel, [200, 10, 10], 2, format);
  }
});

hard('a progressive JPEG gives the same pixels as a baseline one', async () => {
  for (const size of [48, 600]) {
    const smooth = () => noise(8, 8).resize(size, size);
    const [one, other] = await Promise.all(
      [true, false].map(async (progressive) =>
        decoded(await smooth().jpeg({ quality: 90, progressive }).toBuffer(), 24, 24),
      ),
    );
    for (const [i, pixel] of one!.flat().entries()) near(pixel, other!.flat()[i]!, 2);
  }
});

hard("a JPEG's pixels are counted without decoding it", async () => {
  const image = noise(300, 200);
  const gray = () => image.clone().toColourspace('b-w');
  const files = [
    image.clone().jpeg(),
    image.clone().jpeg({ progressive: true, optimizeScans: true }),
    image
      .clone()
      .withIccProfile('p3')
      .withExif({ IFD0: { Copyright: 'x'.repeat(5000) } })
      .jpeg(),
    gray().jpeg(),
  ];
  for (const file of files) {
    const frame = jpegFrame(await file.toBuffer())!;
    assert.is(frame.width * frame.height, 60_000);
  }
  const jpeg = await files[0]!.toBuffer();
  for (const part of [0, 1, 2, 3, 20, 100]) assert.is(jpegFrame(jpeg.subarray(0, part)), undefined);
  assert.is(jpegFrame(await image.clone().png().toBuffer()), undefined);
});

hard('a file that is cut short is named, whatever its format and size', async () => {
  for (const size of [100, 700]) {
    const image = noise(size, size);
    const files = {
      jpeg: await image.clone().jpeg().toBuffer(),
      progressive: await image.clone().jpeg({ progressive: true }).toBuffer(),
      png: await image.clone().png().toBuffer(),
      webp: await image.clone().webp().toBuffer(),
      gif: await image.clone().gif().toBuffer(),
      tiff: await image.clone().tiff({ compression: 'lzw' }).toBuffer(),
    };
    for (const [format, file] of Object.entries(files)) {
      for (const part of [0.5, 0.95]) {
        const reason = await faultOf(file.subarray(0, file.length * part));
        assert.match(reason, /cut short|no image, or/, `${format} of ${size}: ${reason}`);
      }
      assert.match(await faultOf(file.subarray(0, 20)), /cut short|no image, or/, format);
    }
  }
});

hard('a file that is no image is named, whatever its extension', async () => {
  assert.is(await faultOf(new Uint8Array(0)), 'the file is empty');
  const none = 'it is no image, or of a format that is not read (JPEG, PNG, WebP, GIF, TIFF and AVIF are)';
  assert.is(await faultOf(Buffer.from('Dear diary')), none);
  assert.is(await faultOf(Buffer.from('%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n')), none);
  await inFolder(async (folder) => {
    const reason = (file: string) =>
      decodeImage({ file }, { type: 'file' }, 4, 4, limits).then(() => 'none', reasonOf);
    assert.is(await reason(join(folder, 'gone.jpg')), 'no such file');
    assert.match(await reason(folder), /it is no file/);
  });
  const renamed = await plain([7, 77, 177]).png().toBuffer();
  near((await decoded(renamed, 4, 4, {}, 'photo.jpg'))[0]![0]!, [7, 77, 177], 0);
});

hard('an SVG is refused unread, gzipped or not', async () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>a</text></svg>';
  const prologue = `<?xml version="1.0"?><!-- ${' '.repeat(2000)} --><!DOCTYPE svg>`;
  for (const file of [Buffer.from(svg), Buffer.from(prologue + svg), gzipSync(svg)]) {
    assert.is(
      await faultOf(file),
      'it is a drawing (SVG), which no machine draws as another one does; make a PNG of it',
    );
  }
});

/** A marker, the segment's length, and its content. */
const segment = (marker: number, ...content: number[]) =>
  Buffer.of(0xff, marker, (content.length + 2) >> 8, (content.length + 2) & 255, ...content);

/** A gray progressive JPEG of 8 x 8, all of whose coefficients are 0, with `scans` scans. */
function jpegOfScans(scans: number): Buffer {
  const table = (kind: number, symbol: number) =>
    segment(0xc4, kind, 1, ...new Array<number>(15).fill(0), symbol);
  const scan = (from: number) => Buffer.concat([segment(0xda, 1, 1, 0, from, from, 0), Buffer.of(0x7f)]);
  return Buffer.concat([
    Buffer.of(0xff, 0xd8),
    segment(0xdb, 0, ...new Array<number>(64).fill(1)),
    segment(0xc2, 8, 0, 8, 0, 8, 1, 1, 0x11, 0),
    table(0x00, 0),
    table(0x10, 0),
    ...Array.from({ length: scans }, (_, i) => scan(i === 0 ? 0 : 1 + ((i - 1) % 63))),
    Buffer.of(0xff, 0xd9),
  ]);
}

hard('a JPEG of more scans than anyone makes is refused: a few MB of them would take hours', async () => {
  near((await decoded(jpegOfScans(60), 4, 4))[0]![0]!, [128, 128, 128], 0);
  assert.is(await faultOf(jpegOfScans(101)), 'it has more than 100 scans (JPEG); save it anew');
  const film = Buffer.concat(new Array<Buffer>(200).fill(Buffer.of(0xff, 0xda, 0, 2)));
  near((await decoded(Buffer.concat([jpegOfScans(60), film]), 4, 4))[0]![0]!, [128, 128, 128], 0, 'film:');
});

hard('an AVIF of many frames, or put together of images, is refused', async () => {
  const file = await plain([200, 100, 50], 64, 64).avif({ effort: 0 }).toBuffer();
  const of = async (copies: number) => {
    const mdat = file.indexOf('mdat', 0, 'latin1') + 4;
    const payload = file.subarray(mdat);
    const head = Buffer.from(file.subarray(0, mdat));
    head.writeUInt32BE(8 + copies * payload.length, mdat - 8);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(payload.length);
    head.writeUInt32BE(copies * payload.length, head.indexOf(length, head.indexOf('iloc', 0, 'latin1')));
    return Buffer.concat([head, ...new Array<Buffer>(copies).fill(payload)]);
  };
  near((await decoded(await of(1), 4, 4))[1]![1]!, [200, 100, 50], 4);
  assert.is(await faultOf(await of(9)), 'it holds more than 8 frames in one image (AVIF); save it as one');
  const grid = Buffer.from(file);
  grid.write('grid', grid.indexOf('av01', grid.indexOf('infe', 0, 'latin1'), 'latin1'), 'latin1');
  assert.match(await faultOf(grid), /put together of several images \(AVIF\)/);
});

hard(
  'an image that needs more memory than data.maxImageMemory is refused, and the error says how much it needs',
  async () => {
    const size = 600; // 1.03 MiB of 3 bytes a pixel
    const image = noise(8, 8).resize(size, size);
    const small = { maxImageMemory: 1 };
    const reason = (mebibytes: number) =>
      new RegExp(
        `^it takes some ${mebibytes} MiB to decode, more than the 1 that data\\.maxImageMemory allows$`,
      );
    const files: readonly (readonly [string, Promise<Buffer>, number])[] = [
      ['interlaced png', image.clone().png({ progressive: true }).toBuffer(), 2],
      ['progressive jpeg', image.clone().jpeg({ progressive: true }).toBuffer(), 3],
      ['webp', image.clone().webp().toBuffer(), 3],
      ['gif', image.clone().gif().toBuffer(), 3],
      ['avif', image.clone().avif({ effort: 0 }).toBuffer(), 3],
      ['turned png', image.clone().withMetadata({ orientation: 6 }).png().toBuffer(), 2],
      [
        'dark 16 bits',
        noise(8, 8).linear(0.001).resize(size, size).toColourspace('rgb16').png().toBuffer(),
        6,
      ],
    ];
    for (const [what, file, mebibytes] of files) {
      assert.match(await faultOf(await file, small), reason(mebibytes), what);
      await decoded(await file, 4, 4);
    }
    for (const file of [image.clone().png(), image.clone().jpeg()])
      await decoded(await file.toBuffer(), 4, 4, small);
  },
);

hard(
  'the budget of a thread: what fits waits for the others, what never fits is looked at alone',
  async () => {
    const budget = new Budget();
    const megabytes = (n: number) => n * 2 ** 20;
    let held = 0;
    let most = 0;
    const sizes = [100, 60, 60, 8, 128, 1];
    await Promise.all(
      sizes.map((size) =>
        budget.with(megabytes(size), async () => {
          held += size;
          most = Math.max(most, held);
          await new Promise((resolve) => setImmediate(resolve));
          held -= size;
        }),
      ),
    );
    assert.is(most <= 128 && held === 0, true, `${most}`);
    const refused = await budget
      .with(megabytes(128) + 1, async () => undefined)
      .catch((error: unknown) => error);
    assert.instance(refused, LookAtAlone);
  },
);

hard('a TIFF whose tiles are much larger than it is refused', async () => {
  const file = await noise(40, 40).tiff({ tile: true, tileWidth: 32, tileHeight: 32 }).toBuffer();
  await decoded(file, 4, 4, { maxPixels: 2000 });
  const tile = file.indexOf(Buffer.of(322 & 255, 1, 3, 0));
  file.writeUInt16LE(16_384, tile + 8);
  assert.is(
    await faultOf(file, { maxPixels: 500_000 }),
    'its tiles hold 1,048,576 pixels, more than the 500,000 that data.maxPixels allows',
  );
});

/** A PNG of one bit a pixel, black above and white below. */
function enormous(size: number): Buffer {
  const bytes = Math.ceil(size / 8);
  const [black, white] = [new Uint8Array(bytes), new Uint8Array(bytes).fill(255)];
  const rows = Array.from({ length: size }, (_, y) => (y < size / 2 ? black : white));
  return png({ width: size, height: size, depth: 1, colorType: 0, rows });
}

hard(
  '30,000 x 30,000 pixels are refused, with the size and the limit; and decode where they may',
  async () => {
    const file = enormous(30_000);
    const before = process.memoryUsage.rss();
    assert.is(
      await faultOf(file),
      'it has 30,000 x 30,000 pixels, more than the 100,000,000 that data.maxPixels allows',
    );
    let peak = 0;
    const timer = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage.rss() - before);
    }, 20);
    const rows = await decoded(file, 4, 4, { maxPixels: 900_000_000 }).finally(() => clearInterval(timer));
    near(rows[0]![2]!, [0, 0, 0], 0);
    near(rows[3]![2]!, [255, 255, 255], 0);
    assert.ok(peak < 300e6, `${peak} bytes more, of 2.7e9 that the pixels are`);
  },
);

hard.run();

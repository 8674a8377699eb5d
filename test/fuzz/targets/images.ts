import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import sharp from 'sharp';
import * as assert from 'uvu/assert';
import { decodeImage } from '#lockstep/data/images/decode.js';
import { reasonOf } from '#lockstep/data/images/reasons.js';
import { lookAt } from '#lockstep/data/inspect/look.js';
import { noSums } from '#lockstep/data/pixel-sums.js';
import { png } from '../../support/png.js';
import { damagedBytes, damagedText, extremes } from '../mutations.js';
import { target } from '../target.js';

/** Image files of every format that is read. A bad one is named with its reason; no pixel of it is a guess. */

const limits = {
  maxPixels: 1_000_000,
  maxImageMemory: 1024,
  background: [255, 255, 255] as [number, number, number],
};
const [width, height] = [5, 4];

const svgs = [
  '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="20" height="20" fill="#f80"/><text>a</text></svg>',
  '<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><text>&b;&b;</text></svg>',
  '<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink" width="9" height="9"><image x:href="../beside/secret.txt"/><use x:href="#a"/><g id="a"><use x:href="#a"/></g><filter id="f"><feGaussianBlur stdDeviation="3"/></filter><rect filter="url(#f)" width="5" height="5"/></svg>',
];

export const images = target({
  async cases() {
    sharp.concurrency(1);
    sharp.cache(false);
    const noise = Uint8Array.from({ length: 3 * 24 * 18 }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 24);
    const picture = () => sharp(noise, { raw: { width: 24, height: 18, channels: 3 } });
    const large = () => picture().resize(420, 300, { kernel: 'nearest' });
    const bases = await Promise.all([
      picture().jpeg().toBuffer(),
      large()
        .jpeg({ progressive: true })
        .withExif({ IFD0: { Copyright: 'x'.repeat(300) } })
        .toBuffer(),
      picture().withMetadata({ orientation: 6 }).jpeg({ chromaSubsampling: '4:4:4' }).toBuffer(),
      picture().toColourspace('cmyk').jpeg().toBuffer(),
      picture().png().toBuffer(),
      picture().ensureAlpha(0.5).png({ palette: true }).toBuffer(),
      large().webp().toBuffer(),
      picture().webp({ lossless: true }).toBuffer(),
      picture().gif().toBuffer(),
      picture().tiff({ compression: 'lzw' }).toBuffer(),
      picture().tiff({ compression: 'none' }).toBuffer(),
      picture().tiff({ compression: 'deflate', tile: true, tileWidth: 16, tileHeight: 16 }).toBuffer(),
      picture().tiff({ compression: 'jpeg' }).toBuffer(),
      picture().toColourspace('rgb16').tiff({ compression: 'deflate' }).toBuffer(),
      picture().toColourspace('rgb16').png().toBuffer(),
      picture().pipelineColourspace('scrgb').toColourspace('scrgb').tiff({ compression: 'none' }).toBuffer(),
      picture().avif({ effort: 0 }).toBuffer(),
    ]);
    const zipped = svgs.map((text) => gzipSync(text));
    const length = fc.constantFrom(...extremes.filter((n) => Number.isInteger(n) && n >= 0 && n < 2 ** 32));
    const bomb = fc
      .record({
        width: length,
        height: length,
        depth: fc.constantFrom(1, 8, 16),
        colorType: fc.constantFrom(0, 2, 3, 4, 6),
      })
      .map(
        (own) => new Uint8Array(png({ ...(own as Parameters<typeof png>[0]), rows: [new Uint8Array(4000)] })),
      );
    return fc.oneof(
      { weight: 12, arbitrary: damagedBytes(...bases) },
      { weight: 1, arbitrary: fc.oneof(damagedBytes(...zipped), fc.constantFrom(...zipped)) },
      { weight: 3, arbitrary: damagedText(...svgs) },
      { weight: 1, arbitrary: bomb },
    );
  },
  async run(bytes, folder) {
    const file = join(folder, 'image');
    writeFileSync(file, bytes);
    try {
      const { rgb } = await decodeImage({ file }, { type: 'file' }, width, height, limits);
      assert.is(rgb.length, 3 * width * height);
    } catch (error) {
      requireReason(error);
    }
    const look = await lookAt({ file }, { type: 'file' }, limits, noSums());
    if (!('reason' in look)) assert.ok(look.width * look.height <= limits.maxPixels && look.width > 0);
  },
});

/** What sharp or we say, and in few words: a bug of ours would be a TypeError. */
function requireReason(error: unknown): void {
  if (!(error instanceof Error) || error.name !== 'Error') throw error;
  const reason = reasonOf(error);
  assert.ok(
    reason !== '' && reason.length <= 500,
    `a reason of ${reason.length} letters: ${reason.slice(0, 100)}`,
  );
}

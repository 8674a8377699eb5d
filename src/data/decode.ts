import { closeSync, openSync, readFileSync } from 'node:fs';
import sharp from 'sharp';
import type { FeaturesConfig } from '../config/schema.js';
import { readFully } from '../files/transfer.js';
import { colorHistogram } from './histogram.js';
import type { ChannelSums } from './image-tasks.js';
import { resample } from './resample.js';
import type { ByteRange, Encoding } from './source.js';

/** One image file to one sample, as the threads of the image pool do it. */

/**
 * Images of up to so many pixels are resized here: setting up a resize costs libvips 0.45 ms, more than decoding a 64 x 64
 * JPEG takes. Of large images it need not hold every pixel, which is worth far more.
 */
const smallImage = 256 * 256;
/**
 * A JPEG file of up to so many bytes passes for a small image: asking sharp for its size costs 0.12 ms, a quarter of its
 * decoding. It spends a bit or more on each block of 8 x 8, so it cannot be as large as other formats make it.
 */
const smallJpeg = 16_384;

/**
 * `[height, width, 3]` bytes, RGB interleaved, of any image that sharp reads: turned upright by its EXIF orientation,
 * laid on white where transparent, converted to 8-bit sRGB, stretched to exactly `width` x `height`.
 * Throws an Error with the reason where the file is missing, broken, cut short, or has more than `maxPixels` pixels.
 */
export async function decodeImage(
  image: ByteRange,
  encoding: Encoding,
  width: number,
  height: number,
  maxPixels: number,
): Promise<Uint8Array> {
  // Read here, not by sharp: a missing file gives the system's own reason, and libuv's threads stay with the pixels.
  const file = readBytes(image);
  if (file.length === 0) throw new Error('the file is empty');
  if (encoding.type !== 'file') {
    const raw = { rgb: interleaved(file, encoding), width: encoding.width, height: encoding.height };
    return resample(raw, width, height);
  }
  const upright = sharp(file, { failOn: 'truncated', limitInputPixels: maxPixels })
    .autoOrient()
    .flatten({ background: 'white' })
    .toColourspace('srgb')
    .raw();
  if (!(await isSmall(file, maxPixels))) return upright.resize(width, height, { fit: 'fill' }).toBuffer();
  const { data, info } = await upright.toBuffer({ resolveWithObject: true });
  return resample({ rgb: data, width: info.width, height: info.height }, width, height);
}

function readBytes({ file, part }: ByteRange): Buffer {
  if (part === undefined) return readFileSync(file);
  const bytes = Buffer.allocUnsafe(part.length);
  const handle = openSync(file, 'r');
  try {
    if (!readFully(handle, bytes, part.begin)) throw new Error('the file ends before it');
  } finally {
    closeSync(handle);
  }
  return bytes;
}

/** `[height, width, 3]` of raw pixels. */
function interleaved(bytes: Uint8Array, encoding: Exclude<Encoding, { type: 'file' }>): Uint8Array {
  const pixels = encoding.width * encoding.height;
  const plane = encoding.type === 'gray' ? 0 : pixels;
  const rgb = new Uint8Array(3 * pixels);
  for (let i = 0; i < pixels; i++) {
    for (let c = 0; c < 3; c++) rgb[3 * i + c] = bytes[c * plane + i]!;
  }
  return rgb;
}

async function isSmall(file: Buffer, maxPixels: number): Promise<boolean> {
  if (file[0] === 0xff && file[1] === 0xd8) return file.length <= smallJpeg;
  const { width, height } = await sharp(file, { limitInputPixels: maxPixels }).metadata();
  return width * height <= smallImage;
}

/** The sample's bytes, as `PackedDataset` describes them, from `decodeImage`'s. Adds the pixels to `sums`. */
export function toSample(rgb: Uint8Array, features: FeaturesConfig, sums: ChannelSums): Uint8Array {
  if (features.type === 'colorHistogram') {
    return new Uint8Array(colorHistogram(rgb, features.bins).buffer);
  }
  const pixels = rgb.length / 3;
  const planar = new Uint8Array(rgb.length);
  for (let c = 0; c < 3; c++) {
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < pixels; i++) {
      const value = rgb[3 * i + c]!;
      planar[c * pixels + i] = value;
      sum += value;
      squares += value * value;
    }
    sums.sum[c]! += sum;
    sums.squares[c]! += squares;
  }
  sums.count += pixels;
  return planar;
}

/** Why an image could not be read, in a line. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 'no such file';
  return message
    .trim()
    .replaceAll(/\s*\n\s*/g, '; ')
    .replace(/:$/, '');
}

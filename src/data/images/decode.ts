import type { DataConfig, FeaturesConfig } from '../../config/schema.js';
import type { ByteRange, Encoding } from '../source.js';
import { colorHistogram } from './histogram.js';
import { jpegPixels } from './jpeg-pixels.js';
import { readRange } from './read-range.js';
import { resample } from './resample.js';
import { sharp } from './sharp.js';

/** One image file to one sample, as the threads of the image pool do it. */

/**
 * Images of up to so many pixels are resized here: setting up a resize costs libvips 0.45 ms, more than decoding a 64 x 64
 * JPEG takes. Of large images it need not hold every pixel, which is worth far more; a JPEG it even decodes at 1/2, 1/4 or 1/8 of
 * its size, whatever its EXIF orientation.
 */
const smallImage = 256 * 256;

/** What the config says about images themselves. */
export type ImageLimits = Pick<DataConfig, 'maxPixels' | 'background'>;

/**
 * `[height, width, 3]` bytes, RGB interleaved, of any image that sharp reads: the first frame, turned upright by its EXIF
 * orientation, laid on the background where transparent, converted to 8-bit sRGB by its profile, stretched to exactly
 * `width` x `height`.
 * Throws an Error with the reason where the file is missing, broken, cut short, or has more than `maxPixels` pixels.
 */
export async function decodeImage(
  image: ByteRange,
  encoding: Encoding,
  width: number,
  height: number,
  limits: ImageLimits,
): Promise<Uint8Array> {
  // Read here, not by sharp: a missing file gives the system's own reason, and libuv's threads stay with the pixels.
  const file = readRange(image);
  if (file.length === 0) throw new Error('the file is empty');
  if (encoding.type !== 'file') {
    const raw = { rgb: interleaved(file, encoding), width: encoding.width, height: encoding.height };
    return resample(raw, width, height);
  }
  try {
    return await decodeFile(file, width, height, limits);
  } catch (error) {
    throw await explained(error, file, limits.maxPixels);
  }
}

async function decodeFile(
  file: Buffer,
  width: number,
  height: number,
  { maxPixels, background: [r, g, b] }: ImageLimits,
): Promise<Uint8Array> {
  const upright = sharp(file, { failOn: 'truncated', limitInputPixels: maxPixels })
    .autoOrient()
    .flatten({ background: { r, g, b } })
    .toColourspace('srgb')
    .raw();
  const pixels = jpegPixels(file) ?? (await pixelsOf(file, maxPixels));
  if (pixels > smallImage) return upright.resize(width, height, { fit: 'fill' }).toBuffer();
  const { data, info } = await upright.toBuffer({ resolveWithObject: true });
  return resample({ rgb: data, width: info.width, height: info.height }, width, height);
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

async function pixelsOf(file: Buffer, maxPixels: number): Promise<number> {
  const { width, height } = await sharp(file, { limitInputPixels: maxPixels }).metadata();
  return width * height;
}

/** What sharp throws against a file, or, where its size is what is wrong, that size and the limit. */
export async function explained(error: unknown, file: Buffer, maxPixels: number): Promise<unknown> {
  if (!(error instanceof Error && /exceeds pixel limit/.test(error.message))) return error;
  const { width, height } = await sharp(file, { limitInputPixels: false }).metadata();
  const count = (n: number) => n.toLocaleString('en');
  const fault = `it has ${count(width)} x ${count(height)} pixels, more than the ${count(maxPixels)} that data.maxPixels allows`;
  return new Error(fault, { cause: error });
}

/** The sample's bytes, as `PackedDataset` describes them, from `decodeImage`'s. */
export function toSample(rgb: Uint8Array, features: FeaturesConfig): Uint8Array {
  if (features.type === 'colorHistogram') {
    return new Uint8Array(colorHistogram(rgb, features.bins).buffer);
  }
  const pixels = rgb.length / 3;
  const planar = new Uint8Array(rgb.length);
  for (let i = 0; i < pixels; i++) {
    planar[i] = rgb[3 * i]!;
    planar[pixels + i] = rgb[3 * i + 1]!;
    planar[2 * pixels + i] = rgb[3 * i + 2]!;
  }
  return planar;
}

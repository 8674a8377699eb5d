import type { Sharp } from 'sharp';
import type { DataConfig } from '../../config/schema.js';
import { remarks } from '../remarks.js';
import type { ByteRange, Encoding, RawEncoding } from '../source.js';
import { type Budget, LookAtAlone } from './budget.js';
import { explained, type OpenedImage, openImage, requireMemory, strictly } from './open-image.js';
import type { PixelImage } from './pixel-image.js';
import { readRange } from './read-range.js';
import { resample } from './resample.js';
import { sharp } from './sharp.js';
import { bytesOfShorts, bytesOfValues, isDark } from './values.js';

/** Decodes an image file, on a thread of the image pool. */

/**
 * `resample` is the one filter. Before it, libvips brings an image whose shorter side is `beforehand.from` times the sample's longer one or
 * more to `beforehand.to` times the sample: then it need not hold every pixel, and a JPEG may be decoded at 1/2, 1/4 or 1/8 of its size. What
 * this changes is bounded: see docs/data.md and its test.
 */
const beforehand = { from: 8, to: 4 } as const;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Whichever way is up. */
const isShrunkBeforehand = (image: Size, sample: Size) =>
  Math.min(image.width, image.height) >= beforehand.from * Math.max(sample.width, sample.height);

/** Bytes of the pixels that `resample` gets. */
function resampledBytes(image: Size, sample: Size): number {
  const { width, height } = sample;
  const pixels = isShrunkBeforehand(image, sample)
    ? beforehand.to ** 2 * width * height
    : image.width * image.height;
  return 3 * pixels;
}

/** Largest size, bytes, of a dark 16-bit image's values that are read while other images are decoded. */
const othersLook = 16 * 2 ** 20;

/** The config's settings for decoding images. */
export type ImageLimits = Pick<DataConfig, 'maxPixels' | 'maxImageMemory' | 'background'>;

/** How the bytes of what is an image are encoded. */
export type ImageEncoding = Exclude<Encoding, { type: 'values' }>;

export interface DecodedImage {
  /** `[height, width, 3]` bytes, RGB interleaved. */
  readonly rgb: Uint8Array;
  /** Bit set of `remarks`. */
  readonly remarks: number;
}

/**
 * Decodes any image that sharp reads, except SVG: the first frame, turned upright by its EXIF orientation, laid on the background where
 * transparent, converted to 8-bit sRGB by its profile, stretched to exactly `width` x `height` as `resample` does.
 *
 * @param budget shared by the images that the thread decodes at the same time; without one, this image is decoded alone
 * @throws LookAtAlone where the image must be decoded again without a budget: it is large, or something is wrong with it
 * @throws Error with the reason where the file is missing, broken, cut short, or larger than the limits allow
 */
export async function decodeImage(
  image: ByteRange,
  encoding: ImageEncoding,
  width: number,
  height: number,
  limits: ImageLimits,
  budget?: Budget,
): Promise<DecodedImage> {
  // Read here, not by sharp: a missing file then gives the system's own reason, and libuv's threads are free to decode.
  const file = readRange(image, budget?.largestFile);
  if (encoding.type === 'file') return decodeFile(file, width, height, limits, budget);
  if (file.length === 0) throw new Error('the file is empty');
  const raw = { rgb: interleaved(file, encoding), width: encoding.width, height: encoding.height };
  return { rgb: resample(raw, width, height), remarks: 0 };
}

/** As `decodeImage`, for the bytes of an image file. */
export async function decodeFile(
  file: Buffer,
  width: number,
  height: number,
  limits: ImageLimits,
  budget?: Budget,
): Promise<DecodedImage> {
  try {
    const opened = await openImage(file, limits);
    const needs = opened.needs + resampledBytes(opened, { width, height });
    requireMemory(needs, limits);
    if (budget === undefined) return await decodeOpened(opened, width, height, limits, true);
    if (opened.careful) throw new LookAtAlone();
    return await budget.with(needs, () => decodeOpened(opened, width, height, limits, false));
  } catch (error) {
    throw await explained(error, file, limits.maxPixels);
  }
}

/** RGB of pixels in memory, to the bit that of a PNG file of them. */
export async function decodePixels(
  image: PixelImage,
  width: number,
  height: number,
  limits: ImageLimits,
): Promise<Uint8Array> {
  const { pixels, channels } = image;
  if (channels === 4 || isShrunkBeforehand(image, { width, height }))
    return decodeRaw(pixels, image, width, height, limits, 1);
  const rgb = channels === 3 ? pixels : interleaved(pixels, { ...image, type: 'gray' });
  return resample({ rgb, width: image.width, height: image.height }, width, height);
}

/** As `decodeImage`, for an opened image. */
export async function decodeOpened(
  opened: OpenedImage,
  width: number,
  height: number,
  limits: ImageLimits,
  alone: boolean,
): Promise<DecodedImage> {
  if (opened.kind === 'float' || opened.kind === 'integer')
    return decodeValues(opened, width, height, limits);
  const { result: rgb, damaged } = await strictly(opened, alone, (image) =>
    decodeUpright(image, opened, width, height, limits),
  );
  const remark = damaged ? remarks.damaged : 0;
  if (opened.kind !== 'short' || !isDark(rgb)) return { rgb, remarks: remark };
  // The image is so dark that its white may not be 65,535: look at the 16-bit values.
  if (!alone && opened.needsOfValues > othersLook) throw new LookAtAlone();
  requireMemory(opened.needsOfValues, limits);
  const { data, info } = await opened
    .image('error')
    .toColourspace(opened.space)
    .raw({ depth: 'ushort' })
    .toBuffer({ resolveWithObject: true });
  const shorts = bytesOfShorts(new Uint16Array(data.buffer, data.byteOffset, data.length / 2));
  const brightened =
    shorts.bytes && (await decodeRaw(shorts.bytes, info, width, height, limits, opened.orientation));
  return { rgb: brightened ?? rgb, remarks: remark | shorts.remark };
}

/** Decodes floats and 32-bit integers: the stored values, without a profile or a gamma. */
async function decodeValues(
  opened: OpenedImage,
  width: number,
  height: number,
  limits: ImageLimits,
): Promise<DecodedImage> {
  const { result, damaged } = await strictly(opened, true, (image) =>
    image.toColourspace(opened.space).raw({ depth: 'float' }).toBuffer({ resolveWithObject: true }),
  );
  const { data, info } = result;
  const values = new Float32Array(data.buffer, data.byteOffset, data.length / 4);
  const { bytes, remark } = bytesOfValues(values, opened.kind === 'float');
  const rgb = await decodeRaw(bytes, info, width, height, limits, opened.orientation);
  return { rgb, remarks: remark | (damaged ? remarks.damaged : 0) };
}

/** Makes RGB of raw bytes with 1 to 4 channels. */
async function decodeRaw(
  bytes: Uint8Array,
  { width, height, channels }: { width: number; height: number; channels: 1 | 2 | 3 | 4 },
  toWidth: number,
  toHeight: number,
  limits: ImageLimits,
  orientation: number,
): Promise<Uint8Array> {
  const raw = { raw: { width, height, channels }, limitInputPixels: false } as const;
  // Raw pixels cannot carry an orientation; a PNG in memory can.
  if (orientation === 1)
    return decodeUpright(sharp(bytes, raw), { width, height }, toWidth, toHeight, limits);
  const turned = await sharp(bytes, raw)
    .withMetadata({ orientation })
    .png({ compressionLevel: 1 })
    .toBuffer();
  const image = sharp(turned, { limitInputPixels: false });
  return decodeUpright(image, { width, height }, toWidth, toHeight, limits);
}

async function decodeUpright(
  image: Sharp,
  stored: Size,
  width: number,
  height: number,
  { background: [r, g, b] }: ImageLimits,
): Promise<Uint8Array> {
  const upright = image.autoOrient().flatten({ background: { r, g, b } }).toColourspace('srgb').raw();
  if (isShrunkBeforehand(stored, { width, height })) {
    // Shrunk twice as much while it is decoded, a JPEG may be shifted by some of its pixels.
    const options = { fit: 'fill', kernel: 'lanczos3', fastShrinkOnLoad: false } as const;
    upright.resize(beforehand.to * width, beforehand.to * height, options);
  }
  const { data, info } = await upright.toBuffer({ resolveWithObject: true });
  return resample({ rgb: data, width: info.width, height: info.height }, width, height);
}

/** Raw pixels as `[height, width, 3]`. */
function interleaved(bytes: Uint8Array, encoding: RawEncoding): Uint8Array {
  const pixels = encoding.width * encoding.height;
  const plane = encoding.type === 'gray' ? 0 : pixels;
  const rgb = new Uint8Array(3 * pixels);
  for (let i = 0; i < pixels; i++) {
    for (let c = 0; c < 3; c++) rgb[3 * i + c] = bytes[c * plane + i]!;
  }
  return rgb;
}

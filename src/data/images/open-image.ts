import type { Sharp } from 'sharp';
import { grouped } from '../faults.js';
import { requireOneImage } from './avif.js';
import { formatOf, type ImageFormat, isSvg } from './format.js';
import { type JpegFrame, jpegFrame, mostScans } from './jpeg-frame.js';
import { jpegNeeds, otherNeeds } from './needs.js';
import { sharp } from './sharp.js';
import { jpegInside, type TiffHeader, tiffHeader } from './tiff.js';

/** An image file before it is decoded: what it is, what it needs, and whether it may be decoded at all. */

export interface OpenedImage {
  readonly format: ImageFormat;
  readonly pixels: number;
  /** Bytes that are held while it is decoded, at most, the file among them. */
  readonly needs: number;
  /** The same where its values are looked at as they are stored. */
  readonly needsOfValues: number;
  /** Of a channel's values. */
  readonly kind: 'byte' | 'short' | 'float' | 'integer';
  /** As sharp calls it. */
  readonly space: string;
  /** As EXIF has it. */
  readonly orientation: number;
  /** Whether a damage may show only where no other image is decoded at the same time. */
  readonly careful: boolean;
  image(failOn: 'error' | 'warning'): Sharp;
}

export interface OpenLimits {
  readonly maxPixels: number;
  readonly maxImageMemory: number;
}

/** Throws an Error with the reason where the file is no image that is read, or needs more than the limits allow. */
export async function openImage(file: Buffer, limits: OpenLimits): Promise<OpenedImage> {
  if (file.length === 0) throw new Error('the file is empty');
  const format = formatOf(file);
  if (format === undefined)
    throw new Error(isSvg(file) ? 'it is a drawing (SVG)' : 'unsupported image format');
  const tiff = format === 'tiff' ? tiffHeader(file) : undefined;
  if (tiff !== undefined) requireKnown(tiff, limits.maxPixels);
  if (format === 'heif') requireOneImage(file);
  const image = (failOn: 'error' | 'warning') => sharp(file, { failOn, limitInputPixels: limits.maxPixels });
  const frame = format === 'jpeg' ? jpegFrame(file) : undefined;
  const about =
    frame === undefined ? await aboutOther(file, limits.maxPixels, tiff) : aboutJpeg(frame, limits.maxPixels);
  const needs = file.length + about.needs;
  requireMemory(needs, limits);
  const careful = tiff !== undefined && (tiff.tiled || jpegInside(tiff));
  return { format, image, ...about, needs, needsOfValues: needs + about.values, careful };
}

/** @throws Error with the reason where an image needs more bytes than the limits allow */
export function requireMemory(needs: number, { maxImageMemory }: Pick<OpenLimits, 'maxImageMemory'>): void {
  if (needs <= maxImageMemory * 2 ** 20) return;
  throw new Error(
    `it takes some ${grouped(Math.ceil(needs / 2 ** 20))} MiB to decode, more than the ${grouped(maxImageMemory)} that data.maxImageMemory allows`,
  );
}

interface About extends Pick<OpenedImage, 'pixels' | 'needs' | 'kind' | 'space' | 'orientation'> {
  /** Bytes of its values as they are stored, which sharp holds twice, and of the bytes that are made of them. */
  readonly values: number;
}

/** Without sharp, which reads a JPEG itself as it is decoded. */
function aboutJpeg(frame: JpegFrame, maxPixels: number): About {
  const { pixels, scans } = frame;
  if (scans > mostScans) throw new Error(`it has more than ${mostScans} scans (JPEG); save it anew`);
  if (pixels > maxPixels) throw new Error('Input image exceeds pixel limit');
  return { pixels, needs: jpegNeeds(frame), values: 0, kind: 'byte', space: 'srgb', orientation: 1 };
}

async function aboutOther(file: Buffer, maxPixels: number, tiff: TiffHeader | undefined): Promise<About> {
  const found = await sharp(file, { limitInputPixels: maxPixels }).metadata();
  const kind = { ushort: 'short', short: 'short', float: 'float', uint: 'integer', int: 'integer' } as const;
  return {
    pixels: found.width * found.height,
    needs: otherNeeds(found, tiff),
    // Floats' and 32-bit numbers' are among what they need.
    values: found.depth === 'ushort' ? 5 * found.width * found.height * found.channels : 0,
    kind: kind[found.depth as keyof typeof kind] ?? 'byte',
    space: found.space,
    orientation: found.orientation ?? 1,
  };
}

/** Throws an Error with the reason for what libvips would refuse in its own words, or read as something else. */
function requireKnown(tiff: TiffHeader, maxPixels: number): void {
  const { channels, bits, sampleFormat, photometric, width, height, paddedWidth, paddedHeight } = tiff;
  const padded = paddedWidth * paddedHeight;
  // Tiles that the image fills to less than a quarter are decoded all the same.
  if (padded > maxPixels && padded > 4 * width * height) {
    throw new Error(
      `its tiles hold ${grouped(padded)} pixels, more than the ${grouped(maxPixels)} that data.maxPixels allows`,
    );
  }
  if (photometric === 8 || photometric === 9) {
    throw new Error('its colours are CIELab, which is not read; convert it to RGB');
  }
  if (channels > 4) {
    throw new Error(
      `it has ${channels} channels; 1 to 4 are read (gray, RGB or CMYK; gray or RGB with transparency)`,
    );
  }
  if (bits > 32) throw new Error(`it has ${bits} bits a channel; up to 32 are read`);
  if (sampleFormat === 2) throw new Error('its values are signed; unsigned ones and floats are read');
  if (sampleFormat > 4) throw new Error('its values are complex numbers; unsigned ones and floats are read');
}

/**
 * What `decode` makes of an image, read as strictly as intact files bear, and whether it is damaged where decoders only warn.
 *
 * Of TIFF the strictest reading fails at tags that are merely unknown, and a text of warnings is the whole process's: an image is
 * said to be damaged only where it is decoded `alone`. Otherwise, whatever is wrong with it is thrown.
 */
export async function strictly<T>(
  { image, format }: Pick<OpenedImage, 'image' | 'format'>,
  alone: boolean,
  decode: (image: Sharp) => Promise<T>,
): Promise<{ readonly result: T; readonly damaged: boolean }> {
  if (!alone) return { result: await decode(image(format === 'tiff' ? 'error' : 'warning')), damaged: false };
  let warning = '';
  // The first attempt also takes the warnings that others have left.
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      return { result: await decode(image('warning')), damaged: false };
    } catch (error) {
      warning = error instanceof Error ? error.message : String(error);
    }
  }
  // A tile that cannot be decoded is an error that libvips passes over.
  if (format === 'tiff' && !warning.startsWith('Warning treated as error')) throw new Error(warning);
  return { result: await decode(image('error')), damaged: /corrupt|premature|damage/i.test(warning) };
}

/** What sharp throws against a file, or, where its size is what is wrong, that size and the limit. */
export async function explained(error: unknown, file: Buffer, maxPixels: number): Promise<unknown> {
  if (!(error instanceof Error && /exceeds pixel limit/.test(error.message))) return error;
  const { width, height } = await sharp(file, { limitInputPixels: false }).metadata();
  const fault = `it has ${grouped(width)} x ${grouped(height)} pixels, more than the ${grouped(maxPixels)} that data.maxPixels allows`;
  return new Error(fault, { cause: error });
}

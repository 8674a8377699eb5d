import type { Sharp } from 'sharp';
import { grouped } from '../faults.js';
import { requireOneImage } from './avif.js';
import { formatOf, type ImageFormat, isSvg } from './format.js';
import { type JpegFrame, jpegFrame, mostScans } from './jpeg-frame.js';
import { jpegNeeds, otherNeeds } from './needs.js';
import { sharp } from './sharp.js';
import { jpegInside, type TiffHeader, tiffHeader } from './tiff.js';

/** Examines an image file before it is decoded: its format, the memory it needs, and whether it may be decoded at all. */

export interface OpenedImage {
  readonly format: ImageFormat;
  /** Size as it is stored, before EXIF turns it. */
  readonly width: number;
  readonly height: number;
  /** Upper bound of the bytes held while it is decoded, with the file itself. */
  readonly needs: number;
  /** The same where the values are read as they are stored. */
  readonly needsOfValues: number;
  /** Type of a channel's values. */
  readonly kind: 'byte' | 'short' | 'float' | 'integer';
  /** Colour space, named as in sharp. */
  readonly space: string;
  /** EXIF orientation. */
  readonly orientation: number;
  /** Whether damage may show only when no other image is decoded at the same time. */
  readonly careful: boolean;
  image(failOn: 'error' | 'warning'): Sharp;
}

export interface OpenLimits {
  readonly maxPixels: number;
  readonly maxImageMemory: number;
}

/** Of a file that its first bytes refuse: certain, whatever else is decoded at the same time. */
export class NoImage extends Error {}

/** Throws an Error with the reason where the file is no supported image, or exceeds the limits. */
export async function openImage(file: Buffer, limits: OpenLimits): Promise<OpenedImage> {
  if (file.length === 0) throw new NoImage('the file is empty');
  const format = formatOf(file);
  if (format === undefined)
    throw new NoImage(isSvg(file) ? 'it is a drawing (SVG)' : 'unsupported image format');
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

interface About extends Pick<OpenedImage, 'width' | 'height' | 'needs' | 'kind' | 'space' | 'orientation'> {
  /** Bytes of the stored values, which sharp holds twice, and of the bytes made of them. */
  readonly values: number;
}

/** From the frame header alone, without asking sharp. */
function aboutJpeg(frame: JpegFrame, maxPixels: number): About {
  const { width, height, scans } = frame;
  if (scans > mostScans) throw new Error(`it has more than ${mostScans} scans (JPEG); save it anew`);
  if (width * height > maxPixels) throw new Error('Input image exceeds pixel limit');
  return { width, height, needs: jpegNeeds(frame), values: 0, kind: 'byte', space: 'srgb', orientation: 1 };
}

async function aboutOther(file: Buffer, maxPixels: number, tiff: TiffHeader | undefined): Promise<About> {
  const metadata = await sharp(file, { limitInputPixels: maxPixels }).metadata();
  const kind = { ushort: 'short', short: 'short', float: 'float', uint: 'integer', int: 'integer' } as const;
  return {
    width: metadata.width,
    height: metadata.height,
    needs: otherNeeds(metadata, tiff),
    // For floats and 32-bit integers, `needs` includes the values.
    values: metadata.depth === 'ushort' ? 5 * metadata.width * metadata.height * metadata.channels : 0,
    kind: kind[metadata.depth as keyof typeof kind] ?? 'byte',
    space: metadata.space,
    orientation: metadata.orientation ?? 1,
  };
}

/** Throws an Error with the reason for kinds of TIFF that libvips refuses with an unclear message, or misreads. */
function requireKnown(tiff: TiffHeader, maxPixels: number): void {
  const { channels, bits, sampleFormat, photometric, width, height, paddedWidth, paddedHeight } = tiff;
  const padded = paddedWidth * paddedHeight;
  // Tiles are decoded whole, however little of them the image fills.
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
 * Runs `decode` on an image as strictly as intact files allow. Also tells whether the image is damaged where decoders only warn.
 *
 * The strictest mode fails for TIFF files with merely unknown tags, and libvips' warnings belong to the whole process. So `damaged` is
 * reported only where the image is decoded `alone`; otherwise any fault is thrown.
 */
export async function strictly<T>(
  { image, format }: Pick<OpenedImage, 'image' | 'format'>,
  alone: boolean,
  decode: (image: Sharp) => Promise<T>,
): Promise<{ readonly result: T; readonly damaged: boolean }> {
  if (!alone) return { result: await decode(image(format === 'tiff' ? 'error' : 'warning')), damaged: false };
  let warning = '';
  // Two attempts: the first may fail because of another image's leftover warnings.
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      return { result: await decode(image('warning')), damaged: false };
    } catch (error) {
      warning = error instanceof Error ? error.message : String(error);
    }
  }
  // With 'error', libvips would pass over a tile that cannot be decoded, so its fault is thrown here.
  if (format === 'tiff' && !warning.startsWith('Warning treated as error')) throw new Error(warning);
  return { result: await decode(image('error')), damaged: /corrupt|premature|damage/i.test(warning) };
}

/** An error of sharp, made clearer: for an image that is too large, it names the size and the limit. */
export async function explained(error: unknown, file: Buffer, maxPixels: number): Promise<unknown> {
  if (!(error instanceof Error && /exceeds pixel limit/.test(error.message))) return error;
  const { width, height } = await sharp(file, { limitInputPixels: false }).metadata();
  const fault = `it has ${grouped(width)} x ${grouped(height)} pixels, more than the ${grouped(maxPixels)} that data.maxPixels allows`;
  return new Error(fault, { cause: error });
}

import type { Metadata } from 'sharp';
import type { JpegFrame } from './jpeg-frame.js';
import type { TiffHeader } from './tiff.js';

/**
 * Bytes that are held at a time while an image is decoded, beside the file itself: most formats are decoded a few rows at a time, some
 * only as a whole. Upper bounds, by the header.
 */

const bytesOfDepth: Readonly<Partial<Record<NonNullable<Metadata['depth']>, number>>> = {
  ...{ ushort: 2, short: 2, uint: 4, int: 4, float: 4, double: 8 },
};

/** Of one that is decoded as a whole every coefficient, 2 bytes each. */
export const jpegNeeds = ({ pixels, channels, whole }: JpegFrame): number =>
  whole ? 2 * pixels * channels : 0;

/** Of what a decoder of other formats holds, by what sharp says of the image. */
export function otherNeeds(found: Metadata, tiff: TiffHeader | undefined): number {
  const { width, height, channels, format, isProgressive, orientation = 1 } = found;
  const pixels = width * height;
  const value = bytesOfDepth[found.depth] ?? 1;
  const whole = pixels * channels * value;
  // What is turned is held whole; so are floats, beside the bytes that are made of them.
  const turned = orientation > 1 ? whole : 0;
  const values = value < 4 ? 0 : 2 * whole + pixels * channels;
  if (tiff !== undefined) {
    const rows = 2 * tiff.paddedWidth * tiff.rows * channels * value;
    return Math.max(rows, turned, values);
  }
  if (format === 'png') return isProgressive ? whole + turned : turned;
  // A frame of 4 bytes a pixel, and as much again while it is made.
  return 8 * pixels;
}

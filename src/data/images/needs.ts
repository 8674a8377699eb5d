import type { Metadata } from 'sharp';
import type { JpegFrame } from './jpeg-frame.js';
import type { TiffHeader } from './tiff.js';

/**
 * The memory that decoding an image takes, bytes, without the file itself: upper bounds, computed from the header. Most formats are
 * decoded a few rows at a time, some only as a whole.
 */

const bytesOfDepth: Readonly<Partial<Record<NonNullable<Metadata['depth']>, number>>> = {
  ...{ ushort: 2, short: 2, uint: 4, int: 4, float: 4, double: 8 },
};

/** For a JPEG: one that is decoded as a whole holds every coefficient, 2 bytes each. */
export const jpegNeeds = ({ width, height, channels, whole }: JpegFrame): number =>
  whole ? 2 * width * height * channels : 0;

/** For the other formats, by sharp's metadata. */
export function otherNeeds(metadata: Metadata, tiff: TiffHeader | undefined): number {
  const { width, height, channels, format, isProgressive, orientation = 1 } = metadata;
  const pixels = width * height;
  const value = bytesOfDepth[metadata.depth] ?? 1;
  const whole = pixels * channels * value;
  // A turned image is held whole. So are floats, together with the bytes made of them.
  const turned = orientation > 1 ? whole : 0;
  const values = value < 4 ? 0 : 2 * whole + pixels * channels;
  if (tiff !== undefined) {
    const rows = 2 * tiff.paddedWidth * tiff.rows * channels * value;
    return Math.max(rows, turned, values);
  }
  if (format === 'png') return isProgressive ? whole + turned : turned;
  // A frame of 4 bytes per pixel, and as much again while it is decoded.
  return 8 * pixels;
}

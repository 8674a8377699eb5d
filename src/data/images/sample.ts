import type { FeaturesConfig } from '../../config/schema.js';
import { areValues, type ImageFeatures } from '../features.js';
import { isOneColor, remarks } from '../remarks.js';
import type { ByteRange, Encoding } from '../source.js';
import type { Budget } from './budget.js';
import { decodeImage, type ImageLimits } from './decode.js';
import { readRange } from './read-range.js';

/** A sample's bytes, and a bit set of `remarks`. */
export interface MadeSample {
  readonly bytes: Uint8Array;
  readonly remarks: number;
}

/**
 * Makes a sample of what a dataset holds.
 * @throws as `decodeImage`, and Error with the reason for a value that is not finite
 */
export async function makeSample(
  range: ByteRange,
  encoding: Encoding,
  features: FeaturesConfig,
  limits: ImageLimits,
  budget?: Budget,
): Promise<MadeSample> {
  if (encoding.type === 'values' || areValues(features))
    return { bytes: finiteValues(readRange(range)), remarks: 0 };
  const { width, height } = features;
  const decoded = await decodeImage(range, encoding, width, height, limits, budget);
  const bytes = toSample(decoded.rgb, features);
  return { bytes, remarks: decoded.remarks | (isOneColor(bytes, features) ? remarks.oneColor : 0) };
}

/** @throws Error with the reason where one is not finite: nothing could be learned from it */
export function finiteValues(bytes: Uint8Array): Uint8Array {
  const values = new Float32Array(Uint8Array.from(bytes).buffer);
  const odd = values.findIndex((value) => !Number.isFinite(value));
  if (odd >= 0) throw new Error(`its value ${odd} is ${values[odd]}; expected a finite number`);
  return bytes;
}

/** Makes a sample's bytes (see `SampleFormat`) of an image's `[height, width, 3]`. */
export function toSample(rgb: Uint8Array, features: ImageFeatures): Uint8Array {
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

/**
 * Colour histogram of an image: `[3 * bins]`, for R, G and B in turn the numbers of pixels in `bins` equal bins over
 * [0, 256), each channel scaled to L2 norm 1. Counted and scaled in double, rounded once to float32.
 *
 * `rgb` is interleaved, `[height, width, 3]`, and has at least one pixel; `bins` is a power of two up to 256.
 */
export function colorHistogram(rgb: Uint8Array, bins: number): Float32Array {
  const counts = new Float64Array(3 * bins);
  const shift = 8 - Math.log2(bins);
  for (let i = 0; i < rgb.length; i += 3) {
    for (let c = 0; c < 3; c++) counts[c * bins + (rgb[i + c]! >> shift)]!++;
  }
  const histogram = new Float32Array(3 * bins);
  for (let begin = 0; begin < counts.length; begin += bins) {
    let squares = 0;
    for (let b = begin; b < begin + bins; b++) squares += counts[b]! * counts[b]!;
    const norm = Math.sqrt(squares);
    for (let b = begin; b < begin + bins; b++) histogram[b] = counts[b]! / norm;
  }
  return histogram;
}

import { lanes } from '../kernels.js';
import { tensor } from '../plain.js';

type Values = ArrayLike<number>;

/** Eight samples, one after the other, to lane groups: each value by `change`. */
export const gathered = (
  samples: Values,
  apart: number,
  offset: number,
  count: number,
  change: (value: number, lane: number) => number,
) => tensor([count, lanes], (i, lane) => change(samples[lane! * apart + offset + i!]!, lane!));

/** (clamp(byte * gain + lift, 0, 255) * scale + shift) * weight; `jitter` holds gains, lifts and weights, 8 each. */
export function jittered(byte: number, lane: number, scale: number, shift: number, jitter: Values): number {
  const [gain, lift, weight] = [0, lanes, 2 * lanes].map((first) => jitter[first + lane]!);
  const value = Math.min(255, Math.max(0, byte * gain! + lift!));
  return (value * scale + shift) * weight!;
}

export interface Frame {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

export interface Move extends Frame {
  readonly down: number;
  readonly right: number;
  readonly mirrored: boolean;
  readonly inverted: boolean;
  readonly reflects: boolean;
}

/** Where a row or column outside an image of `size` is mirrored at its first or last one. */
const reflected = (i: number, size: number) => (i < 0 ? -i : i < size ? i : 2 * (size - 1) - i);

/** An image's bytes moved and mirrored; what lies outside is the channel's fill, or the image's reflection. */
export function reframed(bytes: Values, fills: Values, move: Move): Float64Array {
  const { channels, height, width, down, right, mirrored, inverted, reflects } = move;
  return tensor([channels, height, width], (c, r, x) => {
    let row = (inverted ? height - 1 - r! : r!) + down;
    let column = (mirrored ? width - 1 - x! : x!) + right;
    if (reflects) [row, column] = [reflected(row, height), reflected(column, width)];
    const outside = row < 0 || row >= height || column < 0 || column >= width;
    return outside ? fills[c!]! : bytes[(c! * height + row) * width + column]!;
  });
}

/** Rows [top, bottom) and columns [left, right). */
export interface Rectangle {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** An image with other values in a rectangle. */
export function withRectangle(
  bytes: Values,
  { channels, height, width }: Frame,
  { top, bottom, left, right }: Rectangle,
  value: (channel: number, index: number) => number,
): Float64Array {
  return tensor([channels, height, width], (c, r, x) => {
    const index = (c! * height + r!) * width + x!;
    const inside = r! >= top && r! < bottom && x! >= left && x! < right;
    return inside ? value(c!, index) : bytes[index]!;
  });
}

/** A uniform byte of (key, index), by lowbias32. */
export function noiseByte(key: number, index: number): number {
  let h = key ^ Math.imul(index, 0x9e3779b9);
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return (h ^ (h >>> 16)) >>> 24;
}

/** `[xx, xy, x0, yx, yy, y0]` */
export type Affine = readonly [number, number, number, number, number, number];

/** Bilinear values at the points that an affine map gives, of the pixels in a rectangle; the fill outside of it. */
export function warped(
  bytes: Values,
  fills: Values,
  { channels, height, width }: Frame,
  [xx, xy, x0, yx, yy, y0]: Affine,
  { top, bottom, left, right }: Rectangle,
): Float64Array {
  const clamp = (value: number, low: number, end: number) => Math.min(end - 1, Math.max(low, value));
  return tensor([channels, height, width], (c, r, x) => {
    const u = xx * (x! + 0.5) + xy * (r! + 0.5) + x0;
    const v = yx * (x! + 0.5) + yy * (r! + 0.5) + y0;
    if (u < left || u >= right || v < top || v >= bottom) return fills[c!]!;
    const [column, row] = [Math.floor(u - 0.5), Math.floor(v - 0.5)];
    const [fx, fy] = [u - 0.5 - column, v - 0.5 - row];
    const at = (dy: number, dx: number) =>
      bytes[(c! * height + clamp(row + dy, top, bottom)) * width + clamp(column + dx, left, right)]!;
    return (at(0, 0) * (1 - fx) + at(0, 1) * fx) * (1 - fy) + (at(1, 0) * (1 - fx) + at(1, 1) * fx) * fy;
  });
}

/** Three planes through a matrix of 3 rows, rounded and clipped to bytes. */
export function recolored(bytes: Values, pixels: number, matrix: readonly number[]): Float64Array {
  return tensor([3, pixels], (c, x) => {
    const weights = matrix.slice(3 * c!, 3 * c! + 3);
    const sum = weights.reduce((total, weight, from) => total + weight * bytes[from * pixels + x!]!, 0);
    return Math.min(255, Math.max(0, Math.round(sum)));
  });
}

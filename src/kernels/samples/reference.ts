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
  readonly down: number;
  readonly right: number;
  readonly mirrored: boolean;
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly end: number;
}

/** An image's bytes through another frame: moved, mirrored, with a hole; what lies outside, or in the hole, is the channel's fill. */
export function reframed(bytes: Values, fills: Values, frame: Frame): Float64Array {
  const { channels, height, width, down, right, mirrored, top, bottom, left, end } = frame;
  return tensor([channels, height, width], (c, r, x) => {
    const [row, column] = [r! + down, (mirrored ? width - 1 - x! : x!) + right];
    const outside = row < 0 || row >= height || column < 0 || column >= width;
    const hole = r! >= top && r! < bottom && x! >= left && x! < end;
    return outside || hole ? fills[c!]! : bytes[(c! * height + row) * width + column]!;
  });
}

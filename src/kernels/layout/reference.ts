import { lanes } from '../kernels.js';
import { place, tensor } from '../plain.js';

type Values = ArrayLike<number>;

/** Lane groups `[count]` to 8 rows, one a sample, of `row` values. */
export const transposed = (x: Values, count: number, row: number) =>
  tensor([lanes, row], (lane, i) => (i! < count ? x[i! * lanes + lane!]! : 0));

export interface SampleRows {
  readonly channels: number;
  readonly rows: number;
  readonly columns: number;
  /** From one sample, or row of one, to the next: values. */
  readonly sample: number;
  readonly row: number;
}

/** Where a value lies in 8 samples, one after the other, each `[row][column][channel]`. */
const inSamples = ({ sample, row, channels }: SampleRows, c: number, r: number, s: number, lane: number) =>
  lane * sample + r * row + s * channels + c;

/** Lane groups `[channels][rows][columns]` to samples of `length` values in all; the rest is 0. */
export function toSamples(x: Values, size: SampleRows, length: number): Float64Array {
  const shape = [size.channels, size.rows, size.columns, lanes];
  const to = new Float64Array(length);
  tensor(shape, (c, r, s, lane) => {
    to[inSamples(size, c!, r!, s!, lane!)] = x[place(shape, c!, r!, s!, lane!)]!;
    return 0;
  });
  return to;
}

export const fromSamples = (samples: Values, size: SampleRows) =>
  tensor(
    [size.channels, size.rows, size.columns, lanes],
    (c, r, s, lane) => samples[inSamples(size, c!, r!, s!, lane!)]!,
  );

export interface Frame {
  readonly channels: number;
  readonly rows: number;
  readonly columns: number;
  readonly height: number;
  readonly width: number;
  readonly top: number;
  readonly left: number;
}

/** A picture in a larger one of zeros. */
/** `apart`: steps in outer from a row and a column of inner to the next. */
export const embedded = (
  inner: Values,
  { channels, rows, columns, height, width, top, left }: Frame,
  apart: readonly [number, number] = [1, 1],
) =>
  tensor([channels, height, width, lanes], (c, y, x, lane) => {
    const [r, s] = [(y! - top) / apart[0], (x! - left) / apart[1]];
    const isWhole = Number.isInteger(r) && Number.isInteger(s);
    const inside = isWhole && r >= 0 && r < rows && s >= 0 && s < columns;
    return inside ? inner[place([channels, rows, columns, lanes], c!, r, s, lane!)]! : 0;
  });

export const cropped = (outer: Values, { channels, rows, columns, height, width, top, left }: Frame) =>
  tensor(
    [channels, rows, columns, lanes],
    (c, r, s, lane) => outer[place([channels, height, width, lanes], c!, r! + top, s! + left, lane!)]!,
  );

/** `planes` planes of `groups` lane groups each, `apart` lane groups apart; between them zeros. */
export const planesApart = (x: Values, planes: number, groups: number, apart: number) =>
  tensor([planes, apart, lanes], (p, g, lane) =>
    g! < groups ? x[place([planes, groups, lanes], p!, g!, lane!)]! : 0,
  );

import { storeTransposed } from './transpose.as';
import { GROUP } from '../shared/vector.as';
import { Four, One, Three, Two, widthOf } from '../shared/width.as';

/** Between lane groups `[channels][rows][columns]` and 8 samples, one after the other, each `[row][column][channel]`. */

/** A row of up to four channels. */
// @ts-ignore: decorator
@inline
function rowTo(channels: i32, x: usize, plane: usize, columns: i32, to: usize, pixel: usize, sample: usize): void {
  const x1 = x + plane, x2 = x1 + plane, x3 = x2 + plane, zero = f32x4.splat(0);
  for (let at: usize = 0, end = <usize>columns * GROUP; at < end; at += GROUP, to += pixel) {
    for (let half: usize = 0; half < 32; half += 16) {
      const i = at + half;
      storeTransposed(
        v128.load(x + i), channels > 1 ? v128.load(x1 + i) : zero, channels > 2 ? v128.load(x2 + i) : zero,
        channels > 3 ? v128.load(x3 + i) : zero, to + half / 4 * sample, sample,
      );
    }
  }
}

function rowToOf<Width>(x: usize, plane: usize, columns: i32, to: usize, pixel: usize, sample: usize): void {
  rowTo(widthOf<Width>(), x, plane, columns, to, pixel, sample);
}

/**
 * Lane groups to samples, at `to`, `sample` bytes apart, rows `row` bytes apart. Up to 12 bytes behind a row become 0 where channels
 * are not a multiple of 4.
 */
export function toSamples(x: usize, channels: i32, rows: i32, columns: i32, to: usize, sample: usize, row: usize): void {
  const line = <usize>columns * GROUP, plane = <usize>rows * line, pixel = <usize>channels << 2;
  for (let r = 0; r < rows; r++) {
    // From the last channels on: what they write too much is written over.
    for (let c = (channels - 1) & ~3; c >= 0; c -= 4) {
      const from = x + <usize>c * plane, at = to + (<usize>c << 2), size = channels - c;
      if (size >= 4) rowToOf<Four>(from, plane, columns, at, pixel, sample);
      else if (size == 3) rowToOf<Three>(from, plane, columns, at, pixel, sample);
      else if (size == 2) rowToOf<Two>(from, plane, columns, at, pixel, sample);
      else rowToOf<One>(from, plane, columns, at, pixel, sample);
    }
    x += line;
    to += row;
  }
}

/** A row of up to four channels. */
// @ts-ignore: decorator
@inline
function rowFrom(channels: i32, from: usize, pixel: usize, sample: usize, columns: i32, x: usize, plane: usize): void {
  const x1 = x + plane, x2 = x1 + plane, x3 = x2 + plane;
  for (let at: usize = 0, end = <usize>columns * GROUP; at < end; at += GROUP, from += pixel) {
    for (let half: usize = 0; half < 32; half += 16) {
      const i = at + half, f = from + half / 4 * sample;
      const r0 = v128.load(f), r1 = v128.load(f + sample), r2 = v128.load(f + sample * 2), r3 = v128.load(f + sample * 3);
      const t0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), t2 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
      v128.store(x + i, v128.shuffle<f32>(t0, t2, 0, 1, 4, 5));
      if (channels > 1) v128.store(x1 + i, v128.shuffle<f32>(t0, t2, 2, 3, 6, 7));
      if (channels > 2) {
        const t1 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7), t3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
        v128.store(x2 + i, v128.shuffle<f32>(t1, t3, 0, 1, 4, 5));
        if (channels > 3) v128.store(x3 + i, v128.shuffle<f32>(t1, t3, 2, 3, 6, 7));
      }
    }
  }
}

function rowFromOf<Width>(from: usize, pixel: usize, sample: usize, columns: i32, x: usize, plane: usize): void {
  rowFrom(widthOf<Width>(), from, pixel, sample, columns, x, plane);
}

/** Samples to lane groups: `toSamples` backwards. */
export function fromSamples(from: usize, sample: usize, row: usize, channels: i32, rows: i32, columns: i32, x: usize): void {
  const line = <usize>columns * GROUP, plane = <usize>rows * line, pixel = <usize>channels << 2;
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < channels; c += 4) {
      const at = from + (<usize>c << 2), to = x + <usize>c * plane, size = channels - c;
      if (size >= 4) rowFromOf<Four>(at, pixel, sample, columns, to, plane);
      else if (size == 3) rowFromOf<Three>(at, pixel, sample, columns, to, plane);
      else if (size == 2) rowFromOf<Two>(at, pixel, sample, columns, to, plane);
      else rowFromOf<One>(at, pixel, sample, columns, to, plane);
    }
    x += line;
    from += row;
  }
}

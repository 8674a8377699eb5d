import { GROUP, put, scaled } from '../shared/vector.as';
import { Five, Four, Three, Two, widthOf } from '../shared/width.as';

/**
 * The gradient of a convolution's weights by Winograd's filtering (see `rows.as.ts`): with dy for the taps, r weights take 6 products a
 * tile too. Each point's products are `convWeightGradient` over the planes.
 */

/** dy of tile columns: zero behind the row's end. */
// @ts-ignore: decorator
@inline
function tap(k: i32, step: i32, left: i32, dy: usize, half: usize): v128 {
  return k < step && k < left ? v128.load(dy + <usize>(k << 5) + half) : f32x4.splat(0);
}

/** G of dy, `step` taps a tile: with it, a tile's part in the gradient of r weights takes 6 products too. */
// @ts-ignore: decorator
@inline
function gradientTile(step: i32, left: i32, dy: usize, to: usize, plane: usize): void {
  for (let half: usize = 0; half < 32; half += 16) {
    const d0 = tap(0, step, left, dy, half), d1 = tap(1, step, left, dy, half), d2 = tap(2, step, left, dy, half);
    const d3 = tap(3, step, left, dy, half), d4 = tap(4, step, left, dy, half);
    let even1 = d0, even2 = d0, odd1 = d1, odd2 = f32x4.add(d1, d1);
    if (step > 2) { even1 = f32x4.add(even1, d2); even2 = f32x4.add(even2, scaled(d2, 4)); }
    if (step > 3) { odd1 = f32x4.add(odd1, d3); odd2 = f32x4.add(odd2, scaled(d3, 8)); }
    if (step > 4) { even1 = f32x4.add(even1, d4); even2 = f32x4.add(even2, scaled(d4, 16)); }
    let at = to + half;
    v128.store(at, scaled(d0, 0.25)); at += plane;
    v128.store(at, scaled(f32x4.add(even1, odd1), -1.0 / 6.0)); at += plane;
    v128.store(at, scaled(f32x4.sub(even1, odd1), -1.0 / 6.0)); at += plane;
    v128.store(at, scaled(f32x4.add(even2, odd2), 1.0 / 24.0)); at += plane;
    v128.store(at, scaled(f32x4.sub(even2, odd2), 1.0 / 24.0)); at += plane;
    v128.store(at, step == 2 ? d1 : step == 3 ? d2 : step == 4 ? d3 : d4);
  }
}

// @ts-ignore: decorator
@inline
function gradientTiles(step: i32, dy: usize, lines: i32, columns: i32, to: usize, plane: usize): void {
  for (let line = 0; line < lines; line++) {
    for (let left = columns; left > 0; left -= step, to += GROUP) {
      if (left >= step) gradientTile(step, step, dy, to, plane);
      else gradientTile(step, left, dy, to, plane);
      dy += <usize>(min(left, step) << 5);
    }
  }
}

function gradientTilesOf<Width>(dy: usize, lines: i32, columns: i32, to: usize, plane: usize): void {
  gradientTiles(widthOf<Width>(), dy, lines, columns, to, plane);
}

/** G of all of dy, `lines` rows of `columns` lane groups, to `[6][lines][tiles]` lane groups, points `plane` bytes apart. */
export function winogradGradient(dy: usize, lines: i32, columns: i32, step: i32, to: usize, plane: usize): void {
  if (step == 2) gradientTilesOf<Two>(dy, lines, columns, to, plane);
  else if (step == 3) gradientTilesOf<Three>(dy, lines, columns, to, plane);
  else if (step == 4) gradientTilesOf<Four>(dy, lines, columns, to, plane);
  else gradientTilesOf<Five>(dy, lines, columns, to, plane);
}

/** A of `[6][count]` sums to the gradient of `[count][taps]` weights; added to if `accumulate`. */
export function unpackWinograd(sums: usize, count: i32, taps: i32, dw: usize, accumulate: bool): void {
  const plane = <usize>count << 2;
  for (let i = 0; i < count; i++) {
    let at = sums;
    const m0 = load<f32>(at); at += plane;
    const m1 = load<f32>(at); at += plane;
    const m2 = load<f32>(at); at += plane;
    const m3 = load<f32>(at); at += plane;
    const m4 = load<f32>(at); at += plane;
    const m5 = load<f32>(at);
    const s = m1 + m2, d = m1 - m2, S = m3 + m4, D = m3 - m4;
    put(dw, m0 + s + S, accumulate); dw += 4;
    put(dw, taps == 2 ? d + D * 2 + m5 : d + D * 2, accumulate); dw += 4;
    if (taps > 2) { put(dw, taps == 3 ? s + S * 4 + m5 : s + S * 4, accumulate); dw += 4; }
    if (taps > 3) { put(dw, taps == 4 ? d + D * 8 + m5 : d + D * 8, accumulate); dw += 4; }
    if (taps > 4) { put(dw, s + S * 16 + m5, accumulate); dw += 4; }
    sums += 4;
  }
}

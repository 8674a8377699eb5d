/** Between lane groups and rows of one sample each. */

/** Four rows of four to four columns of four, `step` bytes apart. */
// @ts-ignore: decorator
@inline
export function storeTransposed(r0: v128, r1: v128, r2: v128, r3: v128, to: usize, step: usize): void {
  const t0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), t1 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const t2 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5), t3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(t0, t2, 0, 1, 4, 5));
  v128.store(to + step, v128.shuffle<f32>(t0, t2, 2, 3, 6, 7));
  v128.store(to + step * 2, v128.shuffle<f32>(t1, t3, 0, 1, 4, 5));
  v128.store(to + step * 3, v128.shuffle<f32>(t1, t3, 2, 3, 6, 7));
}

// @ts-ignore: decorator
@inline
function transpose4(from: usize, to: usize, toRow: usize): void {
  storeTransposed(v128.load(from), v128.load(from, 32), v128.load(from, 64), v128.load(from, 96), to, toRow);
}

/** Lane groups `[count]` to 8 rows of `count` floats, rounded up to a multiple of 8; x is readable that far. */
export function transpose(x: usize, count: i32, rows: usize): void {
  const row = <usize>((count + 7) & ~7) << 2;
  for (let i = 0; i < count; i += 4) {
    transpose4(x, rows, row);
    transpose4(x + 16, rows + row * 4, row);
    x += 128;
    rows += 16;
  }
}

import { BLOCK, GROUP, madd, put } from '../shared/vector.as';
import { Five, Four, One, Six, Three, Two, widthOf } from '../shared/width.as';

/**
 * The backward pass of a convolution behind which a max-pool stands. Only a window's argmax gets a gradient, so three
 * quarters of the products of a 2 x 2 pool are products with zero: here they are not made.
 *
 * Argmaxes differ from sample to sample, so a vector cannot hold the 8 samples; it holds 4 neighbouring inputs of one. The pictures lie
 * sample by sample, `[row][column][channel]` with their padding, where a kernel row's inputs, its *patch row*, are one run of
 * kernelWidth * channels floats. `patchVectors` is that run's vectors; what a last one holds too much is another's, and is left out.
 */

/** How many of the vectors left go together. */
// @ts-ignore: decorator
@inline
function chunk(left: i32): i32 {
  return left == 7 || left == 8 ? 4 : min(left, 6);
}

/** Add two vectors, or one, to what is there. Both are read before one is written, so that an engine may join them. */
// @ts-ignore: decorator
@inline
function addTo(at: usize, two: bool, a: v128, b: v128): void {
  const lo = f32x4.add(v128.load(at), a);
  if (two) {
    const hi = f32x4.add(v128.load(at, 16), b);
    v128.store(at, lo); v128.store(at, hi, 16);
  } else v128.store(at, lo);
}

/**
 * sums[v] += sum over the argmaxes of dz * x[argmax + v], for up to 6 vectors (with 8, V8 up to 12 spills); those from `second` on are the
 * next row's.
 */
// @ts-ignore: decorator
@inline
function gradientBlock(vectors: i32, second: i32, x: usize, row: usize, list: usize, size: usize, sums: usize): void {
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0;
  const next = row - (<usize>second << 4);
  for (const end = list + size; list < end; list += 8) {
    const d = v128.load32_splat(list, 4), p = x + <usize>load<u32>(list), q = p + next;
    a0 = madd(a0, v128.load(p), d);
    if (vectors > 1) a1 = madd(a1, second > 1 ? v128.load(p, 16) : v128.load(q, 16), d);
    if (vectors > 2) a2 = madd(a2, second > 2 ? v128.load(p, 32) : v128.load(q, 32), d);
    if (vectors > 3) a3 = madd(a3, second > 3 ? v128.load(p, 48) : v128.load(q, 48), d);
    if (vectors > 4) a4 = madd(a4, second > 4 ? v128.load(p, 64) : v128.load(q, 64), d);
    if (vectors > 5) a5 = madd(a5, second > 5 ? v128.load(p, 80) : v128.load(q, 80), d);
  }
  addTo(sums, vectors > 1, a0, a1);
  if (vectors > 2) addTo(sums + 32, vectors > 3, a2, a3);
  if (vectors > 4) addTo(sums + 64, vectors > 5, a4, a5);
}

function oneRowOf<Width>(x: usize, row: usize, list: usize, size: usize, sums: usize): void {
  gradientBlock(widthOf<Width>(), 6, x, row, list, size, sums);
}

function twoRowsOf<Width>(x: usize, row: usize, list: usize, size: usize, sums: usize): void {
  gradientBlock(2 * widthOf<Width>(), widthOf<Width>(), x, row, list, size, sums);
}

// @ts-ignore: decorator
@inline
function gradientOf(vectors: i32, x: usize, r: usize, l: usize, n: usize, s: usize): void {
  switch (vectors) {
    case 1: return oneRowOf<One>(x, r, l, n, s);
    case 2: return oneRowOf<Two>(x, r, l, n, s);
    case 3: return oneRowOf<Three>(x, r, l, n, s);
    case 4: return oneRowOf<Four>(x, r, l, n, s);
    case 5: return oneRowOf<Five>(x, r, l, n, s);
    default: return oneRowOf<Six>(x, r, l, n, s);
  }
}

// @ts-ignore: decorator
@inline
function gradientOfTwoRows(vectors: i32, x: usize, r: usize, l: usize, n: usize, s: usize): void {
  switch (vectors) {
    case 1: return twoRowsOf<One>(x, r, l, n, s);
    case 2: return twoRowsOf<Two>(x, r, l, n, s);
    default: return twoRowsOf<Three>(x, r, l, n, s);
  }
}

/** Write one pair; where the next one goes, which is here if the lane's bit is 0. */
// @ts-ignore: decorator
@inline
function keep(to: usize, pair: v128, second: bool, bits: i32, bit: i32): usize {
  if (second) v128.store64_lane(to, pair, 1);
  else v128.store64_lane(to, pair, 0);
  return to + (<usize>(bits >> bit & 1) << 3);
}

/** Four lanes' pairs; those without a gradient are written over by the next. */
// @ts-ignore: decorator
@inline
function keepFour(to: usize, dz: v128, argmax: v128): usize {
  const bits = i32x4.bitmask(f32x4.ne(dz, f32x4.splat(0)));
  let pair = v128.shuffle<f32>(argmax, dz, 0, 4, 1, 5);
  to = keep(to, pair, false, bits, 0);
  to = keep(to, pair, true, bits, 1);
  pair = v128.shuffle<f32>(argmax, dz, 2, 6, 3, 7);
  to = keep(to, pair, false, bits, 2);
  return keep(to, pair, true, bits, 3);
}

/**
 * The argmaxes and their gradients side by side, as pairs (u32, f32): a list for each row of windows and output, `[rows][outputs]`, of
 * `columns` windows by 8 samples at most, in this order; and each list's bytes.
 *
 * @param dz, argmaxes `[outputs][rows][columns]` lane groups; an argmax is stored as its byte offset from the first sample's first
 *   value (u32)
 * @param skip leave argmaxes without a gradient out: it pays where there are many, behind a ReLU
 * @param lists 8 bytes behind each list's last pair are written too
 */
export function listArgmaxes(
  dz: usize, argmaxes: usize, outputs: i32, rows: i32, columns: i32, skip: bool, lists: usize, sizes: usize,
): void {
  const line = <usize>columns * GROUP, plane = <usize>rows * line, list = line * 2 + 16;
  for (let r = 0; r < rows; r++) {
    let d = dz, w = argmaxes;
    for (let o = 0; o < outputs; o++) {
      let to = lists;
      for (let i: usize = 0; i < line; i += GROUP) {
        const dlo = v128.load(d + i), dhi = v128.load(d + i, 16), wlo = v128.load(w + i), whi = v128.load(w + i, 16);
        if (skip) {
          to = keepFour(to, dlo, wlo);
          to = keepFour(to, dhi, whi);
        } else {
          v128.store(to, v128.shuffle<f32>(wlo, dlo, 0, 4, 1, 5));
          v128.store(to, v128.shuffle<f32>(wlo, dlo, 2, 6, 3, 7), 16);
          v128.store(to, v128.shuffle<f32>(whi, dhi, 0, 4, 1, 5), 32);
          v128.store(to, v128.shuffle<f32>(whi, dhi, 2, 6, 3, 7), 48);
          to += 64;
        }
      }
      store<u32>(sizes, <u32>(to - lists));
      sizes += 4;
      lists += list;
      d += plane;
      w += plane;
    }
    dz += line;
    argmaxes += line;
  }
}

/** Add the sums over a list's argmaxes to an output's patch, `[kernelHeight][patchVectors]` vectors. */
// @ts-ignore: decorator
@inline
function patchSums(x: usize, row: usize, list: usize, size: usize, kernelHeight: i32, patchVectors: i32, sums: usize): void {
  let i = 0;
  if (patchVectors <= 3) {
    const run = <usize>patchVectors << 5;
    for (; i + 2 <= kernelHeight; i += 2) {
      gradientOfTwoRows(patchVectors, x, row, list, size, sums);
      x += row * 2;
      sums += run;
    }
  }
  for (; i < kernelHeight; i++) {
    for (let v = 0, width = 0; v < patchVectors; v += width) {
      width = chunk(patchVectors - v);
      gradientOf(width, x + (<usize>v << 4), row, list, size, sums);
      sums += <usize>width << 4;
    }
    x += row;
  }
}

/**
 * patches[o][i][v] = sum over the argmaxes of dz[o] * x[argmax + row i + v]: the gradient of the weights, in patches. A list is summed in
 * order, in blocks of `BLOCK` argmaxes, then the rows of windows.
 *
 * @param x 8 samples, each `[height][width][channels]`, rows `row` bytes apart
 * @param lists, sizes as `listArgmaxes` writes them
 * @param patches `[outputs][kernelHeight][patchVectors]` vectors
 */
export function argmaxWeightGradient(
  x: usize, row: usize, lists: usize, sizes: usize, outputs: i32, rows: i32, columns: i32,
  kernelHeight: i32, patchVectors: i32, patches: usize,
): void {
  memory.fill(patches, 0, <usize>(outputs * kernelHeight * patchVectors) << 4);
  const run = <usize>patchVectors << 4, list = <usize>columns * GROUP * 2 + 16, block: usize = BLOCK << 3;
  for (let r = 0; r < rows; r++) {
    let sums = patches;
    for (let o = 0; o < outputs; o++) {
      const size: usize = load<u32>(sizes);
      for (let first: usize = 0; first < size; first += block) {
        patchSums(x, row, lists + first, min(size - first, block), kernelHeight, patchVectors, sums);
      }
      sums += run * <usize>kernelHeight;
      sizes += 4;
      lists += list;
    }
  }
}

/** dx[argmax + v] += dz * w[v] for a list's argmaxes and up to 6 vectors of a patch row. */
// @ts-ignore: decorator
@inline
function scatterBlock(vectors: i32, list: usize, size: usize, w: usize, dx: usize): void {
  const w0 = v128.load(w), w1 = v128.load(w, 16), w2 = v128.load(w, 32), w3 = v128.load(w, 48);
  const w4 = v128.load(w, 64), w5 = v128.load(w, 80);
  for (const end = list + size; list < end; list += 8) {
      const d = v128.load32_splat(list, 4), p = dx + <usize>load<u32>(list);
      const x0 = madd(v128.load(p), w0, d);
      if (vectors > 1) {
        const x1 = madd(v128.load(p, 16), w1, d);
        v128.store(p, x0); v128.store(p, x1, 16);
      } else v128.store(p, x0);
      if (vectors > 2) {
        const x2 = madd(v128.load(p, 32), w2, d);
        if (vectors > 3) {
          const x3 = madd(v128.load(p, 48), w3, d);
          v128.store(p, x2, 32); v128.store(p, x3, 48);
        } else v128.store(p, x2, 32);
      }
      if (vectors > 4) {
        const x4 = madd(v128.load(p, 64), w4, d);
        if (vectors > 5) {
          const x5 = madd(v128.load(p, 80), w5, d);
          v128.store(p, x4, 64); v128.store(p, x5, 80);
        } else v128.store(p, x4, 64);
      }
  }
}

function scatterOf<Width>(list: usize, size: usize, w: usize, dx: usize): void {
  scatterBlock(widthOf<Width>(), list, size, w, dx);
}

// @ts-ignore: decorator
@inline
function scatter(vectors: i32, l: usize, n: usize, w: usize, x: usize): void {
  switch (vectors) {
    case 1: return scatterOf<One>(l, n, w, x);
    case 2: return scatterOf<Two>(l, n, w, x);
    case 3: return scatterOf<Three>(l, n, w, x);
    case 4: return scatterOf<Four>(l, n, w, x);
    case 5: return scatterOf<Five>(l, n, w, x);
    default: return scatterOf<Six>(l, n, w, x);
  }
}

/**
 * dx[argmax + row i + v] += dz[o] * w[o][i][v] for outputs `first` to `last`, from zero on. Added row of windows by row of windows, so that
 * what is added to stays in the cache; within it output by output, patch by patch, window by window.
 */
function scatterOutputs(
  first: i32, last: i32, patches: usize, lists: usize, sizes: usize, outputs: i32, rows: i32, list: usize,
  kernelHeight: i32, patchVectors: i32, dx: usize, bytes: usize, row: usize,
): void {
  memory.fill(dx, 0, bytes);
  patches += <usize>(first * kernelHeight * patchVectors) << 4;
  for (let r = 0; r < rows; r++) {
    let w = patches, at = lists + <usize>(r * outputs + first) * list;
    for (let o = first; o < last; o++, at += list) {
      const size: usize = load<u32>(sizes + (<usize>(r * outputs + o) << 2));
      let to = dx;
      for (let i = 0; i < kernelHeight; i++) {
        for (let v = 0, width = 0; v < patchVectors; v += width) {
          width = chunk(patchVectors - v);
          scatter(width, at, size, w, to + (<usize>v << 4));
          w += <usize>width << 4;
        }
        to += row;
      }
    }
  }
}

/**
 * dx = sum over outputs o and argmaxes of dz[o] * w[o], at the argmax's patch: the gradient of the input, sample by sample. A block of
 * `blockOutputs` outputs is added as `scatterOutputs` says; then the blocks, in order.
 *
 * @param patches weights as `packPatches` writes them
 * @param lists, sizes as `listArgmaxes` writes them
 * @param dx 8 samples, `bytes` in all, a multiple of 16, rows `row` bytes apart; up to 12 bytes behind a patch row are added to too, but zeros
 * @param block scratch as large as dx, if there is more than one block of outputs
 */
export function argmaxInputGradient(
  patches: usize, lists: usize, sizes: usize, outputs: i32, rows: i32, columns: i32,
  kernelHeight: i32, patchVectors: i32, dx: usize, bytes: usize, row: usize, blockOutputs: i32, block: usize,
): void {
  const list = <usize>columns * GROUP * 2 + 16;
  scatterOutputs(0, min(blockOutputs, outputs), patches, lists, sizes, outputs, rows, list, kernelHeight, patchVectors, dx, bytes, row);
  for (let first = blockOutputs; first < outputs; first += blockOutputs) {
    const last = min(first + blockOutputs, outputs);
    scatterOutputs(first, last, patches, lists, sizes, outputs, rows, list, kernelHeight, patchVectors, block, bytes, row);
    for (let i: usize = 0; i < bytes; i += 16) v128.store(dx + i, f32x4.add(v128.load(dx + i), v128.load(block + i)));
  }
}

/**
 * Weights `[outputs][channels][kernelHeight][kernelWidth]` to patches `[outputs][kernelHeight][kernelWidth * channels, to whole vectors]`.
 */
export function packPatches(w: usize, outputs: i32, channels: i32, kernelHeight: i32, kernelWidth: i32, patchVectors: i32, patches: usize): void {
  const step = <usize>(kernelHeight * kernelWidth) << 2, run = <usize>patchVectors << 4;
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < kernelHeight * kernelWidth; i += kernelWidth) {
      let to = patches;
      for (let j = 0; j < kernelWidth; j++) {
        let from = w + (<usize>(i + j) << 2);
        for (let c = 0; c < channels; c++, from += step, to += 4) store<f32>(to, load<f32>(from));
      }
      patches += run;
    }
    w += step * <usize>channels;
  }
}

/** Patches to `[outputs][channels][kernelHeight][kernelWidth]`; added to if `accumulate`. */
export function unpackPatches(
  patches: usize, outputs: i32, channels: i32, kernelHeight: i32, kernelWidth: i32, patchVectors: i32, dw: usize, accumulate: bool,
): void {
  const step = <usize>(kernelHeight * kernelWidth) << 2, run = <usize>patchVectors << 4;
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < kernelHeight * kernelWidth; i += kernelWidth) {
      let from = patches;
      for (let j = 0; j < kernelWidth; j++) {
        let to = dw + (<usize>(i + j) << 2);
        for (let c = 0; c < channels; c++, from += 4, to += step) put(to, load<f32>(from), accumulate);
      }
      patches += run;
    }
    dw += step * <usize>channels;
  }
}

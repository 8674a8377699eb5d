/** The filters of `resample`, by PyTorch's names for them, as the files of weights record them. */
export const resizeFilters = { shrinking: 'area', enlarging: 'bilinear' } as const;

/**
 * Resizes an image to exactly `width` x `height`: along an axis that shrinks a pixel is the mean over the area that it covers (PyTorch's
 * `interpolate` with mode `area`), along one that is enlarged linear between the pixels' centres (mode `bilinear`, without aligned corners);
 * then rounded, a half up. `[height, width, 3]` bytes, interleaved, in and out. In double and in a fixed order, down the columns first, so that
 * the bytes are the same on every machine.
 */
export function resample(
  image: { readonly rgb: Uint8Array; readonly width: number; readonly height: number },
  width: number,
  height: number,
): Uint8Array {
  const { rgb } = image;
  if (image.width === width && image.height === height) return rgb;
  const columns = tapsOf(image.width, width);
  const rows = tapsOf(image.height, height);
  const line = 3 * image.width;
  const sums = new Float64Array(line);
  const out = new Uint8Array(height * width * 3);
  let to = 0;
  for (const { first, weights } of rows) {
    sums.fill(0);
    let from = first * line;
    for (const weight of weights) {
      for (let i = 0; i < line; i++) sums[i]! += weight * rgb[from + i]!;
      from += line;
    }
    for (const { first, weights } of columns) {
      let [red, green, blue] = [0.5, 0.5, 0.5];
      let at = 3 * first;
      for (const weight of weights) {
        red += weight * sums[at]!;
        green += weight * sums[at + 1]!;
        blue += weight * sums[at + 2]!;
        at += 3;
      }
      out[to] = Math.min(255, Math.floor(red));
      out[to + 1] = Math.min(255, Math.floor(green));
      out[to + 2] = Math.min(255, Math.floor(blue));
      to += 3;
    }
  }
  return out;
}

/** The input pixels that an output pixel is made of, along one axis. */
interface Taps {
  /** Index of the first input pixel. */
  readonly first: number;
  /** Their sum is 1. */
  readonly weights: readonly number[];
}

function tapsOf(from: number, to: number): Taps[] {
  return Array.from({ length: to }, (_, i) => (to < from ? areaTaps(i, from, to) : linearTaps(i, from, to)));
}

/** Output pixel `i` covers [i, i + 1) * from / to. In units of 1 / to, all ends are integers. */
function areaTaps(i: number, from: number, to: number): Taps {
  const begin = i * from;
  const end = begin + from;
  const first = Math.floor(begin / to);
  const count = Math.ceil(end / to) - first;
  const weights = Array.from({ length: count }, (_, k) => {
    const pixel = (first + k) * to;
    return (Math.min(end, pixel + to) - Math.max(begin, pixel)) / from;
  });
  return { first, weights };
}

/** Pixel centres lie at halves. Beyond the outermost centre, the edge pixel's value is used. */
function linearTaps(i: number, from: number, to: number): Taps {
  const center = Math.min(Math.max(((i + 0.5) * from) / to - 0.5, 0), from - 1);
  const first = Math.floor(center);
  const share = center - first;
  return { first, weights: share === 0 ? [1] : [1 - share, share] };
}

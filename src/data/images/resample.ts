/**
 * Resizes an image to exactly `width` x `height`: each axis shrinks by area averaging and grows by linear interpolation. Input and output
 * are `[height, width, 3]` bytes. Computed in double precision in a fixed order, so the bytes are the same on every machine.
 */
export function resample(
  image: { readonly rgb: Uint8Array; readonly width: number; readonly height: number },
  width: number,
  height: number,
): Uint8Array {
  if (image.width === width && image.height === height) return image.rgb;
  const columns = tapsOf(image.width, width);
  const rows = tapsOf(image.height, height);
  const narrow = new Float64Array(image.height * width * 3);
  for (let y = 0; y < image.height; y++) {
    for (let x = 0; x < width; x++) {
      const { first, weights } = columns[x]!;
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        let from = 3 * (y * image.width + first) + c;
        for (let k = 0; k < weights.length; k++, from += 3) sum += weights[k]! * image.rgb[from]!;
        narrow[3 * (y * width + x) + c] = sum;
      }
    }
  }
  const out = new Uint8Array(height * width * 3);
  const line = 3 * width;
  for (let y = 0; y < height; y++) {
    const { first, weights } = rows[y]!;
    for (let i = 0; i < line; i++) {
      let sum = 0.5;
      for (let k = 0; k < weights.length; k++) sum += weights[k]! * narrow[(first + k) * line + i]!;
      out[y * line + i] = Math.min(255, Math.floor(sum));
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

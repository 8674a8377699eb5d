import type { Shape } from '../../graph/shape.js';
import { interleaved, type SheetImage } from './sheet.js';

/**
 * The filters of a network's first layer as pictures, one an output: gray is 0, and a filter's largest value reaches black or white.
 * A convolution's are `kernel height x kernel width`, a dense layer's over images as large as those, over histograms a row a channel, and over
 * other flat values a square, row by row. Where there are not 3 input channels, the mean over them is shown.
 * @param shape of the weight: `[out, in, kh, kw]` or `[out, in]`
 * @param values `[out, ...]`, flat
 * @param sample shape of what the layer sees, `[channels, height, width]`, or `[3 * bins]` or `[features]`
 * @param ofHistograms whether flat values are a histogram's; by default where they may be
 */
export function filterPictures(
  shape: Shape,
  values: ArrayLike<number>,
  sample: Shape,
  ofHistograms = sample[0]! % 3 === 0,
): SheetImage[] {
  const [outputs, inputs] = shape as [number, number];
  const size = inputs * shape.slice(2).reduce((a, b) => a * b, 1);
  return Array.from({ length: outputs }, (_, output) => {
    const own = Float64Array.from({ length: size }, (_, i) => values[output * size + i]!);
    const largest = own.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
    const gray = (value: number) => Math.round(127.5 + (127.5 * value) / largest);
    if (shape.length === 2 && sample.length === 1) {
      const width = ofHistograms ? size / 3 : Math.ceil(Math.sqrt(size));
      const height = Math.ceil(size / width);
      const rgb = Uint8Array.from({ length: 3 * width * height }, (_, i) =>
        gray(own[Math.floor(i / 3)] ?? 0),
      );
      return { rgb, width, height };
    }
    const [channels, height, width] = shape.length === 4 ? shape.slice(1) : sample;
    const pixels = height! * width!;
    if (channels === 3) return interleaved(own.map(gray), width!, height!);
    const rgb = Uint8Array.from({ length: 3 * pixels }, (_, i) => {
      let sum = 0;
      for (let c = 0; c < channels!; c++) sum += own[c * pixels + Math.floor(i / 3)]!;
      return gray(sum / channels!);
    });
    return { rgb, width: width!, height: height! };
  });
}

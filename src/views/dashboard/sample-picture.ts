import type { SampleFormat } from '../../data/dataset.js';
import { interleaved, type SheetImage } from '../pictures/sheet.js';

/** Height and width of a histogram's picture, pixels. It is wider where there are more bins. */
const height = 64;
const widest = 64;

/**
 * Draws a sample as the network gets it: its image; its histogram as bars in red, green and blue; or its values as gray, the smallest black and
 * the largest white: row by row, of three channels in colours and of others the mean.
 */
export function samplePicture({ sampleType, sampleShape }: SampleFormat, bytes: Uint8Array): SheetImage {
  if (sampleType === 'uint8') return interleaved(bytes, sampleShape[2]!, sampleShape[1]!);
  const values = new Float32Array(Uint8Array.from(bytes).buffer);
  const mayBeHistogram = sampleShape.length === 1 && values.length % 3 === 0;
  if (mayBeHistogram && values.every((value) => value >= 0 && value <= 1)) return histogramPicture(values);
  return valuesPicture(values, sampleShape);
}

function valuesPicture(values: Float32Array, shape: readonly number[]): SheetImage {
  const side = Math.ceil(Math.sqrt(values.length));
  const flat = [1, Math.ceil(values.length / side), side] as const;
  const [channels, height, width] = (shape.length === 3 ? shape : flat) as readonly [number, number, number];
  const least = values.reduce((a, b) => Math.min(a, b));
  const span = values.reduce((a, b) => Math.max(a, b)) - least || 1;
  const pixels = width * height;
  const byte = (at: number) => Math.round((255 * ((values[at] ?? least) - least)) / span);
  const rgb = Uint8Array.from({ length: 3 * pixels }, (_, i) => {
    const pixel = Math.floor(i / 3);
    if (channels === 3) return byte((i % 3) * pixels + pixel);
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += byte(c * pixels + pixel);
    return sum / channels;
  });
  return { rgb, width, height };
}

/** Bars grow from the bottom. Where bars of several channels overlap, their colours add. */
function histogramPicture(values: Float32Array): SheetImage {
  const bins = values.length / 3;
  const barWidth = Math.max(1, Math.floor(widest / bins));
  const width = bins * barWidth;
  const rgb = new Uint8Array(3 * width * height);
  for (const [i, value] of values.entries()) {
    const [channel, bin] = [Math.floor(i / bins), i % bins];
    const top = height - Math.round(height * Math.min(1, value));
    for (let y = top; y < height; y++) {
      for (let x = bin * barWidth; x < (bin + 1) * barWidth; x++) rgb[3 * (y * width + x) + channel] = 255;
    }
  }
  return { rgb, width, height };
}

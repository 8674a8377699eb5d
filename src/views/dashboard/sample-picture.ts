import type { SampleFormat } from '../../data/dataset.js';
import { interleaved, type SheetImage } from '../pictures/sheet.js';

/** Height and width of a histogram's picture, pixels. It is wider where there are more bins. */
const height = 64;
const widest = 64;

/** Draws a sample as the network gets it: its image, or its histogram as bars in red, green and blue. */
export function samplePicture({ sampleType, sampleShape }: SampleFormat, bytes: Uint8Array): SheetImage {
  if (sampleType === 'uint8') return interleaved(bytes, sampleShape[2]!, sampleShape[1]!);
  const values = new Float32Array(Uint8Array.from(bytes).buffer);
  return histogramPicture(values);
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

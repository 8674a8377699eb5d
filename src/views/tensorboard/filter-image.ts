import { sharp } from '../../data/images/sharp.js';
import type { FirstLayer } from '../../graph/first-layer.js';
import { filterPictures } from '../pictures/filters.js';
import type { SheetImage } from '../pictures/sheet.js';
import type { PngImage } from './event.js';

/** Filters that a picture shows at most. */
const mostFilters = 64;
/** About so many pixels a filter: they are enlarged by whole factors, so that theirs stay sharp. */
const cell = 48;
const gap = 2;

/** Its filters side by side. */
export async function filterImage({ weight, sees }: FirstLayer, values: Float32Array): Promise<PngImage> {
  const [outputs, ...filter] = weight.shape as [number, ...number[]];
  const shown = Math.min(outputs, mostFilters);
  const images = filterPictures([shown, ...filter], values, sees);
  const { rgb, width, height } = tiled(images);
  const png = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
  return { width, height, png };
}

/** Images of one size on a white sheet, about as wide as it is high. */
function tiled(images: readonly SheetImage[]): SheetImage {
  const { width, height } = images[0]!;
  const factor = Math.max(1, Math.round(cell / Math.max(width, height)));
  const [right, down] = [width * factor + gap, height * factor + gap];
  const columns = Math.min(images.length, Math.ceil(Math.sqrt((images.length * down) / right)));
  const sheetWidth = columns * right + gap;
  const sheetHeight = Math.ceil(images.length / columns) * down + gap;
  const sheet = new Uint8Array(3 * sheetWidth * sheetHeight).fill(255);
  for (const [i, { rgb }] of images.entries()) {
    const left = gap + (i % columns) * right;
    const top = gap + Math.floor(i / columns) * down;
    for (let y = 0; y < height * factor; y++) {
      for (let x = 0; x < width * factor; x++) {
        const from = 3 * (Math.floor(y / factor) * width + Math.floor(x / factor));
        const to = 3 * ((top + y) * sheetWidth + left + x);
        for (let c = 0; c < 3; c++) sheet[to + c] = rgb[from + c]!;
      }
    }
  }
  return { rgb: sheet, width: sheetWidth, height: sheetHeight };
}

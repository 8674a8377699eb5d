import { sharp } from '../../data/images/sharp.js';
import { printable } from '../printable.js';
import { outlined } from './outlines.js';

/** A sheet of small images in rows, each with a name: what a class looks like, what augmentation makes of a sample. */

export interface SheetImage {
  /** `[height, width, 3]` bytes, interleaved. */
  readonly rgb: Uint8Array;
  readonly width: number;
  readonly height: number;
}

export interface SheetRow {
  readonly name: string;
  readonly images: readonly SheetImage[];
}

/** Pixels. Images are enlarged by whole factors up to about `cell`, so that their pixels stay sharp. */
const cell = 80;
const gap = 4;
const namesWidth = 190;
const headerHeight = 28;
const mostLetters = 24;

/**
 * A PNG of all rows; all images have one size.
 * @param columns names above the columns; others have none
 */
export async function drawSheet(rows: readonly SheetRow[], columns: readonly string[] = []): Promise<Buffer> {
  const { width, height } = rows[0]!.images[0]!;
  const factor = Math.max(1, Math.round(cell / Math.max(width, height)));
  const [cellWidth, cellHeight] = [width * factor + gap, height * factor + gap];
  const most = rows.reduce((count, { images }) => Math.max(count, images.length), 0);
  const top = columns.length > 0 ? headerHeight : gap;
  const size = { width: namesWidth + most * cellWidth + gap, height: top + rows.length * cellHeight + gap };
  const canvas = new Uint8Array(size.width * size.height * 3).fill(255);
  const names: string[] = columns.map((name, i) =>
    text(name, namesWidth + i * cellWidth + (cellWidth - gap) / 2, headerHeight - 9, 'middle'),
  );
  for (const [r, { name, images }] of rows.entries()) {
    const y = top + r * cellHeight;
    names.push(text(short(name), namesWidth - 10, y + (cellHeight - gap) / 2 + 5, 'end'));
    for (const [i, image] of images.entries()) {
      enlarge(image, factor, canvas, size.width, namesWidth + i * cellWidth, y);
    }
  }
  const overlay = `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}">${names.join('')}</svg>`;
  return sharp(canvas, { raw: { ...size, channels: 3 } })
    .composite([{ input: Buffer.from(await outlined(overlay)) }])
    .png({ compressionLevel: 9 })
    .toBuffer();
}

function enlarge(
  image: SheetImage,
  factor: number,
  canvas: Uint8Array,
  line: number,
  left: number,
  top: number,
) {
  const { rgb, width, height } = image;
  for (let y = 0; y < height * factor; y++) {
    const row = Math.floor(y / factor) * width;
    let to = 3 * ((top + y) * line + left);
    for (let x = 0; x < width * factor; x++, to += 3) {
      const from = 3 * (row + Math.floor(x / factor));
      canvas[to] = rgb[from]!;
      canvas[to + 1] = rgb[from + 1]!;
      canvas[to + 2] = rgb[from + 2]!;
    }
  }
}

const short = (name: string) => (name.length > mostLetters ? `${name.slice(0, mostLetters - 1)}…` : name);

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function text(content: string, x: number, y: number, anchor: 'middle' | 'end'): string {
  const safe = printable(content).replace(/[&<>"'\n]/g, (letter) => escapes[letter] ?? ' ');
  return `<text x="${x}" y="${y}" font-family="sans-serif" font-size="12" fill="#222" text-anchor="${anchor}">${safe}</text>`;
}

/** `[3, height, width]` bytes as a sheet's image. */
export function interleaved(planar: ArrayLike<number>, width: number, height: number): SheetImage {
  const pixels = width * height;
  const rgb = Uint8Array.from(
    { length: 3 * pixels },
    (_, i) => planar[(i % 3) * pixels + Math.floor(i / 3)]!,
  );
  return { rgb, width, height };
}

import type { Operation } from './trivial-augment.js';

/**
 * TrivialAugment's operations that change each value of a channel by itself: as Pillow has them (ImageEnhance, ImageOps), but that
 * what is no whole number is rounded to the nearest.
 *
 * @param table of 256 bytes, written
 * @param counts `[channels, 256]`, how often each value is in the image
 */
export function writeTable(
  table: Uint8Array,
  operation: Operation,
  value: number,
  counts: Uint32Array,
  channel: number,
  pixels: number,
): void {
  const first = 256 * channel;
  switch (operation) {
    case 'brightness':
      return writeLine(table, 1 + value, 0);
    case 'contrast':
      return writeLine(table, 1 + value, -value * meanLuma(counts, pixels));
    case 'posterize':
      for (let i = 0; i < 256; i++) table[i] = i & (256 - 2 ** (8 - value));
      return;
    case 'solarize':
      for (let i = 0; i < 256; i++) table[i] = i < value ? i : 255 - i;
      return;
    case 'autoContrast':
      return writeStretch(table, counts, first);
    case 'equalize':
      return writeEqualized(table, counts, first, pixels);
    default:
      return writeLine(table, 1, 0);
  }
}

function writeLine(table: Uint8Array, gain: number, lift: number): void {
  for (let i = 0; i < 256; i++) table[i] = Math.min(255, Math.max(0, Math.round(i * gain + lift)));
}

/** The channel's least value becomes 0, its largest 255. */
function writeStretch(table: Uint8Array, counts: Uint32Array, first: number): void {
  let [low, high] = [0, 255];
  while (low < 255 && counts[first + low] === 0) low++;
  while (high > 0 && counts[first + high] === 0) high--;
  if (high <= low) return writeLine(table, 1, 0);
  const gain = 255 / (high - low);
  writeLine(table, gain, -low * gain);
}

/** All values about as often, as far as that goes. */
function writeEqualized(table: Uint8Array, counts: Uint32Array, first: number, pixels: number): void {
  let high = 255;
  while (high > 0 && counts[first + high] === 0) high--;
  const step = Math.floor((pixels - counts[first + high]!) / 255);
  if (step === 0) return writeLine(table, 1, 0);
  let before = step >> 1;
  for (let i = 0; i < 256; i++) {
    table[i] = Math.min(255, Math.floor(before / step));
    before += counts[first + i]!;
  }
}

/** The mean of 0.299 R + 0.587 G + 0.114 B, to the nearest whole number. */
function meanLuma(counts: Uint32Array, pixels: number): number {
  let sum = 0;
  for (let i = 0; i < 256; i++)
    sum += i * (0.299 * counts[i]! + 0.587 * counts[256 + i]! + 0.114 * counts[512 + i]!);
  return Math.round(sum / pixels);
}

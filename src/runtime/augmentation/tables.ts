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
      writeLine(table, 1 + value, 0);
      break;
    case 'contrast':
      writeLine(table, 1 + value, -value * meanLuma(counts, pixels));
      break;
    case 'posterize':
      for (let i = 0; i < 256; i++) table[i] = i & (256 - 2 ** (8 - value));
      break;
    case 'solarize':
      for (let i = 0; i < 256; i++) table[i] = i < value ? i : 255 - i;
      break;
    case 'autoContrast':
      writeStretch(table, counts, first);
      break;
    case 'equalize':
      writeEqualized(table, counts, first, pixels);
      break;
    default:
      writeLine(table, 1, 0);
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
  const gain = high > low ? 255 / (high - low) : 1;
  writeLine(table, gain, high > low ? -low * gain : 0);
}

/** All values about as often, as far as that goes. */
function writeEqualized(table: Uint8Array, counts: Uint32Array, first: number, pixels: number): void {
  let high = 255;
  while (high > 0 && counts[first + high] === 0) high--;
  const step = Math.floor((pixels - counts[first + high]!) / 255);
  if (step === 0) {
    writeLine(table, 1, 0);
    return;
  }
  let before = step >> 1;
  for (let i = 0; i < 256; i++) {
    table[i] = Math.min(255, Math.floor(before / step));
    before += counts[first + i]!;
  }
}

/** Whether an operation's table depends on the image's values. */
export const countsValues = (operation: Operation): boolean =>
  operation === 'contrast' || operation === 'autoContrast' || operation === 'equalize';

/** The mean of 0.299 R + 0.587 G + 0.114 B, to the nearest whole number. */
function meanLuma(counts: Uint32Array, pixels: number): number {
  let sum = 0;
  for (let i = 0; i < 256; i++)
    sum += i * (0.299 * counts[i]! + 0.587 * counts[256 + i]! + 0.114 * counts[512 + i]!);
  return Math.round(sum / pixels);
}

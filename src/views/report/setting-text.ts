import { countText } from '../format.js';

/** Keys and values of a config, and of other JSON, as a reader's words. */

/** `vectorBits` as `vector bits` */
export const wordsOf = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

const mostListed = 12;

/** `{ type: 'cosine', warmupEpochs: 1 }` as `cosine, warmup epochs 1`. */
export function settingText(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) {
    if (value.length === 0) return 'none';
    const shown = value.slice(0, mostListed).map(settingText).join(', ');
    return value.length > mostListed ? `${shown}, … (${value.length})` : shown;
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .map(([name, part]) => (name === 'type' ? settingText(part) : `${wordsOf(name)} ${settingText(part)}`))
      .join(', ');
  }
  if (Number.isInteger(value) && Number(value) >= 1e5) return countText(Number(value));
  return String(value);
}

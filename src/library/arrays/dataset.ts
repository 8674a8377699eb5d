import type { Dataset } from '../dataset.js';
import { lookInto } from '../look-into.js';
import { sidesOf } from '../size.js';
import type { ArraysOptions } from './input.js';
import { inputError } from './labels.js';

export const defaultCache = 'data/arrays';

/** What the arrays hold. */
export type ArrayKind = 'images' | 'values' | 'files';

/** @throws UserError (exit code data) for options that are of pixels, beside values */
export function requireSuitingOptions(kind: ArrayKind, { size, normalize }: ArraysOptions): void {
  if (kind !== 'values' || (size === undefined && normalize === undefined)) return;
  const option = size === undefined ? 'normalize' : 'size';
  throw inputError(option, 'it is of pixels, and values are taken as they are; leave it out');
}

/**
 * The dataset in a written folder.
 * @param sample shape of a sample, as it is written; nothing of files
 */
export function arrayDataset(
  path: string,
  kind: ArrayKind,
  sample: readonly number[],
  { dir: _, size, normalize, ...options }: ArraysOptions,
): Promise<Dataset> {
  const config = { ...options, dir: path, source: 'arrays' } as const;
  if (kind === 'values') return lookInto({ ...config, features: { type: 'values', shape: [...sample] } });
  const pixels = (height: number, width: number) =>
    ({ type: 'pixels', width, height, ...(normalize && { normalize }) }) as const;
  if (size !== undefined) {
    return lookInto({ ...config, features: pixels(...sidesOf(size)) });
  }
  const [, height, width] = sample;
  return lookInto(config, kind === 'images' ? pixels(height!, width!) : undefined);
}

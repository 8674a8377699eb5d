import { pathText } from './path.js';

/** A value that differs between two configs. */
export interface ConfigDifference {
  /** `training.batchSize`, `model.layers[0].outChannels` */
  readonly path: string;
  /** undefined where config a has no such key; likewise b. */
  readonly a: unknown;
  readonly b: unknown;
}

/** The differences between two JSON values, down to single values, in the order of `a`. */
export function differences(
  a: unknown,
  b: unknown,
  path: readonly (string | number)[] = [],
): ConfigDifference[] {
  if (!isTree(a) || !isTree(b) || Array.isArray(a) !== Array.isArray(b)) {
    return JSON.stringify(a) === JSON.stringify(b) ? [] : [{ path: pathText(path), a, b }];
  }
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return keys.flatMap((key) => differences(a[key], b[key], [...path, Array.isArray(a) ? Number(key) : key]));
}

const isTree = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

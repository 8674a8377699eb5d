import { z } from 'zod';
import type { PackedDataset } from '../dataset.js';
import { dataError } from '../faults.js';
import type { WrittenSums } from '../pixel-sums.js';

/** What a packed file says in JSON, each in an entry of its metadata. */
export interface Said {
  readonly classes: readonly string[];
  /** Over the pixels of the training split. */
  readonly trainSums: WrittenSums;
  readonly skipped: PackedDataset['skipped'];
}

const digits = z.string().regex(/^\d{1,40}$/);
const channels = z.tuple([digits, digits, digits]);
const said: z.ZodType<Said> = z.object({
  classes: z.array(z.string()),
  trainSums: z.object({ count: digits, sum: channels, squares: channels }),
  skipped: z.array(z.object({ file: z.string(), reason: z.string() })),
});

/** Throws a UserError where the file, `path`, does not say what a packed file does. */
export function readSaid(path: string, metadata: Readonly<Record<string, string>>): Said {
  const result = said.safeParse(
    Object.fromEntries(['classes', 'trainSums', 'skipped'].map((name) => [name, jsonOf(metadata[name])])),
  );
  if (result.success) return result.data;
  throw dataError(
    `${path}: its metadata has no ${String(result.error.issues[0]!.path[0])} as packed datasets have.`,
  );
}

/** Undefined for what is no JSON. */
function jsonOf(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '') as unknown;
  } catch {
    return undefined;
  }
}

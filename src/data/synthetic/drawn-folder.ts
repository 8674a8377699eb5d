import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { GenerateConfig } from '../../config/schema.js';
import { readWholeFile } from '../../files/open-file.js';
import { type SplitName, splitNames } from '../dataset.js';
import { dataError } from '../faults.js';
import { sharp } from '../images/sharp.js';
import { classesFile } from '../sources/labels.js';
import { listFiles } from '../sources/lists.js';
import { recordFile } from '../sources/system-names.js';
import { drawPicture, shapeClasses } from './shapes.js';

/** The files of a folder of drawn pictures, and how such a folder is recognised. */

/** Distance between the splits' picture numbers, so that a longer training split does not change the others. */
const splitStride = 2 ** 24;
/** Larger than any list or record that is written. */
const mostBytes = 2 ** 27;

/** A picture of the folder. */
export interface Picture {
  /** Path below the folder. */
  readonly path: string;
  readonly label: number;
  /** The `index` of `drawPicture`. */
  readonly index: number;
}

type Counts = Omit<GenerateConfig, 'seed'>;

/** The pictures of a split, class by class. */
export function picturesOf(split: SplitName, counts: Counts): Picture[] {
  return shapeClasses.flatMap((name, label) =>
    Array.from({ length: counts[`${split}PerClass`] }, (_, n) => ({
      path: `images/${name.replace(' ', '-')}/${split}-${n}.jpg`,
      label,
      index: splitNames.indexOf(split) * splitStride + n,
    })),
  );
}

/** The text files of the folder, by name. */
export function textsOf(wish: GenerateConfig): Record<string, string> {
  return { ...listsOf(wish), [recordFile]: `${JSON.stringify(recordOf(wish), null, 2)}\n` };
}

function listsOf(counts: Counts): Record<string, string> {
  const lists = splitNames.map((split) => [
    listFiles[split],
    picturesOf(split, counts)
      .map(({ path, label }) => `${path} ${label}\n`)
      .join(''),
  ]);
  return { ...Object.fromEntries(lists), [classesFile]: `${shapeClasses.join('\n')}\n` };
}

const recordOf = ({ seed, trainPerClass, validationPerClass, testPerClass }: GenerateConfig) => ({
  seed,
  trainPerClass,
  validationPerClass,
  testPerClass,
});

/**
 * The content of `dir`, the folder that a config names for the pictures of `wish`: nothing yet; those pictures; or something else, such
 * as the user's own dataset.
 *
 * A folder without a record, drawn by an older version, is recognised by its lists and by some of its pictures.
 * @throws UserError (exit code data) where other pictures were drawn there, or the folder cannot be read
 */
export async function standsIn(dir: string, wish: GenerateConfig): Promise<'nothing' | 'pictures' | 'other'> {
  const names = namesIn(dir);
  if (names.length === 0) return 'nothing';
  const counts = countsIn(dir);
  if (counts === undefined) return 'other';
  const seed = seedIn(dir) ?? ((await looksDrawnBy(dir, wish.seed)) ? wish.seed : undefined);
  const [drawn, wanted] = [{ seed, ...counts }, recordOf(wish)];
  const differing = (Object.keys(wanted) as (keyof GenerateConfig)[]).filter(
    (key) => drawn[key] !== wanted[key],
  );
  if (differing.length === 0) return 'pictures';
  const of = (values: { readonly [K in keyof GenerateConfig]: number | undefined }) =>
    differing.map((key) => `${key} ${values[key] ?? 'another'}`).join(', ');
  throw dataError(
    `${dir} holds pictures that were drawn with ${of(drawn)}, and data.generate wants ${of(wanted)}. ` +
      `Use what is there (--data ${dir}), delete the folder, or have the others drawn beside it ` +
      `(--set data.dir=${dir}-2 --set data.generate='${JSON.stringify(wanted)}').`,
  );
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw dataError(`${dir}: cannot be read as a folder: ${(error as Error).message}`, dir);
  }
}

/** Pictures per class in each split; undefined where the folder's lists are not those that were written. */
function countsIn(dir: string): Counts | undefined {
  const perClass = (split: SplitName) => {
    const lines = textIn(dir, listFiles[split])?.split('\n').length ?? 1;
    return (lines - 1) / shapeClasses.length;
  };
  const counts = {
    trainPerClass: perClass('train'),
    validationPerClass: perClass('validation'),
    testPerClass: perClass('test'),
  };
  if (!Object.values(counts).every((count) => Number.isInteger(count) && count > 0)) return undefined;
  const asDrawn = Object.entries(listsOf(counts)).every(([name, text]) => textIn(dir, name) === text);
  return asDrawn ? counts : undefined;
}

function seedIn(dir: string): number | undefined {
  try {
    const { seed } = JSON.parse(textIn(dir, recordFile) ?? '{}') as Partial<GenerateConfig>;
    return typeof seed === 'number' ? seed : undefined;
  } catch {
    return undefined;
  }
}

/** Undefined where the file is missing, or too large to have been written here. */
function textIn(dir: string, name: string): string | undefined {
  try {
    return readWholeFile(join(dir, name), mostBytes).toString('utf8');
  } catch {
    return undefined;
  }
}

/** Largest mean difference (of 255) at which a JPEG counts as the picture. JPEG loss is about 11; other seeds differ by 25 to 55. */
const farthest = 16;

/** Whether the first training pictures of some classes are those of this seed. Unreadable ones are skipped: packing reports them. */
async function looksDrawnBy(dir: string, seed: number): Promise<boolean> {
  const first = picturesOf('train', { trainPerClass: 1, validationPerClass: 0, testPerClass: 0 });
  for (const { path, label, index } of first.filter((picture) => picture.label % 7 === 0)) {
    const image = sharp(join(dir, path)).removeAlpha().raw();
    const pixels = await image.toBuffer().catch(() => undefined);
    if (pixels === undefined) continue;
    const drawn = drawPicture(seed, label, index);
    const difference = drawn.reduce((sum, value, i) => sum + Math.abs(value - pixels[i]!), 0) / drawn.length;
    if (pixels.length !== drawn.length || difference > farthest) return false;
  }
  return true;
}

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCode, UserError } from '../errors.js';
import { type SplitName, splitNames } from './dataset.js';
import { dataError, listed } from './faults.js';
import type { Source, SourceSplit } from './source.js';

/**
 * A dataset as list files: `train.txt`, `val.txt`, `test.txt`, each line an image's path relative to the folder, a
 * space, and the label; and, if there, `classes.txt`, a name a line in label order.
 */

export const listFiles = {
  train: 'train.txt',
  validation: 'val.txt',
  test: 'test.txt',
} as const satisfies Record<SplitName, string>;
export const classesFile = 'classes.txt';

/** As many faults of a list are shown; the rest is counted. */
const shownFaults = 20;

/** Reads and checks all lists. Throws a UserError that names every fault of the first faulty list by its line. */
export function readLists(dir: string): Source {
  if (!isFolder(dir)) {
    throw dataError(
      `${dir}: no such folder. Expected one with ${Object.values(listFiles).join(', ')}; set data.dir or give --data.`,
    );
  }
  const read = (name: string) =>
    readFileIfThere(join(dir, name))
      ?.toString('utf8')
      .replace(/^\uFEFF/, '');
  const names = read(classesFile);
  let classes = names === undefined ? undefined : linesOf(names).filter((line) => line !== '');
  if (classes?.length === 0)
    throw dataError(`${join(dir, classesFile)}: no name in it; expected one a line.`);
  const lists: Partial<Record<SplitName, SourceSplit>> = {};
  for (const split of splitNames) {
    const file = join(dir, listFiles[split]);
    const text = read(listFiles[split]);
    if (text === undefined)
      throw dataError(`${file}: no such file; expected lines of "path label" in ${listFiles[split]}.`);
    const list = parseList(
      dir,
      listFiles[split],
      text,
      classes?.length,
      names === undefined ? listFiles.train : classesFile,
    );
    classes ??= Array.from(
      { length: 1 + list.labels.reduce((a, b) => Math.max(a, b)) },
      (_, i) => `class ${i}`,
    );
    lists[split] = list;
  }
  const splits = lists as Record<SplitName, SourceSplit>;
  return { dir, classes: classes!, splits, encoding: { type: 'file' } };
}

/**
 * One list from its text. Labels must lie below `classes`, if given; `classesFrom` is the file that this number comes
 * from. Throws a UserError with every faulty line.
 */
function parseList(
  dir: string,
  name: string,
  text: string,
  classes: number | undefined,
  classesFrom: string,
): SourceSplit {
  const file = join(dir, name);
  const paths: string[] = [];
  const labels: number[] = [];
  const lines: number[] = [];
  const faults: string[] = [];
  linesOf(text).forEach((line, index) => {
    if (line === '') return;
    const fault = (what: string) => faults.push(`${file}:${index + 1}: ${what}`);
    const space = line.lastIndexOf(' ');
    const path = line.slice(0, space).trimEnd();
    const digits = line.slice(space + 1);
    if (space === -1 || path === '') {
      fault(`no label: found ${JSON.stringify(line)}, expected "path label"`);
    } else if (!/^\d{1,6}$/.test(digits)) {
      fault(`the label is ${JSON.stringify(digits)}, expected an integer from 0 to 999999`);
    } else if (classes !== undefined && Number(digits) >= classes) {
      fault(`the label is ${digits}, expected 0 to ${classes - 1} by ${classesFrom}`);
    } else if (/\p{Cc}/u.test(path)) {
      fault(`the path ${JSON.stringify(path)} has a control character, expected none`);
    } else if (leavesFolder(path)) {
      fault(`the path ${JSON.stringify(path)} leads out of the folder, expected one below it`);
    } else {
      paths.push(path);
      labels.push(Number(digits));
      lines.push(index + 1);
    }
  });
  if (faults.length > 0) throw dataError(listed(faults, shownFaults));
  if (paths.length === 0) throw dataError(`${file}: no image in it; expected lines of "path label".`);
  return {
    labels: Int32Array.from(labels),
    nameOf: (image) => paths[image]!,
    placeOf: (image) => `${name}:${lines[image]}`,
    // By hand: `join` takes as long as asking the system for the file's size.
    bytesOf: (image) => ({ file: `${dir}/${paths[image]}` }),
  };
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Absolute (POSIX or Windows), or with a `..` in it. */
function leavesFolder(path: string): boolean {
  return /^(?:[/\\]|[A-Za-z]:)/.test(path) || /(?:^|[/\\])\.\.(?:[/\\]|$)/.test(path);
}

function linesOf(text: string): string[] {
  return text.split('\n').map((line) => line.trim());
}

function readFileIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new UserError(`${path}: cannot be read: ${(error as Error).message}`, ExitCode.data, {
      cause: error,
    });
  }
}

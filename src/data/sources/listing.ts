import { dataError, listed } from '../faults.js';
import type { SourceSplit } from '../source.js';
import type { LabelTexts, Numbering } from './labels.js';

/** How many faults of a list are shown; the rest is counted. */
const shownFaults = 20;

/** The images that a text file lists for a split: each line has a path below the dataset's folder, and a label. */
export class Listing {
  /** One per image: its label text's number in `LabelTexts`. */
  readonly labelIds: number[] = [];
  readonly #dir: string;
  readonly #file: string;
  readonly #texts: LabelTexts;
  readonly #paths: string[] = [];
  readonly #lines: number[] = [];
  readonly #faults: { readonly line: number; readonly what: string }[] = [];

  /** @param file name of the list in the folder `dir` */
  constructor(dir: string, file: string, texts: LabelTexts) {
    this.#dir = dir;
    this.#file = file;
    this.#texts = texts;
  }

  add(line: number, path: string, label: string): void {
    if (/\p{Cc}/u.test(path)) {
      this.addFault(line, `the path ${JSON.stringify(path)} has a control character, expected none`);
    } else if (leavesFolder(path)) {
      this.addFault(line, `the path ${JSON.stringify(path)} leads out of the folder, expected one below it`);
    } else {
      this.#paths.push(normal(path));
      this.labelIds.push(this.#texts.idOf(label));
      this.#lines.push(line);
    }
  }

  addFault(line: number, what: string): void {
    this.#faults.push({ line, what });
  }

  /** Throws a UserError that names every faulty line, or says that there is no image. `expected` describes a line. */
  toSplit({ labelsOf }: Numbering, expected: string): SourceSplit {
    const [dir, name, paths, lines] = [this.#dir, this.#file, this.#paths, this.#lines];
    const labels = labelsOf(this.labelIds, (image, what) => this.addFault(lines[image]!, what));
    if (this.#faults.length > 0) {
      const faults = this.#faults.sort((a, b) => a.line - b.line);
      throw dataError(
        listed(
          faults.map(({ line, what }) => `${dir}/${name}:${line}: ${what}`),
          shownFaults,
        ),
      );
    }
    if (paths.length === 0)
      throw dataError(`${dir}/${name}: no image in it; expected ${expected}.`, `${dir}/${name}`);
    return {
      labels,
      nameOf: (image) => paths[image]!,
      placeOf: (image) => `${name}:${lines[image]}`,
      // Not `join`, which takes as long as getting the file's stamp.
      bytesOf: (image) => ({ file: `${dir}/${paths[image]}` }),
    };
  }
}

/** Normalizes a path: `a//b`, `./a/b` and `a/./b` become `a/b`. */
const normal = (path: string): string => path.replace(/\/{2,}/g, '/').replace(/(^|\/)(?:\.\/)+/g, '$1');

/** Whether a path is absolute (POSIX or Windows), or contains `..`. */
function leavesFolder(path: string): boolean {
  return /^(?:[/\\]|[A-Za-z]:)/.test(path) || /(?:^|[/\\])\.\.(?:[/\\]|$)/.test(path);
}

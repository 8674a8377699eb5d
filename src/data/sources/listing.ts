import { dataError, listed } from '../faults.js';
import type { SourceSplit } from '../source.js';
import type { LabelTexts, Numbering } from './labels.js';

/** As many faults of a list are shown; the rest is counted. */
const shownFaults = 20;

/** The images of a split as a text file lists them: a line each, with a path below the dataset's folder and a label. */
export class Listing {
  /** Of its text among those of the whole dataset, an image each. */
  readonly labelIds: number[] = [];
  readonly #dir: string;
  readonly #file: string;
  readonly #texts: LabelTexts;
  readonly #paths: string[] = [];
  readonly #lines: number[] = [];
  readonly #faults: { readonly line: number; readonly what: string }[] = [];

  /** `file` lies in the folder `dir`. */
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

  /** Throws a UserError that names every faulty line, or says that there is no image; `expected` is what lines hold. */
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
    if (paths.length === 0) throw dataError(`${dir}/${name}: no image in it; expected ${expected}.`);
    return {
      labels,
      nameOf: (image) => paths[image]!,
      placeOf: (image) => `${name}:${lines[image]}`,
      // By hand: `join` takes as long as asking the system for the file's size.
      bytesOf: (image) => ({ file: `${dir}/${paths[image]}` }),
    };
  }
}

/** Of two ways to write a path, one: `a//b`, `./a/b` and `a/./b` are `a/b`. */
const normal = (path: string): string => path.replace(/\/{2,}/g, '/').replace(/(^|\/)(?:\.\/)+/g, '$1');

/** Absolute (POSIX or Windows), or with a `..` in it. */
function leavesFolder(path: string): boolean {
  return /^(?:[/\\]|[A-Za-z]:)/.test(path) || /(?:^|[/\\])\.\.(?:[/\\]|$)/.test(path);
}

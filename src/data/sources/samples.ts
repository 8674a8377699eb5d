import { join } from 'node:path';
import { dataError, listed } from '../faults.js';
import type { SourceSplit } from '../source.js';
import { type Ignored, isImageExtension } from './image-files.js';
import type { LabelTexts, Numbering } from './labels.js';
import type { TarEntry, TarReader } from './tar.js';

/** Longest label, bytes. */
const longestLabel = 4096;
const shownFaults = 20;

/** The entries of one key that have been read so far. */
interface Sample {
  readonly key: string;
  image?: TarEntry;
  label?: Label;
  /** `.txt`: the label where there is no `.cls`. */
  text?: Label;
  /** An entry that would be the image or label of a key with a dot in it. */
  dotted?: string;
}

interface Label {
  readonly name: string;
  /** '' where the label is missing or too long. */
  readonly value: string;
}

/** The samples in a split's WebDataset shards. */
export class Samples {
  /** One per image: its label text's number in `LabelTexts`. */
  readonly labelIds: number[] = [];
  readonly #dir: string;
  readonly #texts: LabelTexts;
  readonly #ignored: Ignored;
  readonly #shards: string[] = [];
  // One entry per image. Not objects: there may be millions of images.
  readonly #shardOf: number[] = [];
  readonly #names: string[] = [];
  readonly #begins: number[] = [];
  readonly #sizes: number[] = [];
  readonly #faults: string[] = [];
  /** Whether a sample lacks its image or its label. */
  #incomplete = false;

  constructor(dir: string, texts: LabelTexts, ignored: Ignored) {
    this.#dir = dir;
    this.#texts = texts;
    this.#ignored = ignored;
  }

  /** @param shard path below the folder */
  addShard(shard: string, tar: TarReader): void {
    this.#shards.push(shard);
    let sample: Sample | undefined;
    for (const entry of tar.entries()) {
      // WebDataset splits a file name at its first dot. A name that begins with a dot has no key.
      const [, key, extension] = /^(?:\.\/)*((?:.*\/)?[^/.]+)\.([^/]+)$/.exec(entry.name) ?? [];
      if (key === undefined || extension === undefined) {
        this.#ignored.addFile(entry.name);
        continue;
      }
      if (sample?.key !== key) {
        if (sample !== undefined) this.#add(sample);
        sample = { key };
      }
      this.#put(sample, entry, extension.toLowerCase(), tar);
    }
    if (sample !== undefined) this.#add(sample);
  }

  /** Throws a UserError that names every sample without image or label, or whose label is no class. */
  toSplit({ labelsOf }: Numbering): SourceSplit {
    const [dir, shards, shardOf] = [this.#dir, this.#shards, this.#shardOf];
    const [names, begins, sizes] = [this.#names, this.#begins, this.#sizes];
    const shard = (image: number) => shards[shardOf[image]!]!;
    const nameOf = (image: number) => `${shard(image)}/${names[image]}`;
    const labels = labelsOf(this.labelIds, (image, what) => {
      this.#faults.push(`${join(dir, nameOf(image))}: ${what}`);
    });
    if (this.#faults.length > 0) {
      const advice = this.#incomplete
        ? '\nFiles of one key must be neighbours; tar --sort=name makes them so.'
        : '';
      throw dataError(listed(this.#faults, shownFaults) + advice);
    }
    if (names.length === 0) {
      throw dataError(
        `${join(dir, shards[0]!)}: no key.jpg with a key.cls in it, nor in other shards of its split.`,
        join(dir, shards[0]!),
      );
    }
    return {
      labels,
      nameOf,
      placeOf: () => undefined,
      bytesOf: (image) => ({
        file: `${dir}/${shard(image)}`,
        part: { begin: begins[image]!, length: sizes[image]! },
      }),
    };
  }

  #put(sample: Sample, entry: TarEntry, extension: string, tar: TarReader): void {
    const part = extension === 'cls' ? 'label' : extension === 'txt' ? 'text' : 'image';
    const { name, size } = entry;
    const last = extension.slice(extension.lastIndexOf('.') + 1);
    if (last !== extension && (last === 'cls' || isImageExtension(last))) sample.dotted ??= name;
    if (part === 'image' && !isImageExtension(extension)) {
      this.#ignored.addFile(name);
    } else if (sample[part] !== undefined) {
      this.#fault(name, `a second ${part} of this key, after ${sample[part].name}`);
    } else if (part === 'image') {
      sample.image = entry;
    } else {
      sample[part] = { name, value: size > longestLabel ? '' : tar.text(entry).trim() };
    }
  }

  #add({ key, image, label, text, dotted }: Sample): void {
    const from = label ?? text;
    if (dotted !== undefined && (image === undefined || from === undefined)) {
      const named = key.slice(key.lastIndexOf('/') + 1);
      this.#fault(
        dotted,
        `the key ends at the first dot, so it is ${named}; expected no dot in it, as in KEY.jpg and KEY.cls`,
      );
    } else if (image === undefined) {
      // A text without an image or label may be a readme.
      if (label === undefined) return;
      this.#incomplete = true;
      this.#fault(label.name, 'found no image of this key beside it');
    } else if (from === undefined) {
      this.#incomplete = true;
      this.#fault(image.name, `found no label beside it, expected ${key}.cls`);
    } else if (from.value === '') {
      this.#fault(from.name, `expected a label, a number or a name of at most ${longestLabel} bytes`);
    } else {
      this.labelIds.push(this.#texts.idOf(from.value));
      this.#shardOf.push(this.#shards.length - 1);
      this.#names.push(image.name);
      this.#begins.push(image.begin);
      this.#sizes.push(image.size);
    }
  }

  #fault(name: string, what: string): void {
    this.#faults.push(`${join(this.#dir, this.#shards.at(-1)!, name)}: ${what}`);
  }
}

import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { DataConfig, SourceType } from '#lockstep/config/schema.js';
import { splitNames } from '#lockstep/data/dataset.js';
import { dataFault, inFolder, put, sourceOf } from './data-helpers.js';
import { tarOf } from './tar-helpers.js';

/** What people really have: how files lie in a folder, and what is made of it. */

export interface Layout {
  /** Patterns of files, such as `train/{cat,dog}/{1..3}.jpg`: images, empty, since none is read. A `/` at the end makes a folder. */
  readonly images: readonly string[];
  /** Contents of other files. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly config?: Partial<DataConfig>;
  /** What it is recognised as, the images of train, validation and test, the classes, and what notes say, one after the other. */
  readonly is?: readonly [SourceType, readonly number[], string, ...RegExp[]];
  /** Or what is wrong. */
  readonly fault?: RegExp;
}

/** All that a pattern stands for: `{a,b}` each of these, `{1..9}` each number. */
export function expand(pattern: string): string[] {
  const [whole, before, inside, after] = /^(.*?)\{([^}]*)\}(.*)$/s.exec(pattern) ?? [];
  if (whole === undefined) return [pattern];
  const [, first, last] = /^(\d+)\.\.(\d+)$/.exec(inside!) ?? [];
  const parts =
    first === undefined
      ? inside!.split(',')
      : Array.from({ length: Number(last) - Number(first) + 1 }, (_, i) => String(Number(first) + i));
  return parts.flatMap((part) => expand(`${before}${part}${after}`));
}

function putLayout(dir: string, { images, files = {} }: Layout): void {
  for (const name of images.flatMap(expand)) {
    if (name.endsWith('/')) mkdirSync(join(dir, name), { recursive: true });
    else {
      mkdirSync(dirname(join(dir, name)), { recursive: true });
      put(dir, name, '');
    }
  }
  for (const [name, content] of Object.entries(files)) put(dir, name, content);
}

export const rows = (header: string, count: number, row: (i: number) => string) =>
  `${[header, ...Array.from({ length: count }, (_, i) => row(i + 1))].join('\n')}\n`;
export const lines = (count: number, line: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => `${line(i + 1)}\n`).join('');
export const of = ['cat', 'dog'] as const;
export const label = (i: number) => of[i % 2]!;

export const shard = tarOf(
  ...Array.from({ length: 6 }, (_, i): [string, string][] => [
    [`${i}.jpg`, 'x'],
    [`${i}.cls`, String(i % 2)],
  ]).flat(),
);

/** As MNIST's: a header, then bytes. */
function idxFile(sizes: readonly number[], value: (i: number) => number): Buffer {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  for (const [i, word] of [0x800 + sizes.length, ...sizes].entries()) header.writeUInt32BE(word, 4 * i);
  return Buffer.concat([
    header,
    Uint8Array.from({ length: sizes.reduce((a, b) => a * b) }, (_, i) => value(i)),
  ]);
}
export const letters = (name: string, count: number) => ({
  [`${name}-images-idx3-ubyte`]: idxFile([count, 2, 2], () => 7),
  [`${name}-labels-idx1-ubyte`]: idxFile([count], (i) => 1 + (i % 3)),
});

/** A suite of layouts: what each is recognised as, and what is said of it. */
export function testLayouts(kind: string, layouts: Readonly<Record<string, Layout>>): void {
  const tests = suite(`layouts: ${kind}`);
  for (const [name, layout] of Object.entries(layouts)) {
    tests(name, () =>
      inFolder(async (folder) => {
        const dir = join(folder, 'set');
        mkdirSync(dir);
        putLayout(dir, layout);
        const config = { cache: join(folder, 'cache'), ...layout.config };
        if (layout.fault !== undefined) {
          assert.match(await dataFault(() => sourceOf(dir, config)), new RegExp(layout.fault, 's'));
          return;
        }
        const [form, counts, classes, ...says] = layout.is!;
        const source = await sourceOf(dir, config);
        if (config.source === undefined) assert.is(source.notes[0], `recognised as ${form} (data.source)`);
        assert.is(source.classes.join(' '), classes);
        assert.equal(
          splitNames.map((split) => source.splits[split].labels.length),
          counts,
          source.notes.join('\n'),
        );
        for (const note of says)
          assert.ok(
            source.notes.some((each) => note.test(each)),
            `${note}\n${source.notes.join('\n')}`,
          );
      }),
    );
  }
  tests.run();
}

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { openDataset } from '#lockstep/data/open.js';
import { closeCachedFiles, openCachedFiles } from '#lockstep/data/packed/cached-files.js';
import { damagedSamples } from '#lockstep/data/packed/checksums.js';
import { type Draft, draftFiles } from '#lockstep/data/packed/draft.js';
import { contentsOf, readPacked } from '#lockstep/data/packed/packed.js';
import { UserError } from '#lockstep/errors.js';
import { nobody } from '#lockstep/files/process-identity.js';
import { temporaryName } from '#lockstep/files/temporary.js';
import { readSafetensorsHeader } from '#lockstep/tensors/safetensors.js';
import { pixelsConfig, plain, putDataset } from '../../support/data-helpers.js';
import { damagedBytes, damagedText, damagedValue } from '../mutations.js';
import { target } from '../target.js';
import { assembled, partsOf } from './safetensors.js';

/** Packed datasets, drafts of them, and their journals, as a cache may hold them. */

/** What a packing of three images wrote. */
let made: { name: string; key: string; recipe: string };

export const packed = target({
  async cases() {
    const config = pixelsConfig('.');
    const images = await Promise.all(
      (
        [
          [1, 2, 3],
          [200, 100, 0],
          [9, 9, 9],
        ] as const
      ).map((color) => plain(color).png().toBuffer()),
    );
    putDataset('set', Object.fromEntries(images.map((image, i) => [`${i}.png`, image])));
    const { path, key } = await openDataset(config, { threads: 1 });
    const base = readFileSync(path);
    const { header, data } = partsOf(base) as {
      header: Record<string, Record<string, string>>;
      data: Uint8Array;
    };
    const { __metadata__: metadata, ...tensors } = header;
    made = { name: basename(path), key, recipe: metadata!['recipe']! };
    const inner = ['classes', 'trainSums', 'skipped'];
    const unfolded = Object.fromEntries(inner.map((name) => [name, JSON.parse(metadata![name]!) as unknown]));
    const refolded = (value: unknown) =>
      Object.fromEntries(
        Object.entries(Object(value) as object).map(([name, own]) => [
          name,
          JSON.stringify(own) ?? 'undefined',
        ]),
      );
    const lines = '["train",0,[1,2,null]]\n["validation",0,[3]]\n["test",1,[4,5]]\n';
    return fc.record({
      bytes: fc.oneof(
        damagedBytes(base),
        damagedValue(header).map((value) => assembled(JSON.stringify(value) ?? '', data)),
        damagedValue(unfolded).map((value) =>
          assembled(JSON.stringify({ __metadata__: { ...metadata, ...refolded(value) }, ...tensors }), data),
        ),
      ),
      // Whether the file's checksum of itself is as if all this had been written.
      consistent: fc.boolean(),
      journal: damagedText(lines),
    });
  },
  run({ bytes, consistent, journal }) {
    const config = pixelsConfig('.');
    const path = join(config.cache, made.name);
    mkdirSync(config.cache);
    writeFileSync(path, bytes);
    if (consistent) makeConsistent(path);
    const draft = temporaryName(path, 'draft', nobody);
    mkdirSync(draft);
    writeFileSync(join(draft, draftFiles.packed), readFileSync(path));
    writeFileSync(join(draft, draftFiles.journal), journal);
    const own = { resumed: false, folder: '', file: -1 } as Draft;
    closeCachedFiles(openCachedFiles(config, made.recipe, own), own);
    assert.is(readdirSync(config.cache).length, 2);
    const dataset = readPacked(path, made.key, config);
    damagedSamples(dataset);
    const { mean, deviation } = dataset.normalization;
    assert.ok([...mean, ...deviation].every(Number.isFinite), 'a normalization that is no number');
    assert.ok(dataset.classes.every((name) => typeof name === 'string'));
    assert.ok(
      dataset.skipped.every(({ file, reason }) => typeof file === 'string' && typeof reason === 'string'),
    );
  },
});

/** Puts the hash into the file that its contents have. */
function makeConsistent(path: string): void {
  try {
    const contents = contentsOf(path, readSafetensorsHeader(path));
    const text = readFileSync(path, 'latin1').replace(
      /"contents":"[0-9a-f]{64}"/,
      `"contents":"${contents}"`,
    );
    writeFileSync(path, text, 'latin1');
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
  }
}

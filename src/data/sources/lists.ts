import { join } from 'node:path';
import { type SplitName, splitNames } from '../dataset.js';
import { linesOf, readText } from './folder.js';
import { type Form, mapGiven, requireTrain } from './form.js';
import { LabelTexts, numberLabels, readClassNames } from './labels.js';
import { Listing } from './listing.js';

/**
 * A dataset as list files: `train.txt`, `val.txt`, `test.txt`, each line an image's path relative to the folder, a
 * space, and the label, a number or a name without spaces.
 */

export const listFiles = {
  train: 'train.txt',
  validation: 'val.txt',
  test: 'test.txt',
} as const satisfies Record<SplitName, string>;

const line = 'lines of "path label"';

export const lists: Form = {
  holds: `${listFiles.train}, ${line}; if there, ${listFiles.validation}, ${listFiles.test}`,

  recognises: ({ files }) => splitNames.some((split) => files.includes(listFiles[split])),

  read({ path: dir }) {
    const texts = new LabelTexts();
    const found: Partial<Record<SplitName, Listing>> = {};
    for (const split of splitNames) {
      const list = readList(dir, listFiles[split], texts);
      if (list !== undefined) found[split] = list;
    }
    const given = requireTrain(dir, found, `${line} in ${listFiles.train}`);
    const numbering = numberLabels({
      texts: texts.all,
      train: given.train.labelIds,
      trainName: listFiles.train,
      names: readClassNames(dir),
    });
    const splits = mapGiven(given, (list) => list.toSplit(numbering, line));
    return { dir, classes: numbering.classes, splits, encoding: { type: 'file' }, notes: numbering.notes };
  },
};

function readList(dir: string, name: string, texts: LabelTexts): Listing | undefined {
  const text = readText(join(dir, name));
  if (text === undefined) return undefined;
  const list = new Listing(dir, name, texts);
  linesOf(text).forEach((line, index) => {
    if (line === '') return;
    const space = line.lastIndexOf(' ');
    const path = line.slice(0, space).trimEnd();
    if (space === -1 || path === '') {
      list.addFault(index + 1, `no label: found ${JSON.stringify(line)}, expected "path label"`);
    } else {
      list.add(index + 1, path, line.slice(space + 1));
    }
  });
  return list;
}

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createSampler } from '#lockstep/data/sampler.js';
import { fillClassIndex } from '#lockstep/runtime/class-index.js';

const balanced = suite('the balanced sampler');

/** Classes of very different sizes; class 2 has no sample. */
const sizes = [3, 500, 0, 40, 1];
const labels = Int32Array.from(sizes.flatMap((size, label) => new Array<number>(size).fill(label))).sort(
  (a, b) => ((a * 7919) % 5) - ((b * 7919) % 5),
);
const index = { samples: new Int32Array(labels.length), starts: new Int32Array(sizes.length + 1) };
fillClassIndex(index, labels);
const epochOf = (epoch: number, seed = 1) => {
  const sampler = createSampler('balanced', labels.length, seed, epoch, index);
  return Array.from({ length: labels.length }, (_, position) => ({
    sample: sampler.at(position),
    key: sampler.keyAt!(position),
  }));
};

balanced('the index names each sample once, class by class', () => {
  assert.equal(
    [...index.samples].sort((a, b) => a - b),
    [...labels.keys()],
  );
  sizes.forEach((size, label) => {
    const own = index.samples.subarray(index.starts[label], index.starts[label + 1]);
    assert.is(own.length, size);
    assert.ok(own.every((sample) => labels[sample] === label));
  });
});

balanced('every class occurs equally often, and its samples take turns', () => {
  const samples = epochOf(1).map(({ sample }) => sample);
  sizes.forEach((size, label) => {
    const own = samples.filter((sample) => labels[sample] === label);
    if (size === 0) {
      assert.is(own.length, 0);
      return;
    }
    assert.ok(Math.abs(own.length - labels.length / 4) < 1, `${own.length} of class ${label}`);
    const counts = new Map<number, number>();
    for (const sample of own) counts.set(sample, (counts.get(sample) ?? 0) + 1);
    const most = Math.max(...counts.values());
    assert.ok(counts.size === Math.min(size, own.length), `${counts.size} samples of class ${label}`);
    assert.ok([...counts.values()].every((count) => most - count <= 1));
  });
});

balanced('another epoch has another order and, of a large class, other samples', () => {
  const of = (epoch: number) =>
    new Set(
      epochOf(epoch)
        .map(({ sample }) => sample)
        .filter((sample) => labels[sample] === 1),
    );
  const [first, second] = [of(1), of(2)];
  const both = [...first].filter((sample) => second.has(sample)).length;
  assert.ok(
    both > 10 && both < 70,
    `${both} of ${first.size} are the same; by chance some ${(136 * 136) / 500}`,
  );
  assert.equal(epochOf(1), epochOf(1));
  assert.not.equal(epochOf(1), epochOf(1, 2));
});

balanced('a repeated sample has another key', () => {
  const rounds = epochOf(1).filter(({ sample }) => labels[sample] === 4);
  assert.ok(rounds.length > 100);
  assert.is(new Set(rounds.map(({ key }) => key)).size, rounds.length);
});

balanced('samples of any round have keys of their own', () => {
  // The small classes' rounds reach far beyond the number of samples in them.
  const repeated = epochOf(1).filter(({ sample, key }) => key !== sample);
  assert.ok(repeated.length > 300);
  assert.is(new Set(repeated.map(({ key }) => key)).size, repeated.length);
});

balanced.run();

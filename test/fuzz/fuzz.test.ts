import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { forEachQueued } from '#lockstep/data/queue.js';
import { targets } from './targets.js';
import { type Found, watch } from './watch.js';

/** A few cases of every target; `npm run fuzz` tries 10,000. */

const fuzz = suite('bad input');

const seed = 20_240_229;
const found = new Map<string, Found>();

fuzz.before(async () => {
  // Two processes at a time: as many as the smallest machine has cores.
  await forEachQueued(Object.keys(targets), 2, async (target) => {
    found.set(target, await watch({ target, seed, runs: 300 }));
  });
});

for (const target of Object.keys(targets)) {
  fuzz(
    `300 cases of ${target}, or fewer where they are slow, succeed or say what is wrong (seed ${seed})`,
    () => {
      const { failure, runs } = found.get(target)!;
      assert.is(failure, undefined, `case ${runs}: ${failure?.what}\n${failure?.input}`);
      assert.ok(runs > 0);
    },
  );
}

fuzz.run();

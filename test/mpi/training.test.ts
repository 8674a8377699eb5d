import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mpiruns, runRanks } from '../support/mpi-helpers.js';
import { needing } from '../support/needing.js';
import { trained, trainings } from '../support/trainings.js';

/** Ranks train to the bits of one process. */
const training = suite('trainings on several ranks');

const alone = new Map<string, string>();
training.before(async () => {
  for (const [name, each] of Object.entries(trainings)) alone.set(name, await trained(each, { threads: 1 }));
});

const hashIn = (result: string) => result.slice(-64);

for (const mpirun of mpiruns) {
  const test = needing(training, mpirun.name, mpirun.command !== undefined);
  for (const ranks of [1, 2, 3, 4]) {
    for (const threads of [1, 2]) {
      test(`${mpirun.name}: ${ranks} ranks of ${threads} threads have the bits of one process`, async () => {
        const program = 'train-ranks.js';
        const { code, said, answers } = await runRanks(mpirun, ranks, `${threads}`, { program });
        assert.is(code, 0, said);
        for (const [rank, answer] of (answers as Record<string, string>[]).entries())
          for (const [name, expected] of alone)
            assert.is(answer[name], rank === 0 ? expected : hashIn(expected), `${name}, rank ${rank}`);
      });
    }
  }
}

training.run();

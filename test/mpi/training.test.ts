import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mpiruns, runRanks } from '../support/mpi-helpers.js';
import { needing } from '../support/needing.js';
import { trained, trainings } from '../support/trainings.js';

/** Ranks train to the bits of one process. */
const training = suite('trainings on several ranks');

const threadCounts = [1, 2];
const alone = new Map<string, string>();
training.before(async () => {
  for (const [name, each] of Object.entries(trainings)) alone.set(name, (await trained(each, [1]))[0]!);
});

const hashIn = (result: string) => result.slice(-64);

for (const mpirun of mpiruns) {
  const test = needing(training, mpirun.name, mpirun.command !== undefined);
  for (const ranks of [1, 2, 3, 4]) {
    test(`${mpirun.name}: ${ranks} ranks of 1 and of 2 threads have the bits of one process`, async () => {
      const program = 'train-ranks.js';
      const { code, said, answers } = await runRanks(mpirun, ranks, threadCounts.join(), { program });
      assert.is(code, 0, said);
      for (const [rank, answer] of (answers as Record<string, string[]>[]).entries()) {
        for (const [name, expected] of alone) {
          const every = threadCounts.map(() => (rank === 0 ? expected : hashIn(expected)));
          assert.equal(answer[name], every, `${name}, rank ${rank}`);
        }
      }
    });
  }
}

training.run();

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mpiruns, runRanks } from '../support/mpi-helpers.js';
import { needing } from '../support/needing.js';

/** Ranks on this machine, with each MPI that is installed. */
const mpi = suite('MPI');

for (const mpirun of mpiruns) {
  const { name } = mpirun;
  const ranks = needing(mpi, name, mpirun.command !== undefined);

  async function run(size: number, scenario: string): Promise<readonly unknown[]> {
    const { code, said, answers } = await runRanks(mpirun, size, scenario);
    assert.is(code, 0, said);
    return answers;
  }

  ranks(`${name}: every rank knows who it is, and where all are`, async () => {
    const answers = (await run(3, 'names')) as {
      rank: number;
      size: number;
      hosts: string[];
      version: string;
    }[];
    for (const [rank, answer] of answers.entries()) {
      assert.is(answer.rank, rank);
      assert.is(answer.size, 3);
      assert.is(answer.hosts.length, 3);
      assert.is(new Set(answer.hosts).size, 1);
      assert.match(answer.version, new RegExp(`^${name} \\d`));
    }
  });

  for (const size of [2, 5]) {
    ranks(`${name}, ${size} ranks: what a channel broadcasts and gathers arrives whole`, async () => {
      const expected = { gathered: Array(size).fill(0), told: 0, nothing: 0, memory: 0, around: [0, 0] };
      assert.equal(await run(size, 'channel'), Array(size).fill(expected));
    });

    ranks(
      `${name}, ${size} ranks: a thread's exchanges arrive whole, from and in shared memory`,
      async () => {
        assert.equal(await run(size, 'transport'), Array(size).fill({ bad: 0 }));
      },
    );
  }

  ranks(`${name}: an exchange says which ranks are missing`, async () => {
    const [first, ...others] = await run(3, 'missing');
    assert.equal(first, { seen: [false, [1, 2], []] });
    assert.equal(others, [{ seen: [[]] }, { seen: [[]] }]);
  });

  ranks(`${name}: who waits for a rank that does not come says which, and can end all`, async () => {
    const { code, said, answers } = await runRanks(mpirun, 3, 'deadline');
    assert.is(code, 5, said);
    const { message, isUserError } = answers[0] as { message: string; isUserError: boolean };
    assert.match(message, /no answer within 0\.5 s from rank 1 \(\S+\)$/);
    assert.ok(isUserError);
    assert.is(answers[1], undefined);
  });

  ranks(`${name}: WebAssembly that leaves its memory is an exception still`, async () => {
    const thrown = 'RuntimeError: memory access out of bounds';
    assert.equal(await run(2, 'trap'), [{ thrown }, { thrown }]);
  });
}

mpi.run();

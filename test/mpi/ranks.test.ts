import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mpiruns, openMpi, runRanks } from '../support/mpi-helpers.js';
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
      flavor: string;
    }[];
    for (const [rank, answer] of answers.entries()) {
      assert.is(answer.rank, rank);
      assert.is(answer.size, 3);
      assert.is(answer.hosts.length, 3);
      assert.is(new Set(answer.hosts).size, 1);
      assert.is(answer.flavor, mpirun.flavor);
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

  ranks(`${name}: what MPI refuses is an error that says which message`, async () => {
    const [sender, receiver] = (await run(2, 'truncated')) as { message?: string; isUserError?: boolean }[];
    assert.equal(sender, {});
    assert.match(receiver!.message!, /MPI: a message from rank 0 of 100 bytes: .*truncated/i);
    assert.ok(receiver!.isUserError);
  });

  ranks(
    `${name}: a rank that ends before it initialises MPI does not let the others wait for ever`,
    async () => {
      const { code, said, answers } = await runRanks(mpirun, 2, 'absent');
      assert.ok(code !== null && code !== 0, said);
      // Open MPI's launcher may notice it itself, and passes on the words of a rank or not.
      if (mpirun !== openMpi) assert.match(said, /rank 0 has waited 1 s for all ranks to initialise MPI/);
      assert.equal(answers, [undefined, undefined]);
    },
  );

  ranks(`${name}: WebAssembly that leaves its memory is an exception still`, async () => {
    const thrown = 'RuntimeError: memory access out of bounds';
    assert.equal(await run(2, 'trap'), [{ thrown }, { thrown }]);
  });
}

mpi.run();

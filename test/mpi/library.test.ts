import { spawnSync } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ExitCode, UserError } from '#lockstep/errors.js';
import { treeOf } from '#lockstep/mpi/channel.js';
import { candidates, loadLibrary, shortVersion } from '#lockstep/mpi/library.js';
import { hasKoffi, mpich, openMpi, runRanks } from '../support/mpi-helpers.js';
import { hang, needing } from '../support/needing.js';

const library = suite('MPI library');

library('the launcher says which library is looked for first', () => {
  assert.is(candidates('openmpi', 'linux')[0], 'libmpi.so.40');
  assert.is(candidates('hydra', 'linux')[0], 'libmpich.so.12');
  assert.not.ok(candidates('openmpi', 'linux').includes('libmpich.so.12'));
  assert.not.ok(candidates('hydra', 'linux').includes('libmpi.so.40'));
  for (const name of ['libmpi.so.40', 'libmpich.so.12', 'libmpi_abi.so.1'])
    assert.ok(candidates(undefined, 'linux').includes(name), name);
  assert.ok(candidates('slurm', 'darwin').every((name) => name.endsWith('.dylib')));
});

library('implementation and version are taken out of what a library says', () => {
  const built = 'Open MPI v4.1.4, package: Debian OpenMPI, ident: 4.1.4, repo rev: v4.1.4, May 26, 2022';
  assert.is(shortVersion(built), 'Open MPI 4.1.4');
  assert.is(shortVersion('MPICH Version:\t4.0.2\nMPICH Release date:\tThu Apr  7\n'), 'MPICH 4.0.2');
  assert.is(
    shortVersion('Intel(R) MPI Library 2021.12 for Linux* OS\n'),
    'Intel(R) MPI Library 2021.12 for Linux* OS',
  );
});

const refused = async (options: Parameters<typeof loadLibrary>[0]): Promise<string> => {
  const error = await loadLibrary(options).then(
    () => assert.unreachable('it was loaded'),
    (error: unknown) => error,
  );
  assert.instance(error, UserError);
  assert.is((error as UserError).exitCode, ExitCode.environment);
  return (error as UserError).message;
};

const calling = needing(library, 'koffi', hasKoffi);

calling('a file that is not there: an error says what was looked for, and what to do', async () => {
  const message = await refused({ file: '/nowhere/libmpi.so' });
  assert.match(message, /^no MPI library could be loaded:\n {2}\/nowhere\/libmpi\.so: .*No such file/);
  assert.match(message, /Name the file of a libmpi of Open MPI 4 or 5, MPICH 4, or MPI 5/);
});

calling('a library that is no MPI is refused by name', async () => {
  const file = process.platform === 'darwin' ? 'libSystem.dylib' : 'libm.so.6';
  assert.match(await refused({ file }), new RegExp(`${file}: is no MPI whose binary interface is known`));
});

for (const [mpirun, file] of [
  [openMpi, 'libmpi.so.40'],
  [mpich, 'libmpich.so.12'],
] as const) {
  needing(
    library,
    `${mpirun.name} on Linux`,
    mpirun.command !== undefined && process.platform === 'linux',
  )(`${mpirun.name}: a process ends though a thread of it hangs, as in MPI_Finalize`, () => {
    const module = (name: string) => JSON.stringify(new URL(`../../mpi/${name}.js`, import.meta.url).href);
    const program = `
        const { importKoffi } = await import(${module('koffi')});
        const { loadLibrary } = await import(${module('library')});
        const { functions } = await loadLibrary({ file: '${file}' });
        const libc = (await importKoffi()).load('libc.so.6', { global: false });
        libc.func('sleep', 'uint', ['uint']).async(600, () => {});
        setTimeout(() => functions.exitAtOnce(7), 100);`;
    const { status } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
      timeout: hang,
      killSignal: 'SIGKILL',
    });
    assert.is(status, 7);
  });
}

needing(
  library,
  'Open MPI and MPICH',
  openMpi.command !== undefined && mpich.command !== undefined,
)('a library that is not the launcher’s: an error says so', async () => {
  for (const [mpirun, file] of [
    [openMpi, 'libmpich.so.12'],
    [mpich, 'libmpi.so.40'],
  ] as const) {
    const { answers } = await runRanks(mpirun, 2, 'names', { file });
    for (const answer of answers) {
      const { error } = answer as { error: string };
      assert.match(
        error,
        /the launcher started 2 ranks, and .* knows of 1: it is not the launcher's own library/,
      );
    }
  }
});

library('a broadcast reaches each rank once, in as few rounds as can be', () => {
  for (let size = 1; size <= 70; size++) {
    const reached = [0];
    for (const rank of reached) {
      for (const child of treeOf(rank, size).children) {
        assert.is(treeOf(child, size).parent, rank);
        reached.push(child);
      }
    }
    assert.equal(
      reached.sort((a, b) => a - b),
      Array.from({ length: size }, (_, rank) => rank),
    );
    assert.ok(treeOf(0, size).children.length <= Math.ceil(Math.log2(size)));
  }
});

library.run();

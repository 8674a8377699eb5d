import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FlavorName } from '#lockstep/mpi/flavor.js';
import { importKoffi } from '#lockstep/mpi/koffi.js';
import { hang } from './needing.js';
import { type Going, goingProgram } from './signal-helpers.js';

/** The launcher of an MPI, if it is installed. */
export interface Mpirun {
  readonly name: string;
  readonly flavor: FlavorName;
  /** Its command; `undefined` if it is not installed. */
  readonly command: string | undefined;
  readonly options: readonly string[];
}

export const hasKoffi = await importKoffi().then(
  () => true,
  () => false,
);

/** The first of `commands` whose version is as expected. */
function found(version: RegExp, ...commands: readonly string[]): string | undefined {
  if (!hasKoffi) return undefined;
  return commands.find((command) => {
    const { stdout } = spawnSync(command, ['--version'], { encoding: 'utf8' });
    return version.test(stdout ?? '');
  });
}

export const openMpi: Mpirun = {
  name: 'Open MPI',
  flavor: 'openmpi',
  command: found(/Open MPI|OpenRTE|PRRTE/i, 'mpirun.openmpi', 'mpirun'),
  options: ['--oversubscribe', '--allow-run-as-root', '--bind-to', 'none'],
};
export const mpich: Mpirun = {
  name: 'MPICH',
  flavor: 'mpich',
  command: found(/HYDRA/i, 'mpirun.mpich', 'mpirun'),
  options: [],
};
export const mpiruns = [openMpi, mpich];

/** A command on several ranks. */
export interface RanksGoing extends Going {
  /** Of a rank's process, once it has begun. */
  pid(rank: number): number;
}

/**
 * Starts `mpirun -n RANKS node dist/NAME.js ARGUMENTS` in `folder`.
 * @param before what the shell of each rank does before: `$r` is its rank
 */
export function goingOnRanks(
  mpirun: Mpirun,
  ranks: number,
  folder: string,
  name: 'train' | 'lockstep',
  args: readonly string[],
  before = ':',
): RanksGoing {
  const entry = fileURLToPath(new URL(`../../${name}.js`, import.meta.url));
  const file = (rank: number) => join(folder, `rank-${rank}.pid`);
  for (let rank = 0; rank < ranks; rank++) rmSync(file(rank), { force: true });
  const shell = `r=\${OMPI_COMM_WORLD_RANK:-$PMI_RANK}; echo $$ > "rank-$r.pid"; ${before}; exec "$0" "$@"`;
  const command = [mpirun.command!, ...mpirun.options, '-n', `${ranks}`, 'sh', '-c', shell];
  const going = goingProgram(folder, [...command, process.execPath, entry, ...args]);
  return { ...going, pid: (rank) => Number(readFileSync(file(rank), 'utf8')) };
}

/** Whether a process runs: not one that has ended and that nobody has asked for. */
export function isRunning(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', `${pid}`], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.startsWith('Z');
}

export interface RanksEnded {
  /** mpirun's exit code. */
  readonly code: number | null;
  /** Of stdout and stderr. */
  readonly said: string;
  /** What each rank has written, as the program of `ranks.ts` does; `undefined` of one that wrote nothing. */
  readonly answers: readonly unknown[];
}

/** Runs a program of `test/mpi` on so many ranks. @param options `file`: of the MPI library */
export async function runRanks(
  mpirun: Mpirun,
  ranks: number,
  scenario: string,
  { file, program: name = 'ranks.js' }: { readonly file?: string; readonly program?: string } = {},
): Promise<RanksEnded> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-mpi-'));
  const program = fileURLToPath(new URL(`../mpi/${name}`, import.meta.url));
  const args = [
    ...mpirun.options,
    '-n',
    `${ranks}`,
    process.execPath,
    program,
    scenario,
    folder,
    ...(file === undefined ? [] : [file]),
  ];
  const child = spawn(mpirun.command!, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: hang,
    killSignal: 'SIGKILL',
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const answers = Array.from({ length: ranks }, (_, rank) => {
    const file = join(folder, `${rank}.json`);
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  });
  rmSync(folder, { recursive: true, force: true });
  return { code, said, answers };
}

import type { InferredOptionTypes, Options } from 'yargs';
import { ExitCode, UserError } from '../errors.js';
import { MpiGroup } from '../mpi/group.js';
import { launchedProcess, launchedRanks } from '../mpi/launcher.js';
import { loadLibrary } from '../mpi/library.js';
import type { Group } from '../runtime/group.js';
import { type ConfigArguments, sharedBytesOf, threadsOf } from './config-options.js';
import { secondsIn } from './duration.js';
import { endRanksWith, endWith } from './failure.js';
import { follow } from './follow.js';

/** Options of the commands that several ranks run together. */
export const rankOptions = {
  distributed: {
    choices: ['auto', 'mpi', 'off'] as const,
    default: 'auto' as const,
    describe:
      'Train together with the other ranks of an MPI job; auto: if mpirun or srun has started this process',
  },
  'mpi-library': {
    type: 'string',
    requiresArg: true,
    describe: "File of the MPI library, such as libmpi.so.40; else the launcher's",
  },
  'rank-timeout': {
    type: 'string',
    default: '45s',
    requiresArg: true,
    describe:
      'Time after which a rank that sends nothing is given up, and the job ended, such as 90s or 5min',
  },
} as const satisfies Record<string, Options>;

type RankArguments = InferredOptionTypes<typeof rankOptions>;

/** @throws Error with the reason, for yargs to show */
export function checkRanks(args: RankArguments): void {
  const { 'rank-timeout': timeout, 'mpi-library': library, distributed } = args;
  if (secondsIn(timeout) === undefined)
    throw new Error(`--rank-timeout is ${timeout}, but needs a time such as 90s or 5min`);
  if (library !== undefined && distributed === 'off') throw new Error('--mpi-library needs --distributed');
}

/**
 * Runs a command on all ranks that a launcher has started: rank 0 leads, the others follow it.
 * @param lead sets the exit code and throws nothing
 */
export async function onRanks(
  args: RankArguments & Pick<ConfigArguments, 'threads' | 'memory'>,
  lead: (group: Group | undefined) => Promise<void>,
): Promise<void> {
  const options = { threads: threadsOf(args), sharedBytes: sharedBytesOf(args) };
  const group = await joinRanks(args, options.threads).catch(endWith);
  if (group === undefined || group.setup.rank === 0) await lead(group);
  else await follow(group, options);
  await group?.leave(Number(process.exitCode ?? ExitCode.ok));
}

/**
 * The ranks that this process is one of; undefined where it trains alone.
 * @param threads of this process
 * @throws UserError (exit code environment) where a rank does not come; (exit code usage) where nothing has started any
 */
async function joinRanks(args: RankArguments, threads: number): Promise<MpiGroup | undefined> {
  const { distributed, 'mpi-library': library } = args;
  const launched = launchedRanks(process.env);
  if (distributed === 'off' || (distributed === 'auto' && launched === undefined)) return undefined;
  await loadLibrary({ file: library, launcher: launched?.launcher }).catch(endRanksWith);
  const group = await MpiGroup.join({ library, timeout: 1000 * secondsIn(args['rank-timeout'])!, threads });
  // A launcher that is not known here may have started several.
  if (group.setup.ranks > 1 || launchedProcess(process.env) !== undefined) return group;
  throw new UserError(
    '--distributed mpi: no launcher has started this process, so it is alone. Start it with mpirun -n RANKS, or leave the option away',
    ExitCode.usage,
  );
}

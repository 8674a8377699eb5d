import type { DataConfig } from '../config/schema.js';
import type { PackedDataset } from '../data/dataset.js';
import { fingerprintOf } from '../data/fingerprint.js';
import type { Source } from '../data/source.js';
import { ExitCode, UserError } from '../errors.js';
import type { Reporter } from '../runs/reporter.js';
import type { Group } from '../runtime/group.js';
import { type Fault, faultOf } from './fault.js';
import { openReported } from './open-data.js';

/** How far a rank has come with its part. */
type State = { readonly is: 'working' | 'done' } | { readonly is: 'failed'; readonly fault: Fault };

/** While a rank works, it tells the others so this often at least, ms. */
const told = 1000;

/**
 * A part of a command that each rank does for itself: all have done theirs when it resolves. Where one fails, all do.
 * @throws UserError as this rank's work throws it, or with the first rank's that has failed
 */
export async function together<T>(group: Group | undefined, work: () => Promise<T>): Promise<T> {
  if (group === undefined) return work();
  let state: State = { is: 'working' };
  let failure: unknown;
  const working = work().then(
    (result) => {
      state = { is: 'done' };
      return result;
    },
    (error: unknown) => {
      failure = error;
      state = { is: 'failed', fault: faultOf(error) };
    },
  );
  for (;;) {
    await Promise.race([working, pause(Math.min(told, group.setup.timeout / 4))]);
    const states = await group.gather<State>(state);
    const failed = states.findIndex(({ is }) => is === 'failed');
    const own = states[group.setup.rank]!;
    if (own.is === 'failed') throw failure;
    if (failed >= 0) {
      const { message, exitCode } = (states[failed] as { fault: Fault }).fault;
      throw new UserError(`rank ${failed} on ${group.setup.hosts[failed]}: ${message}`, exitCode);
    }
    if (states.every(({ is }) => is === 'done')) return (await working) as T;
  }
}

/** As `together`, in two parts: the first rank of each host, and then the others. */
export async function firstOnHost<T>(group: Group | undefined, work: () => Promise<T>): Promise<T> {
  if (group === undefined) return work();
  const { hosts, rank } = group.setup;
  const isFirst = hosts.indexOf(hosts[rank]!) === rank;
  const first = await together(group, async () => (isFirst ? { result: await work() } : undefined));
  return together(group, async () => (first === undefined ? work() : first.result));
}

/**
 * A config's dataset on all ranks; where it is not yet packed, one rank a host packs it.
 * @throws UserError as `openReported`; exit code data where a rank has another dataset than rank 0
 */
export async function openTogether(
  group: Group | undefined,
  data: DataConfig,
  source: Source | undefined,
  reporter: Reporter,
): Promise<PackedDataset> {
  const dataset = await firstOnHost(group, () => openReported(data, source, reporter));
  if (group === undefined) return dataset;
  const prints = await group.gather(fingerprintOf(dataset));
  const other = prints.findIndex((print) => print !== prints[0]);
  if (other < 0) return dataset;
  const { hosts } = group.setup;
  throw new UserError(
    `${data.dir} of rank ${other} on ${hosts[other]} is not the dataset of rank 0 on ${hosts[0]}: its images, labels or classes differ. ` +
      'Give all hosts the same files, or a folder that they share',
    ExitCode.data,
  );
}

const pause = (time: number) => new Promise<void>((resolve) => setTimeout(resolve, time));

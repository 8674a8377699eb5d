import type { CompleteConfig } from '../config/resolved.js';
import { ExitCode, UserError } from '../errors.js';
import { keepTouched } from '../files/touch.js';
import { requireRuntime } from '../platform/machine.js';
import { NodeEngine } from '../platform/node-engine.js';
import { firstSamples } from '../profile/measure.js';
import { createReporter } from '../runs/log.js';
import type { Reporter } from '../runs/reporter.js';
import { lockstepVersion } from '../runs/summary.js';
import type { Group } from '../runtime/group.js';
import { faultOf } from '../training/fault.js';
import { preflight } from '../training/preflight.js';
import { openTogether, together } from '../training/together.js';
import { signals } from './signals.js';

interface Training {
  readonly config: CompleteConfig;
  /** Of a profile: engines, one after the other, and the training samples that they have; else there is one, and it has all. */
  readonly profile?: { readonly engines: number; readonly samples: number } | undefined;
}

/** What rank 0 tells the others once its command line is read: what is to be trained, or that nothing is. */
type Job =
  | ({ readonly is: 'training'; readonly version: string } & Training)
  | { readonly is: 'nothing'; readonly exitCode: number };

/**
 * Rank 0: tells the others what is to be trained.
 * @param jobOf does what can fail before they are told, and throws where the command line or the config is wrong
 */
export async function leadJob<T extends Training>(
  group: Group | undefined,
  jobOf: () => T | Promise<T>,
): Promise<T> {
  try {
    const job = await jobOf();
    const { config, profile } = job;
    await group?.broadcast<Job>({ is: 'training', config, profile, version: lockstepVersion() });
    return job;
  } catch (error) {
    if (group?.isWhole) await group.broadcast<Job>({ is: 'nothing', exitCode: faultOf(error).exitCode });
    throw error;
  }
}

interface Following {
  readonly threads: number;
  readonly sharedBytes: number | undefined;
}

/**
 * A rank other than 0: opens the dataset, and computes its part of all that rank 0's engine does. It says nothing but what ends the job and
 * rank 0 does not know. Signals are rank 0's to answer: the launcher sends them to all.
 */
export async function follow(group: Group, options: Following): Promise<void> {
  for (const signal of signals) process.on(signal, () => {});
  const { rank, hosts } = group.setup;
  const reporter = createReporter({ format: 'pretty', quiet: true });
  try {
    await takePart(group, options, reporter);
  } catch (error) {
    const { message, exitCode } = faultOf(error);
    process.exitCode = exitCode;
    if (!group.isWhole) reporter.error(`rank ${rank} on ${hosts[rank]}: ${message}`);
  } finally {
    reporter.close();
  }
}

async function takePart(
  group: Group,
  { threads, sharedBytes }: Following,
  reporter: Reporter,
): Promise<void> {
  const job = await group.broadcast<Job>();
  if (job.is === 'nothing') {
    process.exitCode = job.exitCode;
    return;
  }
  const { config, source } = await together(group, () => {
    requireVersion(job.version);
    requireRuntime();
    return preflight(job.config, threads, sharedBytes, () => {}, group);
  });
  const dataset = await openTogether(group, config.data, source, reporter);
  keepTouched(dataset.path); // another packing removes what has lain unused for a day
  const { engines = 1, samples } = job.profile ?? {};
  const seen = samples === undefined ? dataset : firstSamples(dataset, samples);
  for (let i = 0; i < engines; i++) {
    let engine: NodeEngine | undefined;
    try {
      engine = await together(group, async () => {
        engine = new NodeEngine(config, seen, { threads, sharedBytes, group });
        return engine;
      });
      await engine.follow();
    } finally {
      await engine?.close();
    }
  }
}

function requireVersion(version: string): void {
  const own = lockstepVersion();
  if (own === version) return;
  throw new UserError(
    `this rank has lockstep ${own}, and rank 0 has ${version}; all ranks need the same one`,
    ExitCode.environment,
  );
}

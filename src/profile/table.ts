import { counted } from '../data/faults.js';
import { table } from '../runs/columns.js';
import { integer, share } from '../views/format.js';
import type { Profile, Row } from './analyze.js';
import type { Measurement, MessagesPerStep } from './measure.js';

/** The profile as text. */
export function describe(
  { profile, peak, kernels, imagesPerSecond, messages }: Omit<Measurement, 'recordings' | 'network'>,
  withKernels: boolean,
): string {
  const { untraced, traced } = imagesPerSecond;
  return [
    table(
      ['layer or part', 'pass', 'ms/step', 'share', 'calls', 'multiply-adds', 'GFLOP/s', 'of peak'],
      [...profile.rows.flatMap((row) => lines(row, peak.gflops, withKernels)), total(profile)],
    ),
    table(
      ['thread', 'busy ms', 'waiting ms', 'busy', 'micro-batches/step'],
      profile.perThread.map(({ busy, waiting, microBatches }, thread) => [
        thread === 0 ? '0 (coordinator)' : String(thread),
        time(busy),
        time(waiting),
        share(busy / (busy + waiting)),
        microBatches.toFixed(2),
      ]),
    ),
    [
      `step         ${time(profile.milliseconds)} ms by the clock; above, ms are of all threads together, GFLOP/s of one`,
      'work         multiply-adds of a sample, by the definition of the layer: kernels make fewer, so their share of the peak may pass 100%',
      `imbalance    ${profile.imbalance.toFixed(3)}, the busiest thread's time by the mean`,
      `peak         ${peak.gflops.toFixed(1)} GFLOP/s a thread: the best inner loop, ${kernels.vectorBits}-bit vectors, operands in the cache`,
      `speed        ${integer(untraced)} images/s, and ${integer(traced)} while recorded (${traced < untraced ? '' : '+'}${share(traced / untraced - 1)})`,
      ...(messages === undefined ? [] : [`messages     ${messagesText(messages)}`]),
    ].join('\n'),
  ].join('\n\n');
}

const messagesText = ({ ranks, messages, bytes, leastBytes }: MessagesPerStep): string =>
  `${count(messages)} a step from rank 0 of ${ranks}, ${integer(bytes)} bytes; an all-reduce of the gradients alone takes ${integer(leastBytes)} at least`;

function lines(row: Row, peak: number, withKernels: boolean): string[][] {
  const { name, pass = '', milliseconds, calls, multiplyAdds, gflops, kernels } = row;
  const first = [
    ...[name, pass, time(milliseconds), share(row.share)],
    ...[name === 'other' ? '' : count(calls), multiplyAdds === undefined ? '' : integer(multiplyAdds)],
    ...(gflops === undefined ? ['', ''] : [gflops.toFixed(1), share(gflops / peak)]),
  ];
  if (!withKernels) return [first];
  return [
    first,
    ...kernels.map((kernel) => [
      '',
      `  ${kernel.kernel}`,
      time(kernel.milliseconds),
      '',
      count(kernel.calls),
    ]),
  ];
}

function total({ threads, milliseconds, rows }: Profile): string[] {
  const shares = rows.reduce((sum, row) => sum + row.share, 0);
  return [`all, ${counted(threads, 'thread')}`, '', time(milliseconds * threads), share(shares)];
}

const time = (milliseconds: number): string => milliseconds.toFixed(4);
/** Calls per step. A fraction where the last batch is smaller. */
const count = (calls: number): string => String(Number(calls.toFixed(1)));

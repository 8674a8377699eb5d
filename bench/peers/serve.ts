import { createInterface } from 'node:readline';
import type { Epoch, Greeting, Job } from './job.js';

/** The side of a program in JavaScript: reads its job, says that it is ready, and runs the epochs that it is asked for. */
export const readJob = (): Job => JSON.parse(process.argv[2]!) as Job;

/** @param run an epoch over so many samples; resolves to what it saw. Its wall time is measured here. */
export async function serve(
  ready: { version: string; note?: string },
  run: (samples: number) => Promise<{ samples: number; loss: number }>,
): Promise<void> {
  say({ kind: 'ready', ...ready });
  for await (const line of createInterface({ input: process.stdin })) {
    const start = performance.now();
    const { samples, loss } = await run(Number(line));
    say({ samples, seconds: (performance.now() - start) / 1e3, loss });
  }
}

export const say = (message: Greeting | Epoch): void => {
  process.stdout.write(`${JSON.stringify(message)}\n`);
};

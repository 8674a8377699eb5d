import type { Way } from './jobs.js';

const way = (threads: number, name: string, more: Omit<Way, 'name' | 'threads'> = {}): Way => ({
  name: `${name}, ${threads} thread${threads === 1 ? '' : 's'}`,
  threads,
  ...more,
});

const everyStep = ['--checkpoint-every', '1'];

/** All ways that give the bits of the first. */
export const allWays: readonly Way[] = [
  ...[1, 2, 3, 5, 8, 16].map((threads) => way(threads, 'from memory')),
  ...[1, 2, 5].map((threads) => way(threads, 'streamed', { streamed: true })),
  way(2, 'a checkpoint after each step', { options: everyStep }),
  way(2, 'with a dashboard', { options: ['--dashboard'] }),
  way(1, 'killed and resumed 3 times', { kills: 3, options: everyStep }),
  way(2, 'streamed, killed and resumed 3 times', { kills: 3, options: everyStep, streamed: true }),
];

/** Those that every change is tested with. */
export const someWays: readonly Way[] = [
  way(1, 'from memory'),
  way(16, 'from memory'),
  way(2, 'streamed, killed and resumed', { kills: 1, options: everyStep, streamed: true }),
];

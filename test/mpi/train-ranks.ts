import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MpiGroup } from '#lockstep/mpi/group.js';
import { trained, trainings } from '../support/trainings.js';

/** train-ranks.js THREADS,… FOLDER: one rank of all trainings, with each number of threads; it writes what they came to into the folder. */

const threadCounts = process.argv[2]!.split(',').map(Number);
const group = await MpiGroup.join({ timeout: 300_000, threads: Math.max(...threadCounts) });
const results: Record<string, readonly string[]> = {};
for (const [name, training] of Object.entries(trainings))
  results[name] = await trained(training, threadCounts, group);
writeFileSync(join(process.argv[3]!, `${group.setup.rank}.json`), JSON.stringify(results));
await group.leave(0);

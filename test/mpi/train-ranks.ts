import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MpiGroup } from '#lockstep/mpi/group.js';
import { trained, trainings } from '../support/trainings.js';

/** train-ranks.js THREADS FOLDER: one rank of all trainings; it writes what they came to into the folder. */

const [threads, folder] = [Number(process.argv[2]), process.argv[3]!];
const group = await MpiGroup.join({ timeout: 300_000, threads });
const results: Record<string, string> = {};
for (const [name, training] of Object.entries(trainings))
  results[name] = await trained(training, { threads, group });
writeFileSync(join(folder, `${group.setup.rank}.json`), JSON.stringify(results));
await group.leave(0);

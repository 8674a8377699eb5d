import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepare } from './dataset.js';
import { live } from './lives.js';

/** `npm run test:kill`: 200 kills, or as many as its argument says, in lives of 8. */

const kills = Number(process.argv[2] ?? 200);
const each = 8;

const root = mkdtempSync(join(tmpdir(), 'lockstep-kill-'));
process.exitCode = 1; // until all went well
try {
  await prepare(root);
  const began = performance.now();
  const { hash } = await live(root, 0, 0);
  const span = performance.now() - began;
  const total: Record<string, number> = {};
  let different = 0;
  for (let number = 1; (number - 1) * each < kills; number++) {
    const life = await live(root, number, Math.min(each, kills - (number - 1) * each), span);
    if (life.hash !== hash) different++;
    for (const [moment, count] of Object.entries(life.killed)) total[moment] = (total[moment] ?? 0) + count;
    console.log(`life ${number}: ${life.hash === hash ? 'the same bits' : 'DIFFERENT'}`);
  }
  console.log(
    `killed ${Object.entries(total)
      .map(([moment, count]) => `${count} times ${moment}`)
      .join(', ')}`,
  );
  process.exitCode = different === 0 ? 0 : 1;
} finally {
  rmSync(root, { recursive: true, force: true });
}

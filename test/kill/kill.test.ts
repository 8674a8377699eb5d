import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { prepare } from './dataset.js';
import { live } from './lives.js';

/** A part of `npm run test:kill`. */
const kill = suite<{ root: string }>('kill -9 at random moments');

kill.before(async (context) => {
  context.root = mkdtempSync(join(tmpdir(), 'lockstep-kill-'));
  await prepare(context.root);
});
kill.after(({ root }) => rmSync(root, { recursive: true, force: true }));

kill('4 lives of 5 kills each end with the same bits', async ({ root }) => {
  const began = performance.now();
  const { hash } = await live(root, 0, 0);
  const span = performance.now() - began;
  for (let number = 1; number <= 4; number++) assert.is((await live(root, number, 5, span)).hash, hash);
});

kill.run();

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { limitRequests } from '#lockstep/views/dashboard/request-limit.js';

/** What keeps a dashboard that is flooded from taking the training's time. */

const limits = suite('requests to the dashboard');

limits('so many are answered at once, the others wait for their turn, and too many are let go', async () => {
  let time = 0;
  const limit = limitRequests(() => time);
  for (let i = 0; i < 100; i++) assert.is(await limit.turn(), true);
  let answered = 0;
  const waiting = Array.from({ length: 128 }, () => limit.turn().then(() => answered++));
  assert.is(await limit.turn(), false);
  assert.is(answered, 0);
  time = 1000;
  while (answered === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.is(answered, 50, 'of a second');
  // The timer lets the process end, and so must not be all that it waits for.
  const alive = setInterval(() => {}, 1000);
  time = 10_000;
  await Promise.all(waiting);
  clearInterval(alive);
  assert.is(answered, 128);
  assert.is(await limit.turn(), true, 'after a pause');
});

limits.run();

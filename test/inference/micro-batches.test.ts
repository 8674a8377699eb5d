import { setImmediate as turn } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MicroBatches } from '#lockstep/inference/micro-batches.js';

const test = suite('micro-batches of requests');

/** Batches on two threads whose tasks end when they are told to. */
function batches(fails: (job: number) => boolean = () => false) {
  const tasks: { readonly jobs: readonly number[]; readonly alone: boolean; readonly end: () => void }[] = [];
  const made = new MicroBatches<number>(
    2,
    (jobs, alone) =>
      new Promise((resolve) => {
        tasks.push({ jobs, alone, end: () => resolve(alone ? [] : jobs.filter(fails)) });
      }),
  );
  const add = (first: number, count: number) => {
    for (let i = 0; i < count; i++) made.add(first + i);
  };
  return { made, tasks, add, sizes: () => tasks.map(({ jobs }) => jobs.length) };
}

const numbers = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i);

test('those of one turn go together, and one alone goes at once', async () => {
  const { add, tasks, sizes } = batches();
  add(0, 1);
  assert.equal(sizes(), []);
  await turn();
  assert.equal(sizes(), [1]);
  add(1, 3);
  await turn();
  assert.equal(sizes(), [1, 3]);
  assert.equal(tasks[1]!.jobs, [1, 2, 3]);
});

test('a thread that works gets full batches only; the others wait, in order', async () => {
  const { add, tasks, sizes } = batches();
  add(0, 35);
  await turn();
  assert.equal(sizes(), [8, 8, 8, 8]);
  add(35, 2);
  await turn();
  for (const { end } of tasks.slice(0, 2)) end();
  await turn();
  assert.equal(sizes(), [8, 8, 8, 8], 'both threads still work');
  tasks[2]!.end();
  await turn();
  assert.equal(
    tasks.flatMap(({ jobs }) => jobs),
    numbers(0, 37),
  );
});

test('what failed is tried again while nothing else runs', async () => {
  const { add, tasks, made } = batches((job) => job === 3 || job === 12);
  add(0, 16);
  await turn();
  let isIdle = false;
  void made.idle().then(() => {
    isIdle = true;
  });
  tasks[0]!.end();
  await turn();
  add(16, 8);
  await turn();
  assert.is(tasks.length, 2, 'nothing is begun before the other task has ended');
  tasks[1]!.end();
  await turn();
  for (const [task, job] of [
    [2, 3],
    [3, 12],
  ] as const) {
    assert.is(tasks.length, task + 1);
    assert.equal([tasks[task]!.jobs, tasks[task]!.alone], [[job], true]);
    add(24 + task, 1);
    await turn();
    assert.is(tasks.length, task + 1, 'nothing new beside it');
    tasks[task]!.end();
    await turn();
  }
  assert.equal(
    tasks.slice(4).flatMap(({ jobs }) => jobs),
    [...numbers(16, 8), 26, 27],
  );
  assert.not(isIdle);
  for (const { end } of tasks.slice(4)) end();
  await turn();
  assert.ok(isIdle);
});

test('what nobody wants any more is not begun', async () => {
  const { add, tasks, made } = batches();
  add(0, 40);
  await turn();
  made.remove(new Set(numbers(0, 40)));
  for (const { end } of tasks) end();
  await made.idle();
  assert.is(tasks.length, 4);
});

test.run();

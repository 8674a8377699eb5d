import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { SavedRun } from '#lockstep/runs/saved-run.js';
import { type ScheduleCourse, scheduleOf } from '#lockstep/views/report/schedule.js';
import { plainRun } from '../support/compare-helpers.js';
import { layersConfig, referencePath } from '../support/engine-helpers.js';

const {
  validation,
  cases,
  epochs: all,
  steps,
} = JSON.parse(readFileSync(referencePath('schedules', 'json'), 'utf8')) as {
  validation: { loss: number; top1: number }[];
  cases: { schedule: { type: string }; rates: number[] }[];
  epochs: number;
  steps: number;
};

interface Choice {
  readonly epochs?: number;
  readonly done?: number;
  readonly end?: { reason: 'earlyStopping' | 'maxTime'; epochs: number; steps: number };
}

/** A run of PyTorch's schedules: 5 steps an epoch, and the validation that their reference has. */
function runOf(schedule: object, { epochs = all, done = epochs, end }: Choice = {}): SavedRun {
  const config = layersConfig(
    [{ type: 'dense', outFeatures: 2 }],
    `optimizer.schedule=${JSON.stringify(schedule)}`,
    `training.epochs=${epochs}`,
    'training.batchSize=10',
  );
  const { summary, epochs: plain } = plainRun('a', 1, 0.3);
  // The last step of an epoch has fewer samples.
  const train = { ...plain[0]!.train, samples: 10 * steps - 3 };
  return {
    directory: 'runs/a',
    config,
    epochs: Array.from({ length: done }, (_, i) => ({
      ...plain[0]!,
      epoch: i + 1,
      train,
      validation: { ...plain[0]!.validation, ...validation[i % validation.length] },
    })),
    summary: summary && { ...summary, end: end ?? null },
  };
}

const near = (a: number, b: number) => Math.abs(a - b) < 1e-12 * Math.max(a, b) + 1e-18;
const courseOf = (...args: Parameters<typeof runOf>): ScheduleCourse => scheduleOf(runOf(...args))!;

const course = suite('the learning rate that a report draws');

for (const { schedule, rates } of cases) {
  course(`is PyTorch's at the end of every step: ${JSON.stringify(schedule)}`, () => {
    const { done, planned } = courseOf(schedule);
    assert.is(done.length, all * steps);
    assert.equal(planned, []);
    for (const [i, [epoch, rate]] of done.entries()) {
      assert.ok(near(epoch, (i + 1) / steps), `step ${i} at ${epoch}`);
      assert.ok(near(rate, rates[i]!), `step ${i}: ${rate}, not ${rates[i]}`);
    }
  });

  course(`of a run that was stopped goes on as it was planned: ${JSON.stringify(schedule)}`, () => {
    const { done, planned } = courseOf(schedule, { done: 4 });
    assert.is(done.length, 4 * steps);
    if (schedule.type === 'reduceOnPlateau') return assert.equal(planned, []);
    assert.equal(planned[0], done.at(-1), 'the lines meet');
    assert.ok(planned.slice(1).every(([, rate], i) => near(rate, rates[4 * steps + i]!)));
    assert.is(planned.length, 1 + 8 * steps);
  });
}

course('rises from the first step on, in the warm-up', () => {
  const { done } = courseOf({ type: 'constant', warmupEpochs: 2 });
  const expected = Array.from({ length: 12 }, (_, i) => Math.min(0.1, (0.1 * (i + 1)) / 10));
  assert.ok(expected.every((rate, i) => near(done[i]![1], rate)));
});

course('ends where the time was up, in mid-epoch too', () => {
  const { done, planned, end } = courseOf(
    { type: 'cosine' },
    { done: 3, end: { reason: 'maxTime', epochs: 3, steps: 2 } },
  );
  assert.is(done.length, 3 * steps + 2);
  assert.is(done.at(-1)![0], 3 + 2 / steps);
  assert.is(planned.length, 1 + all * steps - done.length);
  assert.equal([end.epochs, end.steps], [3, 2]);
});

course('says after which epochs a plateau made it smaller, but not after the last', () => {
  // The epochs whose first step PyTorch takes at a smaller rate.
  const { schedule, rates } = cases.find(({ schedule: { type } }) => type === 'reduceOnPlateau')!;
  const falls = rates.flatMap((rate, i) => (i > 0 && rate < rates[i - 1]! ? [i / steps] : []));
  assert.ok(falls.length > 1);
  const { reductions } = courseOf(schedule);
  assert.equal(reductions, falls);
  const last = falls.at(-1)!;
  assert.equal(courseOf(schedule, { done: last }).reductions, falls.slice(0, -1));
  const more = { done: last, end: { reason: 'maxTime', epochs: last, steps: 1 } } as const;
  assert.equal(courseOf(schedule, more).reductions, falls);
});

course('of many steps has as many points as a chart can show, with the end of each epoch', () => {
  const run = runOf({ type: 'step', everyEpochs: 1, factor: 0.9 }, { epochs: 4 });
  const million = {
    ...run,
    epochs: run.epochs.map((epoch) => ({ ...epoch, train: { ...epoch.train, samples: 1_000_000 } })),
  };
  const long = scheduleOf(million)!;
  assert.ok(long.done.length > 300 && long.done.length < 600, String(long.done.length));
  for (const epoch of [1, 2, 3, 4]) assert.ok(long.done.some(([x]) => x === epoch));
  const end = { reason: 'maxTime', epochs: 2, steps: 12_345 } as const;
  const cut = { ...million, epochs: million.epochs.slice(0, 2), summary: { ...run.summary!, end } };
  assert.is(scheduleOf(cut)!.done.at(-1)![0], 2.12345);
  const many = courseOf({ type: 'linear' }, { epochs: 50_000, done: 777 });
  assert.ok(many.done.length + many.planned.length < 2000);
  assert.is(many.done.at(-1)![0], 777);
  assert.is(many.planned.at(-1)![0], 50_000);
});

course('is unknown before the first epoch has ended', () => {
  assert.is(scheduleOf(runOf({ type: 'constant' }, { done: 0 })), undefined);
});

course.run();

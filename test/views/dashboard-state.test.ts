import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { curvesOf } from '#lockstep/views/dashboard/curves.js';
import { apply, emptyLive, type PageEvent, type PageState } from '#lockstep/views/dashboard/live-state.js';
import { PageReporter } from '#lockstep/views/dashboard/page-reporter.js';
import { addStep, emptySteps, mostPoints } from '#lockstep/views/dashboard/step-losses.js';
import { endOf, epochOf, reportOf, startOf, stepOf } from '../support/dashboard-helpers.js';

const test = suite("a dashboard's state");

const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value));
const empty = (): PageState => ({ live: emptyLive(), runs: [] });

/** A training of four epochs, told to the reporter. */
function events(): PageEvent[] {
  const told: PageEvent[] = [];
  const reporter = new PageReporter((event) => told.push(event));
  reporter.dataProgress({ phase: 'decoding', done: 3, total: 7 });
  reporter.start(startOf());
  reporter.note('decided');
  for (let epoch = 1; epoch <= 4; epoch++) {
    reporter.step(stepOf(epoch, 4, 3));
    reporter.step(stepOf(epoch, 8, 2.5));
    reporter.epoch(reportOf(epoch, epoch <= 2));
  }
  reporter.warning('odd');
  reporter.end(endOf(4));
  reporter.close();
  return told;
}

test('every report is an event, and the state says what the training said', () => {
  const state = empty();
  for (const event of events()) apply(state, event);
  const live = state.live!;
  assert.equal(live.start, startOf());
  assert.equal(live.curves, curvesOf([1, 2, 3, 4].map(epochOf)));
  assert.equal(live.curves.validationLoss, [3.5, 1.75, 3.5 / 3, 0.875]);
  assert.equal(live.best, { epoch: 2, top1: epochOf(2).validation.top1 });
  assert.equal(
    live.messages.map(({ kind, text }) => `${kind} ${text}`),
    ['note decided', 'warning odd'],
  );
  assert.is(live.end!.weightsHash, 'c0ffee');
  assert.is(live.failed, false);
});

test('a page that comes at any time has the same state, through the wire', () => {
  const all = events();
  const server = empty();
  for (const event of all) apply(server, event);
  for (let late = 0; late <= all.length; late++) {
    const early = empty();
    for (const event of all.slice(0, late)) apply(early, event);
    const page = copy(early);
    for (const event of copy(all.slice(late))) apply(page, event);
    assert.equal(page, copy(server), `after ${late} events`);
  }
});

test("a step's loss is that of the steps since the last report", () => {
  const state = empty();
  // Means of the epoch so far: 4 steps of loss 3, then 4 of loss 2.
  for (const [step, loss] of [
    [4, 3],
    [8, 2.5],
  ] as const)
    apply(state, { type: 'step', step: stepOf(1, step, loss) });
  apply(state, { type: 'step', step: stepOf(2, 1, 7) });
  assert.equal(state.live!.steps.loss, [3, 2, 7]);
  assert.equal(state.live!.steps.at, [0.4, 0.8, 1.1]);
});

test('steps are thinned evenly, and never more than a bound', () => {
  const steps = emptySteps();
  const seen = 7 * mostPoints + 3;
  for (let i = 0; i < seen; i++) {
    addStep(steps, i, -i);
    assert.ok(steps.at.length <= mostPoints);
  }
  assert.ok(steps.at.length >= mostPoints / 2);
  assert.equal(
    steps.at,
    steps.at.map((_, i) => i * steps.stride),
  );
  assert.ok(seen - steps.at.at(-1)! <= steps.stride);
  assert.equal(steps.loss.at(-1), -steps.at.at(-1)!);
});

test('an error is a failure, and messages do not pile up', () => {
  const state = empty();
  for (let i = 0; i < 1000; i++) apply(state, { type: 'message', message: { kind: 'note', text: `${i}` } });
  apply(state, { type: 'message', message: { kind: 'error', text: 'broken' } });
  assert.is(state.live!.messages.length, 100);
  assert.is(state.live!.messages.at(-1)!.text, 'broken');
  assert.is(state.live!.failed, true);
});

test('without a training only the list of runs changes', () => {
  const state: PageState = { live: null, runs: [] };
  for (const event of events()) apply(state, event);
  assert.equal(state, { live: null, runs: [] });
});

test.run();

import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import {
  commandSuite,
  jsonLines,
  lockstep,
  readJson,
  readTensors,
  tinyConfig,
  train,
  trainBadly,
  trainWell,
} from '../support/command-helpers.js';

/** How a training ends, and which of its weights are the best. */

const test = commandSuite('train: its end and the best weights');

interface Validation {
  readonly top1: number;
  readonly loss: number;
  readonly balancedTop1?: number;
}

const validationsOf = (folder: string, run: string): Validation[] =>
  jsonLines(readFileSync(join(folder, run, 'metrics.jsonl'), 'utf8')).map(({ validation }) => validation);

const withTraining = (dataset: string, training: object) => {
  const config = tinyConfig(dataset);
  return { ...config, training: { ...config.training, ...training } };
};

/** The epoch, from 1, that comes first in this order. */
const firstOf = (validations: readonly Validation[], order: (a: Validation, b: Validation) => number) =>
  validations.indexOf(validations.toSorted(order)[0]!) + 1;

test('the best weights have the best top-1, of equal ones the smaller loss; or the smallest loss', async (context) => {
  const folder = context.folder();
  await trainWell(folder, '--out', 'top1', '--epochs', '9');
  const validations = validationsOf(folder, 'top1');
  const byTop1 = firstOf(validations, (a, b) => b.top1 - a.top1 || a.loss - b.loss);
  // Else the test could not fail: the earliest of the highest is another.
  assert.is.not(
    byTop1,
    firstOf(validations, (a, b) => b.top1 - a.top1),
  );
  assert.is(readJson(folder, 'top1/summary.json').best.epoch, byTop1);
  assert.is(readTensors(join(folder, 'top1/best.safetensors')).metadata['epoch'], String(byTop1));
  await trainWell(folder, '--out', 'loss', '--epochs', '17', '--set', 'training.bestBy=loss');
  const longer = validationsOf(folder, 'loss');
  const byLoss = firstOf(longer, (a, b) => a.loss - b.loss);
  assert.is.not(
    byLoss,
    firstOf(longer, (a, b) => b.top1 - a.top1 || a.loss - b.loss),
  );
  assert.is(readJson(folder, 'loss/summary.json').best.epoch, byLoss);
});

test('a warm-up as long as the training is warned of', async (context) => {
  const folder = context.folder();
  const warnings = async (warmupEpochs: number, epochs: number) => {
    const schedule = `optimizer.schedule={"type":"cosine","warmupEpochs":${warmupEpochs}}`;
    const out = `run-${warmupEpochs}-${epochs}`;
    await trainWell(folder, '--out', out, '--epochs', String(epochs), '--set', schedule);
    return jsonLines(readFileSync(join(folder, out, 'log.jsonl'), 'utf8')).flatMap(({ event, msg }) =>
      event === 'warning' ? [msg] : [],
    );
  };
  assert.equal(await warnings(1.5, 2), []);
  assert.equal(await warnings(2, 2), [
    'the learning rate rises all through the training: optimizer.schedule.warmupEpochs is 2, of 2 epochs',
  ]);
  assert.equal(await warnings(4.6, 1), [
    'the learning rate rises all through the training: optimizer.schedule.warmupEpochs is 4.6, of 1 epoch',
  ]);
});

test('balanced top-1 is the mean of the recalls of the classes that have images', async (context) => {
  const dataset = join(context.root, 'unbalanced');
  cpSync(context.dataset, dataset, { recursive: true });
  // Of class 0 all four images of train, of class 1 one, of class 5 none.
  const lines = readFileSync(join(dataset, 'train.txt'), 'utf8').trimEnd().split('\n');
  const kept = lines.filter((line) => !line.endsWith(' 5') && !/c1.[123]/.test(line));
  writeFileSync(join(dataset, 'val.txt'), `${kept.join('\n')}\n`);
  const folder = context.folder(withTraining(dataset, { epochs: 4, bestBy: 'balancedTop1' }));
  await trainWell(folder, '--out', 'run', '--threads', '3');
  const scores = await lockstep(
    folder,
    'evaluate',
    'run',
    '--split',
    'validation',
    '--weights',
    'best',
    '--json',
  );
  const { classes, top1 } = JSON.parse(scores.stdout) as {
    classes: { samples: number; recall: number | null }[];
    top1: number;
  };
  const recalls = classes.filter(({ samples }) => samples > 0).map(({ recall }) => recall!);
  assert.is(recalls.length, 5);
  const mean = recalls.reduce((sum, recall) => sum + recall, 0) / 5;
  const { best, final } = readJson(folder, 'run/summary.json');
  assert.is(best.validation.balancedTop1, mean);
  assert.is.not(mean, top1);
  assert.type(final.test.balancedTop1, 'number');
  const validations = validationsOf(folder, 'run');
  assert.is(
    best.epoch,
    firstOf(validations, (a, b) => b.balancedTop1! - a.balancedTop1! || a.loss - b.loss),
  );
  assert.is((await lockstep(folder, 'verify', 'run', '--threads', '1')).code, 0);
});

test('early stopping ends a run as a finished one, to the same bits after a resume', async (context) => {
  const earlyStopping = { metric: 'loss', patience: 2, minDelta: 0.05 };
  const folder = context.folder(withTraining(context.dataset, { epochs: 40, earlyStopping }));
  await trainWell(folder, '--out', 'all', '--set', 'training.earlyStopping.patience=40');
  const losses = validationsOf(folder, 'all').map(({ loss }) => loss);
  assert.is(losses.length, 40);
  // By hand: the first epoch with two before it that gained no more than 0.05 over the best.
  let [best, waited, epochs] = [Number.POSITIVE_INFINITY, 0, 0];
  while (waited < 2) {
    const loss = losses[epochs++]!;
    [best, waited] = loss < best - 0.05 ? [loss, 0] : [best, waited + 1];
  }
  assert.ok(epochs > 3 && epochs < 40, `${epochs}`);
  const { stdout } = await trainWell(folder, '--out', 'run', '--log-format', 'pretty');
  assert.match(
    stdout,
    `ended early, after ${epochs} of 40 epochs: no gain of more than 0.05 in validation loss for 2 epochs`,
  );
  const summary = readJson(folder, 'run/summary.json');
  assert.is(summary.status, 'completed');
  assert.equal(summary.end, { reason: 'earlyStopping', epochs, steps: 0 });
  assert.is(summary.epochsRun, epochs);
  assert.is((await lockstep(folder, 'verify', 'run')).code, 0);

  // Interrupted when it has waited for one epoch of two.
  await trainWell(folder, '--out', 'part', '--epochs', String(epochs - 1));
  const again = await train(folder, '--resume', 'part', '--epochs', '40');
  assert.is(again.code, 0, again.stderr);
  const resumed = readJson(folder, 'part/summary.json');
  assert.equal([resumed.end, resumed.weightsSha256], [summary.end, summary.weightsSha256]);
  const more = await train(folder, '--resume', 'part', '--epochs', '50', '--log-format', 'pretty');
  assert.match(more.stdout, 'early stopping has ended this training: there is nothing left to train');
  assert.is(more.code, 0);
  const report = await lockstep(folder, 'report', 'part');
  assert.is(report.code, 0, report.stderr);
  assert.match(readFileSync(join(folder, 'part/report.html'), 'utf8'), /ended early, after/);
});

test('with restoreBest the final model is the best weights', async (context) => {
  const config = withTraining(context.dataset, {
    epochs: 6,
    bestBy: 'loss',
    earlyStopping: { patience: 1, restoreBest: true },
  });
  // A rate at which the loss goes up and down.
  const folder = context.folder({ ...config, optimizer: { type: 'sgd', learningRate: 0.6 } });
  const { stdout } = await trainWell(folder, '--out', 'run', '--log-format', 'pretty');
  const { best, final, end } = readJson(folder, 'run/summary.json');
  assert.is(readJson(folder, 'run/config.json').training.earlyStopping.metric, 'loss');
  assert.ok(best.epoch < end.epochs, `${best.epoch}, ${end.epochs}`);
  assert.equal([final.validation, final.test], [best.validation, best.test]);
  const [model, kept] = ['model', 'best'].map((name) => readTensors(join(folder, `run/${name}.safetensors`)));
  assert.equal(model!.tensors, kept!.tensors);
  assert.is(model!.metadata['epoch'], String(best.epoch));
  assert.match(stdout, `These weights are the best too (epoch ${best.epoch}, by validation loss).`);
  const verified = await lockstep(folder, 'verify', 'run');
  assert.is(verified.code, 0, verified.stdout + verified.stderr);
  const again = await train(folder, '--resume', 'run');
  assert.is(again.code, 0, again.stderr);
  assert.equal(readJson(folder, 'run/summary.json').final, final);
});

test('--max-time ends a run in mid-epoch as a finished one, and --resume goes on', async (context) => {
  const folder = context.folder(withTraining(context.dataset, { batchSize: 6, epochs: 2 }));
  // Up before the first step: that is the only one.
  const noTime = ['--max-time', '0.000001s', '--log-format', 'pretty'];
  const { stdout } = await trainWell(folder, '--out', 'run', ...noTime);
  assert.match(stdout, 'ended after 0 of 2 epochs and 1 step: the time of --max-time was up');
  const { status, end, final, best } = readJson(folder, 'run/summary.json');
  assert.equal([status, end], ['completed', { reason: 'maxTime', epochs: 0, steps: 1 }]);
  // Without a whole epoch these weights are the best there are.
  assert.equal([best.epoch, best.validation, best.test], [1, final.validation, final.test]);
  for (const command of ['verify', 'evaluate', 'report']) {
    const ended = await lockstep(folder, command, 'run');
    assert.is(ended.code, 0, `${command}: ${ended.stdout}${ended.stderr}`);
  }
  for (let steps = 2; steps <= 5; steps++) {
    const again = await train(folder, '--resume', 'run', ...noTime);
    assert.is(again.code, 0, again.stderr);
  }
  assert.equal(readJson(folder, 'run/summary.json').end, { reason: 'maxTime', epochs: 1, steps: 1 });
  const verified = await lockstep(folder, 'verify', 'run');
  assert.is(verified.code, 0, verified.stdout + verified.stderr);
  assert.match(verified.stdout, '1 epoch and 1 step repeated: every bit is the same');
  // To the bits of a run in one piece.
  assert.is((await train(folder, '--resume', 'run')).code, 0);
  await trainWell(folder, '--out', 'whole');
  const [resumed, whole] = ['run', 'whole'].map((run) => readJson(folder, run, 'summary.json'));
  assert.equal(resumed.end, { reason: 'epochs', epochs: 2, steps: 0 });
  assert.equal([resumed.weightsSha256, resumed.best], [whole.weightsSha256, whole.best]);
});

test('--max-time ends steps that are under way', async (context) => {
  const folder = context.folder(withTraining(context.dataset, { epochs: 1_000_000 }));
  await trainWell(folder, '--out', 'run', '--max-time', '0.2s');
  assert.is(readJson(folder, 'run/summary.json').end.reason, 'maxTime');
});

test('a time that is none is refused', async (context) => {
  const folder = context.folder();
  for (const time of ['20', 'soon', '0s', '-1min'])
    assert.match(
      await trainBadly(folder, 2, '--config', 'config.json', '--max-time', time),
      /--max-time (is .*, but needs a time such as 90s, 20min or 1.5h|.*)/,
    );
});

test.run();

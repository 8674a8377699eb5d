import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import {
  adam,
  conv2d,
  cosine,
  dense,
  earlyStopping,
  type FitOptions,
  fit,
  flatten,
  imageFolder,
  loadConfig,
  Model,
  maxPool,
  openModel,
  openRun,
  type Run,
  relu,
  resume,
  type StepReport,
  sequential,
  sgd,
} from '#lockstep/index.js';
import { readStepLosses } from '#lockstep/runs/step-losses.js';
import { readSealed } from '#lockstep/tensors/sealed.js';
import { classes, commandSuite, readJson, trainWell, type Workspace } from '../support/command-helpers.js';
import { refusal } from '../support/refusal.js';

/** What a program does with the library. */
const test = commandSuite('fit');

const network = () => sequential(conv2d(4, 3), relu(), maxPool(2), flatten(), dense('classes'));
const tiny = { batchSize: 7, optimizer: sgd({ learningRate: 0.05 }), threads: 2 };

async function fitTiny({ dataset, folder }: Workspace, options: Partial<FitOptions> = {}): Promise<Run> {
  const out = join(folder(), 'run');
  return fit(network(), await imageFolder(dataset, { size: 16 }), { ...tiny, epochs: 3, out, ...options });
}

test('gives the bits of the command, in a run that the commands read', async (context) => {
  const folder = context.folder();
  const run = await fitTiny(context, { out: join(folder, 'fit') });
  await trainWell(folder, '--threads', '1', '--out', 'command');
  const { weightsSha256 } = readJson(folder, 'command/summary.json');
  assert.is(run.summary?.weightsSha256, weightsSha256);
  assert.is(run.epochs.length, 3);
  assert.is(run.config.training.batchSize, 7);
  const config = await fit(await loadConfig(join(folder, 'config.json')), undefined, {
    threads: 3,
    out: join(folder, 'config'),
  });
  assert.is(config.summary?.weightsSha256, weightsSha256);
});

test('trains a config on other images, of another number of classes', async (context) => {
  const config = await loadConfig(new URL('../../../configs/lenet5.json', import.meta.url).pathname);
  const data = await imageFolder(context.dataset);
  assert.equal([data.classes.length, data.samples], [classes, { train: 24, validation: 12, test: 12 }]);
  const run = await fit(config, data, { epochs: 1, out: join(context.folder(), 'run') });
  assert.is(run.model.classes.length, classes);
  assert.is(run.config.data.generate, undefined);
});

test('its run evaluates, saves and predicts', async (context) => {
  const run = await fitTiny(context);
  const { test: tested } = readJson(run.directory, 'summary.json').best;
  const evaluation = await run.evaluate('test');
  assert.equal([evaluation.top1, evaluation.loss], [tested.top1, tested.loss]);
  assert.is(evaluation.outcomes.labels.length, 12);

  const image = join(context.dataset, 'images/c0/0.png');
  const predicted = await run.model.predict(readFileSync(image), { top: classes, logits: true });
  assert.is(predicted.predictions.length, classes);
  const saved = join(context.folder(), 'model.safetensors');
  await run.model.save(saved);
  const [own, best] = [saved, join(run.directory, 'best.safetensors')].map((path) => readSealed(path));
  assert.equal(own!.tensors, best!.tensors);
  assert.is(own!.metadata['classes'], best!.metadata['classes']);
  const onnx = join(context.folder(), 'model.onnx');
  await run.model.export(onnx);
  assert.ok(existsSync(onnx));
  assert.match(await run.model.summary(), /fc1 \(dense\)/);
  const again = await openRun(run.directory);
  const same = await again.model.predict(image, { top: classes, logits: true });
  assert.equal(same, predicted);
  const byFile = await openModel(saved);
  const onItsOwn = await byFile.evaluate(await imageFolder(context.dataset));
  assert.equal([onItsOwn.top1, onItsOwn.loss], [evaluation.top1, evaluation.loss]);
  assert.equal(await byFile.predict(image, { top: classes, logits: true }), predicted);
  const byOnnx = await openModel(onnx);
  const { logits } = await byOnnx.predict(image, { top: classes, logits: true });
  assert.equal(logits, predicted.logits);
  await Promise.all([run, again, byFile, byOnnx].map((each) => each.close()));
  // Closed threads start anew where they are needed.
  assert.equal(await again.model.predict(image, { top: classes, logits: true }), predicted);
  await again.close();
});

test('tells of steps, epochs, checkpoints and the end, in their order', async (context) => {
  const steps: StepReport[] = [];
  const events: string[] = [];
  const run = await fitTiny(context, {
    epochs: 2,
    callbacks: [{ start: () => void events.push('start'), close: () => void events.push('close') }],
    onStep: (step) => {
      steps.push(step);
      events.push(`step ${step.epoch}.${step.step}`);
    },
    onEpoch: ({ epoch, validation }) => void events.push(`epoch ${epoch} of ${validation.samples}`),
    onCheckpoint: ({ epoch, step }) => void events.push(`checkpoint ${epoch}.${step}`),
    onEnd: ({ status }) => void events.push(status),
  });
  assert.equal(events, [
    ...['start', 'step 1.1', 'checkpoint 0.0', 'step 1.2', 'step 1.3', 'step 1.4', 'epoch 1 of 12'],
    ...['step 2.1', 'checkpoint 1.0', 'step 2.2', 'step 2.3', 'step 2.4', 'epoch 2 of 12', 'checkpoint 2.0'],
    ...['completed', 'close'],
  ]);
  assert.equal(
    steps.map(({ samples }) => samples),
    [7, 7, 7, 3, 7, 7, 7, 3],
  );
  const losses = [...readStepLosses(run.directory)];
  assert.equal(
    steps.map(({ loss, samples }) => Math.fround(loss * samples)),
    losses.map((loss) => Math.fround(loss)),
  );
  const silent = await fitTiny(context, { epochs: 2 });
  assert.is(run.summary?.weightsSha256, silent.summary?.weightsSha256);
});

test('a callback ends it where it says so, as a finished run, at any number of threads', async (context) => {
  const ends = [1, 2].map((threads) =>
    fitTiny(context, {
      threads,
      onStep: ({ epoch, step }) => (epoch === 2 && step === 3 ? 'stop' : undefined),
    }),
  );
  const [a, b] = await Promise.all(ends);
  assert.equal(a!.summary?.end, { reason: 'program', epochs: 1, steps: 3 });
  assert.is(a!.summary?.status, 'completed');
  assert.ok(a!.summary?.files['curves.svg'] !== undefined || existsSync(join(a!.directory, 'curves.svg')));
  assert.is(a!.summary?.weightsSha256, b!.summary?.weightsSha256);
  const short = await fitTiny(context, { onEpoch: () => 'stop' });
  assert.equal(short.summary?.end, { reason: 'program', epochs: 1, steps: 0 });
  const one = await fitTiny(context, { epochs: 1 });
  assert.is(short.summary?.weightsSha256, one.summary?.weightsSha256);
});

test('a run that has ended goes on, to the bits of one in one piece', async (context) => {
  const stopped = await fitTiny(context, {
    onStep: ({ epoch, step }) => (epoch === 2 && step === 3 ? 'stop' : undefined),
  });
  const epochs: number[] = [];
  const run = await resume(stopped.directory, {
    threads: 1,
    onEpoch: ({ epoch }) => void epochs.push(epoch),
  });
  assert.equal(epochs, [2, 3]);
  const whole = await fitTiny(context);
  assert.is(run.summary?.weightsSha256, whole.summary?.weightsSha256);
  assert.is((await resume(run.directory, { epochs: 4 })).epochs.length, 4);
});

test('a signal ends it, and before the first step throws its reason', async (context) => {
  const controller = new AbortController();
  const run = await fitTiny(context, {
    epochs: 1000,
    signal: controller.signal,
    onEpoch: ({ epoch }) => {
      if (epoch === 2) controller.abort();
    },
  });
  assert.equal(run.summary?.end, { reason: 'program', epochs: 2, steps: 0 });
  const reason = new Error('not today');
  const out = join(context.folder(), 'run');
  const early = fitTiny(context, { signal: AbortSignal.abort(reason), out });
  assert.is(await early.catch((error: unknown) => error), reason);
  assert.not(existsSync(out));
  const later = new AbortController();
  const aborted = fitTiny(context, { signal: later.signal, out, onMessage: () => later.abort(reason) });
  assert.is(await aborted.catch((error: unknown) => error), reason);
  assert.not(existsSync(out), 'aborted while its data was prepared');
  const own = new AbortController();
  const atStart = fitTiny(context, { signal: own.signal, callbacks: [{ start: () => own.abort(reason) }] });
  assert.is(await atStart.catch((error: unknown) => error), reason, 'aborted by a callback before a step');
});

test("early stopping is a callback, and the config's", async (context) => {
  const stopping = earlyStopping({ metric: 'loss', patience: 2, minDelta: 100 });
  const run = await fitTiny(context, { epochs: 50, callbacks: [stopping] });
  assert.equal(run.summary?.end, { reason: 'earlyStopping', epochs: 3, steps: 0 });
  assert.equal(run.config.training.earlyStopping, {
    ...{ metric: 'loss', patience: 2, minDelta: 100, restoreBest: false },
  });
});

test('a schedule moves the learning rate of each step', async (context) => {
  const rates: number[] = [];
  await fitTiny(context, {
    epochs: 1,
    optimizer: adam({ learningRate: cosine(1e-3) }),
    onStep: ({ learningRate }) => void rates.push(learningRate),
  });
  assert.is(rates[0], 1e-3);
  assert.ok(rates.every((rate, i) => i === 0 || rate < rates[i - 1]!));
});

test('refuses in words, with a code and the path of what is wrong', async (context) => {
  const { dataset } = context;
  const data = await imageFolder(dataset, { size: 16 });
  const options = { epochs: 1, out: join(context.folder(), 'run') };
  const wide = await refusal(fit(sequential(conv2d(4, 17), flatten(), dense('classes')), data, options));
  assert.equal([wide.code, wide.path], ['usage', 'model.layers[0]']);
  const few = await refusal(
    fit(sequential(flatten(), dense(classes + 1)), data, { ...options, batchSize: 7 }),
  );
  assert.equal([few.code, few.path], ['usage', 'model.layers[1].outFeatures']);
  const full = await refusal(fit(network(), data, { ...options, batchSize: 7, out: dataset }));
  assert.equal([full.code, full.path], ['usage', 'out']);
  assert.match(full.message, `${dataset} is not empty`);
  const misspelt = await refusal(fit(network(), data, { ...options, epoch: 1 } as never));
  assert.equal([misspelt.code, misspelt.path], ['usage', 'training.epoch']);
  const none = await refusal(imageFolder(join(dataset, 'nowhere')));
  assert.equal([none.code, none.path], ['data', join(dataset, 'nowhere')]);
  const empty = join(context.folder(), 'empty');
  mkdirSync(empty);
  assert.is((await refusal(imageFolder(empty))).path, empty);
  const sizeless = await refusal(fit(network(), await imageFolder(dataset), options));
  assert.match(sizeless.message, /needs a size/);
  const alone = await refusal(fit(network(), undefined as never, options));
  assert.match(alone.message, /needs a dataset/);
  const wrong = (more: object) => refusal(fit(network(), data, { ...options, ...more }));
  for (const [more, path] of [
    [{ threads: 0 }, 'threads'],
    [{ checkpointEvery: { steps: 0 } }, 'checkpointEvery.steps'],
    [{ maxSeconds: -1 }, 'maxSeconds'],
    [{ onEpoch: 'stop' }, 'onEpoch'],
    [{ signal: {} }, 'signal'],
    [{ callbacks: [{ epok() {} }] }, 'callbacks[0]'],
    [{ callbacks: [earlyStopping({ patients: 2 } as never)] }, 'training.earlyStopping.patients'],
    [{ callbacks: [earlyStopping(), earlyStopping()] }, 'callbacks'],
    [{ callbacks: [earlyStopping()], earlyStopping: {} }, 'callbacks'],
    [{ epochs: 0 }, 'training.epochs'],
  ] as const)
    assert.is((await wrong(more)).path, path);
  const promised = imageFolder(dataset, { size: 16 }) as unknown as typeof data;
  assert.match((await refusal(fit(network(), promised, options))).message, /asynchronous/);
  assert.is((await refusal(fit(undefined as never))).path, 'model');
  assert.is((await refusal(openRun(undefined as never))).path, 'directory');
  assert.is((await refusal(network().summary(undefined as never))).path, 'options');
  const file = join(context.folder(), 'config.json');
  const missing = await refusal(loadConfig(`${file}x`));
  assert.equal([missing.code, missing.path], ['usage', `${file}x`]);
  assert.not(existsSync(options.out));
});

test('a dataset whose classes have changed since it was opened is refused', async (context) => {
  const dir = join(context.folder(), 'images');
  cpSync(join(context.dataset, 'images'), dir, { recursive: true });
  const data = await imageFolder(dir, { size: 16 });
  const options = { ...tiny, epochs: 1, out: join(context.folder(), 'run') };
  const run = await fit(network(), data, options);
  rmSync(join(dir, 'c1'), { recursive: true });
  mkdirSync(join(dir, 'other'));
  cpSync(join(context.dataset, 'images/c0/0.png'), join(dir, 'other/0.png'));
  const said = `${dir}: its classes have changed since it was opened: c1 gone, other new; open it again`;
  for (const work of [
    fit(network(), data, { ...options, out: join(context.folder(), 'again') }),
    run.model.evaluate(data),
  ]) {
    const { code, path, message } = await refusal(work);
    assert.equal([code, path, message], ['data', dir, said]);
  }
  rmSync(join(dir, 'other'), { recursive: true });
  const left = await fit(network(), await imageFolder(dir, { size: 16 }), {
    ...options,
    out: join(context.folder(), 'run'),
  });
  assert.is(left.model.classes.length, classes - 1);
});

test('options that are none are refused by name', async (context) => {
  const run = await fitTiny(context);
  const { directory, model } = run;
  const file = join(context.folder(), 'model.onnx');
  const image = join(context.dataset, 'images/c0/0.png');
  for (const [call, path, says] of [
    [() => openRun(directory, { weights: 'final' } as never), 'weights', 'found "final"; allowed: "best"'],
    [() => model.export(file, { softMax: true } as never), 'softMax', 'did you mean "softmax"?'],
    [() => model.export(file, { input: 'pixel' } as never), 'input', 'did you mean "pixels"?'],
    [() => run.evaluate('test', { tta: 'x' } as never), 'tta', 'found "x"; allowed: "none"'],
    [() => run.evaluate('test', { thread: 1 } as never), 'thread', 'did you mean "threads"?'],
    [() => run.evaluate('test', { threads: 0 }), 'threads', 'found 0; expected an integer'],
    [() => model.evaluate({} as never), 'data', 'expected a dataset'],
    [() => resume(directory, { epoch: 3 } as never), 'epoch', 'did you mean "epochs"?'],
    [() => model.predict(image, { topp: 1 } as never), 'topp', 'expected top or logits'],
    [() => model.predictor({ tta: 'x' } as never), 'tta', 'expected one of none, flip, shifts'],
    [() => model.predictor({ thread: 1 } as never), 'thread', 'expected threads or tta'],
  ] as const) {
    const error = await refusal(call());
    assert.equal([error.code, error.path], ['usage', path]);
    assert.match(error.message, says);
  }
  assert.not(existsSync(file));
  await run.close();
});

test('a callback may answer with whatever its expression gives, but with no other text than "stop"', async (context) => {
  const losses: number[] = [];
  const run = await fitTiny(context, {
    epochs: 4,
    onStep: (step) => losses.push(step.loss),
    onEpoch: (epoch) => epoch.epoch === 2 && 'stop',
  });
  assert.is(run.epochs.length, 2);
  assert.ok(losses.length > 2);
  const out = join(context.folder(), 'run');
  const error = await refusal(fitTiny(context, { out, onEpoch: () => 'halt' as never }));
  assert.is(error.message, 'a callback answered "halt"; expected "stop" or nothing');
});

test('an image is copied when predict is called: its memory is free at once', async (context) => {
  const { model } = await fitTiny(context);
  const image = () => ({
    pixels: Uint8Array.from({ length: 768 }, (_, i) => (i * 7) % 256),
    width: 16,
    height: 16,
    channels: 3 as const,
  });
  const expected = await model.predict(image(), { logits: true });
  for (const isWarm of [false, true]) {
    if (!isWarm) await model.close();
    const used = image();
    const predicted = model.predict(used, { logits: true });
    used.pixels.fill(0);
    assert.equal(await predicted, expected, isWarm ? 'warm' : 'cold');
  }
  await model.close();
});

test('a network of a run is a network again, whole or in part', async (context) => {
  const { config } = await fitTiny(context);
  const { layers } = config.model;
  assert.equal(new Model(config.model).layers, layers);
  const other = new Model({ layers: [...layers.slice(0, -1), dense('classes').toJSON()] });
  assert.is(other.layers.length, layers.length);
});

test.run();

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as assert from 'uvu/assert';
import {
  adam,
  checkGradients,
  custom,
  customLoss,
  dense,
  earlyStopping,
  fit,
  flatten,
  fromArrays,
  fromIterable,
  graph,
  imageFolder,
  loadConfig,
  openModel,
  openRun,
  type Run,
  relu,
  residual,
  resume,
  sequential,
  sgd,
} from '#lockstep/index.js';
import { writeSafetensors } from '#lockstep/tensors/safetensors.js';
import { commandSuite, type Workspace } from '../support/command-helpers.js';
import { refusal } from '../support/refusal.js';

/** Arguments of the library's functions: paths as text or as URLs, and what is said of wrong ones. */
const test = commandSuite('arguments');

const tiny = { epochs: 1, batchSize: 8, threads: 1 };
const network = () => sequential(flatten(), dense('classes'));

async function trained({ dataset, folder }: Pick<Workspace, 'dataset' | 'folder'>): Promise<Run> {
  const data = await imageFolder(pathToFileURL(dataset), { size: 16 });
  const run = await fit(network(), data, {
    ...tiny,
    out: pathToFileURL(join(folder(), 'run')),
  });
  return run;
}

/** The text as a pattern. */
const exactly = (text: string) => RegExp(`^${text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);

async function refused(work: Promise<unknown>, code: string, path: string | undefined, message: RegExp) {
  const error = await refusal(work);
  assert.match(error.message, message);
  assert.equal([error.code, error.path], [code, path]);
}

test('paths may be file URLs', async (context) => {
  const { directory, model, config } = await trained(context);
  assert.is(config.data.dir, context.dataset);
  const folder = context.folder();
  const [weights, onnx] = [join(folder, 'a b.safetensors'), join(folder, 'a b.onnx')];
  await model.save(pathToFileURL(weights));
  await model.export(pathToFileURL(onnx).href);
  const image = readFileSync(join(context.dataset, 'images/c0/0.png'));
  const predicted = await model.predict(image);
  const models = [
    await openModel(pathToFileURL(weights)),
    await openModel(weights),
    (await openRun(pathToFileURL(directory))).model,
  ];
  for (const each of models) {
    assert.equal(await each.predict(image), predicted);
    await each.close();
  }
  assert.equal((await openModel(pathToFileURL(onnx))).classes, model.classes);
  await refused(
    openModel(new URL('https://example.org/model.onnx')),
    'usage',
    'path',
    /^openModel: https:\/\/example\.org\/model\.onnx is no path of a file: /,
  );
  const takes = 'takes a path or a file URL; found';
  await refused(openModel(undefined as never), 'usage', 'path', RegExp(`^openModel ${takes} undefined$`));
  await refused(openRun({} as never), 'usage', 'directory', RegExp(`^openRun ${takes} an object`));
  await refused(imageFolder([] as never), 'usage', 'dir', RegExp(`^imageFolder ${takes} a list$`));
  await refused(model.save(undefined as never), 'usage', 'path', RegExp(`^save ${takes} undefined$`));
  await refused(model.export(''), 'usage', 'path', RegExp(`^export ${takes} an empty text$`));
  const data = await imageFolder(context.dataset, { size: 16 });
  await refused(
    fit(network(), data, { ...tiny, out: '' }),
    'usage',
    'out',
    RegExp(`^out ${takes} an empty text$`),
  );
});

test('a model that is not there, or is none', async (context) => {
  const folder = context.folder();
  for (const name of ['none.onnx', 'none.safetensors'])
    await refused(openModel(join(folder, name)), 'usage', join(folder, name), /: there is no such file$/);
  await refused(openModel(join(folder, 'none')), 'usage', join(folder, 'none'), /there is no such folder; /);
  await refused(
    openRun(context.dataset),
    'usage',
    context.dataset,
    /is no run directory: it has no config\.json; /,
  );
  const alone = join(folder, 'alone.safetensors');
  writeSafetensors(alone, new Map());
  await refused(openModel(alone), 'usage', alone, /does not say of which network/);
  const junk = join(folder, 'junk.onnx');
  writeFileSync(junk, 'this is no model, and no protobuf either');
  await refused(openModel(junk), 'data', junk, /^[^\n]*junk\.onnx: it is no ONNX model, or it is cut short$/);
  await refused(openRun(junk), 'usage', junk, /is no run directory: it is a file; /);
  const { model } = await trained(context);
  const [whole, cut] = [join(folder, 'whole.onnx'), join(folder, 'cut.onnx')];
  await model.export(whole);
  const bytes = readFileSync(whole);
  writeFileSync(cut, bytes.subarray(0, bytes.length / 2));
  await refused(openModel(cut), 'data', cut, /it is cut short$/);
});

test('weights to start from that are not there, or are an ONNX file', async (context) => {
  const data = await imageFolder(context.dataset, { size: 16 });
  const starting = (init: string) =>
    fit(network(), data, { ...tiny, init, out: join(context.folder(), 'run') });
  await refused(starting('none'), 'usage', 'training.init', /there is no file or run directory none$/);
  const file = join(context.folder(), 'x.onnx');
  writeFileSync(file, 'not looked at');
  await refused(
    starting(file),
    'usage',
    'training.init',
    /x\.onnx is an ONNX file; expected .*lockstep import/,
  );
});

test('arguments that are left out, or something else', async ({ dataset, folder }) => {
  const none = undefined as never;
  for (const [call, path, says] of [
    [
      () => adam(none),
      'options',
      'adam takes options, such as adam({ learningRate: 0.001 }); found undefined',
    ],
    [
      () => sgd(0.1 as never),
      'options',
      'sgd takes options, such as sgd({ learningRate: 0.001 }); found 0.1',
    ],
    [
      () => earlyStopping(null as never),
      'options',
      'earlyStopping takes options, such as { patience: 3 }; found null',
    ],
    [() => fromArrays(none), 'arrays', 'fromArrays takes { images, shape, labels }; found undefined'],
    [
      () => fromIterable('abc' as never),
      'samples',
      'fromIterable takes samples, such as an array or an async generator of { image, label }; found "abc"',
    ],
    [
      () => fromIterable([], { dir: folder(), test: {} as never }),
      'test.samples',
      'fromIterable takes samples, such as an array or an async generator of { image, label }; found an object with no keys',
    ],
    [
      () => custom(none),
      'module',
      "custom takes a module's URL or path, such as new URL('./own.js', import.meta.url); found undefined",
    ],
    [
      () => customLoss(3 as never),
      'module',
      "customLoss takes a module's URL or path, such as new URL('./own.js', import.meta.url); found 3",
    ],
    [() => residual(relu() as never), 'body', 'residual takes a list of layers; found a function'],
    [
      () => graph(relu() as never),
      'node',
      'graph takes a node, such as input() or relu()(node); found a function',
    ],
    [
      () => graph(relu()(none)),
      'node',
      'a relu layer takes a node, such as input() or relu()(node); found undefined',
    ],
    [
      () => checkGradients(none),
      'what',
      'checkGradients takes { operator, input }, { loss, classes } or { layers, input }; found undefined',
    ],
    [() => loadConfig(none), 'path', 'loadConfig takes a path or a file URL; found undefined'],
    [() => resume(none), 'directory', 'resume takes a path or a file URL; found undefined'],
  ] as const)
    await refused((async () => call())(), 'usage', path, exactly(says));
  const model = await trained({ dataset, folder });
  await refused(
    model.model.evaluate(none),
    'usage',
    'data',
    /^evaluate takes a dataset first; found undefined$/,
  );
});

test('the size of images is a number, or two', async ({ dataset }) => {
  const says = (found: string) => RegExp(`^size: found ${found}; expected a number, or \\[height, width\\]$`);
  for (const [size, found] of [
    ['16', '"16"'],
    [[16], '\\[16\\]'],
    [{ width: 16 }, 'an object with width'],
  ] as const)
    await refused(imageFolder(dataset, { size: size as never }), 'usage', 'size', says(found));
  const { features } = (await imageFolder(dataset, { size: [8, 16] })).config;
  assert.equal(features, { type: 'pixels', width: 16, height: 8 });
  const arrays = { images: new Uint8Array(4 * 3), shape: [4, 1, 1, 3], labels: [0, 1, 0, 1] };
  await refused(fromArrays(arrays, { size: '16' as never }), 'usage', 'size', says('"16"'));
});

test('predict takes one image', async (context) => {
  const { model } = await trained(context);
  const image = join(context.dataset, 'images/c0/0.png');
  for (const images of [[image], new Set([image])])
    await refused(
      model.predict(images as never),
      'usage',
      undefined,
      /^predict takes one image; predictAll takes several$/,
    );
  await refused(
    model.predict({ values: [1] }),
    'data',
    undefined,
    /the network takes images, and no values$/,
  );
  for await (const each of model.predictAll([[image] as never]))
    assert.match('error' in each ? each.error.message : '', /found a list; expected the path/);
  await model.close();
});

test.run();

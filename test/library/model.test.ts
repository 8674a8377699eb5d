import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { completeModel } from '#lockstep/config/complete-model.js';
import {
  add,
  batchNorm,
  concat,
  conv2d,
  dense,
  flatten,
  globalAveragePool,
  graph,
  input,
  maxPool,
  relu,
  residual,
  sequential,
  type UserError,
} from '#lockstep/index.js';

/** Layers as functions, and the JSON that they are. */
const test = suite('models of the library');

const root = new URL('../../../', import.meta.url);

test('functions and JSON are two spellings of one network', () => {
  const { model } = JSON.parse(readFileSync(new URL('configs/resnet8.json', root), 'utf8'));
  const conv = (outChannels: number, stride = 1) =>
    conv2d(outChannels, 3, { ...(stride > 1 && { stride }), padding: 1 });
  const block = (outChannels: number, stride: number) => [
    residual(
      [conv(outChannels, stride), batchNorm(), relu(), conv(outChannels), batchNorm()],
      stride > 1 ? { shortcut: [conv2d(outChannels, 1, { stride })] } : {},
    ),
    relu(),
  ];
  const resnet8 = sequential(
    ...[conv(16), batchNorm(), relu()],
    ...[...block(16, 1), ...block(32, 2), ...block(64, 2)],
    ...[globalAveragePool(), dense('classes')],
  );
  assert.equal(completeModel(resnet8.toJSON(), 10), completeModel(model, 10));
});

test('nodes become a list of layers, which name what they read only where it is not the one before', () => {
  const image = input();
  const stem = conv2d(8, 3, { padding: 1 })(image);
  const a = relu()(conv2d(8, 3, { padding: 1, name: 'left' })(stem));
  const b = relu()(stem);
  const joined = concat(add(a, stem), b);
  const output = dense('classes')(flatten()(maxPool(2)(joined)));
  assert.equal(graph(output).toJSON(), {
    layers: [
      { type: 'conv2d', outChannels: 8, kernelSize: 3, padding: 1, name: 'conv1' },
      { type: 'conv2d', outChannels: 8, kernelSize: 3, padding: 1, name: 'left' },
      { type: 'relu', name: 'relu1' },
      { type: 'add', inputs: ['relu1', 'conv1'], name: 'add1' },
      { type: 'relu', inputs: ['conv1'], name: 'relu2' },
      { type: 'concat', inputs: ['add1', 'relu2'] },
      { type: 'maxPool', window: 2 },
      { type: 'flatten' },
      { type: 'dense', outFeatures: 'classes' },
    ],
  });
});

test('a chain of nodes is what sequential makes, and both read the image by its name where they must', () => {
  const chain = (...layers: Parameters<typeof sequential>) =>
    layers.reduce((node, layer) => layer(node), input());
  const layers = () => [conv2d(4, 3), relu(), flatten(), dense(3)];
  assert.equal(graph(chain(...layers())).toJSON(), sequential(...layers()).toJSON());
  const image = input();
  const sum = add(conv2d(3, 1)(image), image);
  assert.equal(graph(sum).layers.at(-1), { type: 'add', inputs: ['conv1', 'input'] });
});

test('a layer stands in one place', () => {
  const shared = conv2d(3, 1);
  const image = input();
  const refused = /^a conv2d layer stands in two places: make one for each$/;
  const isRefused = (make: () => unknown) =>
    assert.throws(make, ({ message, code }: UserError) => refused.test(message) && code === 'usage');
  isRefused(() => graph(add(shared(image), shared(image))));
  isRefused(() => sequential(shared, relu(), shared));
  isRefused(() => residual([shared, shared]));
  isRefused(() => residual([shared], { shortcut: [shared] }));
  isRefused(() => sequential(shared, residual([residual([shared])])));
  isRefused(() => sequential(residual([shared]), residual([relu()], { shortcut: [shared] })));
  isRefused(() => graph(residual([shared])(shared(image))));
  const block = residual([conv2d(3, 1)]);
  assert.throws(() => sequential(block, block), /a residual layer stands in two places/);
  assert.is(sequential(shared, conv2d(3, 1)).layers.length, 2);
  assert.is(graph(residual([conv2d(3, 1)])(shared(image))).layers.length, 2);
});

test('its summary has shapes, parameters and multiply-adds', async () => {
  const summary = await sequential(conv2d(8, 5), relu(), flatten(), dense('classes')).summary({
    shape: [3, 32, 32],
    classes: 10,
  });
  const lines = summary.split('\n').map((line) => line.split(/ {2,}/));
  assert.equal(lines[1], [
    '1 conv1 (conv2d)',
    'kernel 5 x 5',
    '3 x 32 x 32',
    '8 x 28 x 28',
    '608',
    '470,400',
  ]);
  assert.equal(lines.at(-1), ['all layers', '3 x 32 x 32', '10', '63,338', '533,120']);
});

test('what the package imports at once is light: no package, and few modules', () => {
  const seen = new Set<string>();
  const packages = new Set<string>();
  const visit = (url: URL): void => {
    if (seen.has(url.href)) return;
    seen.add(url.href);
    for (const [, from] of readFileSync(url, 'utf8').matchAll(
      /^(?:import|export)\b[^;]*?from ['"]([^'"]+)['"]/gm,
    )) {
      if (from!.startsWith('.')) visit(new URL(from!, url));
      else if (!from!.startsWith('node:')) packages.add(from!);
    }
  };
  visit(new URL('dist/index.js', root));
  assert.equal([...packages], []);
  assert.ok(seen.size < 50, `${seen.size} modules`);
});

test.run();

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseConfig } from '#lockstep/config/load.js';
import { completeConfig, withClasses } from '#lockstep/config/resolve.js';
import { ExitCode, UserError } from '#lockstep/errors.js';
import { requireCode } from '#lockstep/graph/custom-loading.js';
import { buildNetwork } from '#lockstep/graph/network.js';
import { layersConfig } from '../support/engine-helpers.js';
import { codeOf, own, ownDense, ownModule, ownSwish } from '../support/own-code-helpers.js';

const logits = { type: 'dense', outFeatures: 3 };

/** What is said of these layers and changes, by whoever loads their code. */
async function refusalOf(layers: readonly object[], ...changes: string[]): Promise<UserError> {
  try {
    const config = layersConfig(layers, ...changes);
    requireCode(config, [4], 3, await codeOf(config));
  } catch (error) {
    assert.instance(error, UserError, String((error as Error).stack));
    return error as UserError;
  }
  throw new Error('nothing was refused');
}

const test = suite<{ folder: string }>('modules of own code');
test.before((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'lockstep-own-'));
});
test.after(({ folder }) => rmSync(folder, { recursive: true, force: true }));

test('a module is loaded, also one that waits at its top, and one by a URL', async ({ folder }) => {
  const module = join(folder, 'waits #1.js');
  writeFileSync(
    module,
    'const one = await Promise.resolve(1); export default () => ({ forward() { one }, backward() {} });',
  );
  for (const path of [module, pathToFileURL(module).href]) {
    const config = layersConfig([{ type: 'custom', module: path }, logits]);
    const [layer] = config.model.layers as { module: string; sha256?: string; name?: string }[];
    assert.equal([layer!.module, layer!.name, layer!.sha256?.length], [module, 'custom1', 64]);
    requireCode(config, [4], 3, await codeOf(config));
  }
});

test('a changed file is loaded anew by a process that knows the old one, and refused where the config says which it was', async ({
  folder,
}) => {
  const module = join(folder, 'changes.js');
  const write = (text: string) =>
    writeFileSync(module, `export default () => ({ forward() {}, backward() {}, ${text} });`);
  write('is: 1');
  const before = layersConfig([{ type: 'custom', module }, logits]);
  const madeOf = async (config: typeof before) =>
    ((await codeOf(config)).get(`${module}#default`) as () => { is: number })().is;
  assert.is(await madeOf(before), 1);
  write('is: 2');
  assert.is(await madeOf(layersConfig([{ type: 'custom', module }, logits])), 2);
  const refusal = await refusalOf(before.model.layers);
  assert.match(
    refusal.message,
    /^layer custom1 \(model\.layers\[0\]\): .*changes\.js is another file than the config says/,
  );
  assert.is(refusal.exitCode, ExitCode.usage);
  assert.is(refusal.path, module);
});

const refused: readonly [string, readonly object[], RegExp][] = [
  [
    'no such export',
    [own('nothing'), logits],
    /^layer custom1 \(model\.layers\[0\]\): nothing of .*layers\.js: it exports no nothing, .*it exports dense, drop, relu/,
  ],
  [
    'an export that is no function',
    [own('noFunction', {}, 'faulty'), logits],
    /exports noFunction as number, expected a function/,
  ],
  [
    'a factory that throws',
    [logits, own('throwingFactory', { name: 'mine' }, 'faulty')],
    /^layer mine \(model\.layers\[1\]\): throwingFactory of .*: its factory threw RangeError: bad options\n {4}at .*faulty\.js:\d+:\d+/,
  ],
  [
    'a factory that gives no operator',
    [own('noOperator', {}, 'faulty'), logits],
    /its factory returned object, expected an object with the functions forward and backward/,
  ],
];
for (const [what, layers, message] of refused) {
  test(`${what} is refused in words`, async () => {
    const refusal = await refusalOf(layers);
    assert.match(refusal.message, message);
    assert.is(refusal.exitCode, ExitCode.usage);
    assert.not.match(refusal.message, 'sha256');
  });
}

test('what is no module, or is not there any more, is refused in words', async ({ folder }) => {
  const module = join(folder, 'broken.js');
  writeFileSync(module, 'export default (');
  assert.match(
    (await refusalOf([{ type: 'custom', module }, logits])).message,
    /the module cannot be loaded: SyntaxError: /,
  );
  writeFileSync(module, 'throw new Error("not today")');
  assert.match(
    (await refusalOf([{ type: 'custom', module }, logits])).message,
    /the module cannot be loaded: Error: not today\n {4}at .*broken\.js:1/,
  );
  const config = layersConfig([{ type: 'custom', module }, logits]);
  rmSync(module);
  assert.match(
    (await refusalOf(config.model.layers)).message,
    /broken\.js: there is no such file; put the module there/,
  );
  assert.match(
    (await refusalOf([{ type: 'custom', module }, logits])).message,
    /model\.layers\[0\]\.module: found ".*", and there is no file .*broken\.js/,
  );
  assert.match(
    (await refusalOf([{ type: 'custom', module: './here.js' }, logits])).message,
    /there is no config file whose folder it could start from/,
  );
});

test('TypeScript is refused in words, before Node would load it', async ({ folder }) => {
  const module = join(folder, 'typed.ts');
  writeFileSync(module, 'export default () => ({ forward() {}, backward() {} });');
  const refusal = await refusalOf([{ type: 'custom', module }, logits]);
  assert.match(
    refusal.message,
    /^layer custom1 .*typed\.ts is TypeScript, .* compile it, and name the \.js file/,
  );
  assert.is(refusal.path, module);
});

test('a loss that is none is refused in words', async () => {
  const loss = (name: string) => [
    'loss.type=custom',
    `loss.module=${ownModule('faulty')}`,
    `loss.export=${name}`,
  ];
  assert.match(
    (await refusalOf([logits], ...loss('noLoss'))).message,
    /^loss: noLoss of .*: its factory returned number, expected a function/,
  );
  assert.match(
    (await refusalOf([logits], ...loss('nothing'))).message,
    /^loss: nothing of .*: it exports no nothing/,
  );
  assert.match(
    (await refusalOf([logits], ...loss('noLoss'), 'loss.labelSmoothing=0.1')).message,
    /loss\.labelSmoothing: a key of "crossEntropy", not of "custom"/,
  );
});

const config = suite('own layers in a config');

config('lengths may be the number of classes', () => {
  const layer = own('dense', {
    outShape: ['classes'],
    parameters: { weight: { shape: ['classes', 4], init: { type: 'zeros' } } },
  });
  const raw = {
    name: 'test',
    data: { dir: 'unused', features: { type: 'pixels', width: 4, height: 4 } },
    model: { layers: [layer] },
    loss: { type: 'crossEntropy' },
    optimizer: { type: 'sgd', learningRate: 0.1 },
    training: { batchSize: 8, epochs: 1 },
  };
  const resolved = withClasses(completeConfig(parseConfig(raw)), 7);
  const network = buildNetwork(resolved.model.layers, [4]);
  assert.is(network.classes, 7);
  assert.equal(
    network.parameters.map(({ name, shape, fanIn, fanOut }) => [name, shape, fanIn, fanOut]),
    [['custom1.weight', [7, 4], 4, 7]],
  );
  assert.throws(
    () => layersConfig([layer]),
    /outShape: found "classes"; expected their number(.|\n)*parameters\.weight\.shape: found "classes"/,
  );
});

config('faults say where', () => {
  const faultsOf = (layer: object) => {
    try {
      layersConfig([{ ...own('relu'), ...layer }, logits]);
    } catch (error) {
      return (error as Error).message;
    }
    throw new Error('nothing was refused');
  };
  assert.match(
    faultsOf({ outShape: [3, 4] }),
    /layers\[0\]\.outShape: found \[3,4\]; expected \[features\] or \[channels, height, width\]/,
  );
  assert.match(faultsOf({ outShape: 'like' }), /layers\[0\]\.outShape: found "like"/);
  assert.match(
    faultsOf({ parameters: { 'a.b': { shape: [1], init: { type: 'zeros' } } } }),
    /letters, digits and underscores/,
  );
  assert.match(faultsOf({ parameters: { a: { shape: [1] } } }), /parameters\.a\.init/);
  assert.match(
    faultsOf({ options: { of: Number.NaN } }),
    /layers\[0\]\.options: .*; expected what JSON can hold/,
  );
  assert.match(faultsOf({ modul: 'x' }), /layers\[0\]\.modul: unknown key/);
});

config('a layer without parameters cannot be frozen, and one with them can', () => {
  const layers = [ownDense(4, 5), own('relu'), { ...ownSwish(), name: 'swish' }, logits];
  layersConfig(
    layers,
    'training.freeze=["custom1","swish"]',
    'optimizer.layerFactors=[{"layers":"swish.slope","factor":2}]',
  );
  assert.throws(
    () => layersConfig(layers, 'training.freeze=["custom2"]'),
    /which no layer with parameters is named/,
  );
});

config('an own layer may be the only one with weights, and several inputs may have any shapes', () => {
  const { parameters } = buildNetwork(layersConfig([ownDense(4, 3)]).model.layers, [4]);
  assert.equal(
    parameters.map(({ name }) => name),
    ['custom1.weight', 'custom1.bias'],
  );
  const layers = [
    { type: 'conv2d', outChannels: 2, kernelSize: 1, name: 'maps' },
    { type: 'globalAveragePool', name: 'means' },
    own('scaleChannels', { inputs: ['maps', 'means'] }),
    { type: 'flatten' },
    logits,
  ];
  const { nodes } = buildNetwork(layersConfig(layers).model.layers, [3, 2, 2]);
  assert.equal(nodes[2]!.output, [2, 2, 2]);
});

test.run();
config.run();

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { UserError } from '#lockstep/errors.js';
import { buildNetwork } from '#lockstep/graph/network.js';
import { sizeOf } from '#lockstep/graph/shape.js';
import { readInitialWeights } from '#lockstep/runs/initial-weights.js';
import { type Tensor, writeSafetensors } from '#lockstep/tensors/safetensors.js';
import { layersConfig } from '../support/engine-helpers.js';

/** What a training takes of a file of weights. */

const test = suite<{ folder: string }>('initial weights');
test.before((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'lockstep-init-'));
});
test.after(({ folder }) => rmSync(folder, { recursive: true, force: true }));

const layersFor = (classes: number, channels = 3) => [
  { type: 'conv2d', outChannels: channels, kernelSize: 3, name: 'body' },
  { type: 'batchNorm', name: 'norm' },
  { type: 'relu' },
  { type: 'globalAveragePool' },
  { type: 'dense', outFeatures: classes, name: 'head' },
];

/** A tensor whose values tell which they are: `at`, `at` + 1, ... */
const counting = (shape: number[], at: number): Tensor => ({
  dtype: 'F32',
  shape,
  data: Float32Array.from({ length: sizeOf(shape) }, (_, i) => at + i),
});

/** All tensors of `layersFor(classes)`. */
const fileOf = (classes: number): Record<string, Tensor> => ({
  'body.weight': counting([3, 3, 3, 3], 1000),
  'body.bias': counting([3], 2000),
  'norm.weight': counting([3], 3000),
  'norm.bias': counting([3], 4000),
  'norm.running_mean': counting([3], 5000),
  'norm.running_var': counting([3], 6000),
  'norm.num_batches_tracked': { dtype: 'F32', shape: [], data: Float32Array.of(7) },
  'head.weight': counting([classes, 3], 100),
  'head.bias': counting([classes], 10),
});

interface Given {
  readonly tensors: Readonly<Record<string, Tensor>>;
  /** Names of classes that the file says. */
  readonly names?: readonly string[];
  readonly classes: readonly string[];
  readonly layers?: readonly object[];
  readonly changes?: readonly string[];
}

/** What is read, and the values that the network then has: -1 where none was put. */
function read(folder: string, { tensors, names, classes, layers, changes = [] }: Given) {
  const path = join(folder, 'weights.safetensors');
  const metadata: Record<string, string> = names === undefined ? {} : { classes: JSON.stringify(names) };
  writeSafetensors(path, new Map(Object.entries(tensors)), metadata);
  const config = layersConfig(layers ?? layersFor(classes.length), ...changes);
  const network = buildNetwork(config.model.layers, [3, 4, 4]);
  const initial = readInitialWeights(path, config, network, classes);
  const values = new Map(network.weights.map(({ name, size }) => [name, new Float32Array(size).fill(-1)]));
  initial.put({ tensors: { weight: ({ name }) => values.get(name)! }, changed: () => {} });
  return { ...initial, of: (name: string) => [...values.get(name)!] };
}

const refused = (folder: string, given: Given): string => {
  try {
    read(folder, given);
  } catch (error) {
    assert.instance(error, UserError);
    return (error as UserError).message;
  }
  throw new Error('it was taken');
};

test('rows of classes are taken by their names, whatever the order, and others start anew', ({ folder }) => {
  const given = { tensors: fileOf(3), names: ['cat', 'dog', 'owl'], classes: ['owl', 'ant', 'cat', 'dog'] };
  const { of, record, notes } = read(folder, given);
  assert.equal(of('head.weight'), [106, 107, 108, -1, -1, -1, 100, 101, 102, 103, 104, 105]);
  assert.equal(of('head.bias'), [12, -1, 10, 11]);
  assert.equal(record.classes, { matched: 'name', taken: ['owl', 'cat', 'dog'], anew: ['ant'] });
  assert.equal([record.layers, record.anew, record.unused], [['body', 'norm', 'head'], [], []]);
  assert.ok(
    notes.some((note) => note.includes('3 classes start from') && note.endsWith('anew start ant')),
    notes.join('\n'),
  );
});

test('what is not of the classes is taken whole, running statistics too', ({ folder }) => {
  const { of } = read(folder, { tensors: fileOf(3), names: ['a', 'b', 'c'], classes: ['x', 'b'] });
  for (const [name, first] of [
    ['body.weight', 1000],
    ['norm.bias', 4000],
    ['norm.running_mean', 5000],
    ['norm.running_var', 6000],
  ] as const)
    assert.equal(
      of(name),
      of(name).map((_, i) => first + i),
      name,
    );
});

test('a file without names of classes is taken by position, which is said, where the counts agree', ({
  folder,
}) => {
  const { of, record, notes } = read(folder, { tensors: fileOf(3), classes: ['x', 'y', 'z'] });
  assert.equal(of('head.bias'), [10, 11, 12]);
  assert.is(record.classes!.matched, 'position');
  assert.match(notes.join('\n'), 'by position');
  const other = read(folder, { tensors: fileOf(3), classes: ['x', 'y'] });
  assert.equal([other.of('head.bias'), other.record.anew], [[-1, -1], ['head']]);
  assert.match(other.notes.join('\n'), 'the file has no names of classes');
});

test('names that a dataset of numbers has are no names', ({ folder }) => {
  const names = ['class 0', 'class 1', 'class 2'];
  assert.is(
    read(folder, { tensors: fileOf(3), names, classes: ['x', 'y', 'z'] }).record.classes!.matched,
    'position',
  );
  assert.equal(read(folder, { tensors: fileOf(3), names, classes: ['class 0', 'class 1'] }).record.anew, [
    'head',
  ]);
});

test('layers of another shape, name or set of tensors start anew, each with the reason', ({ folder }) => {
  const layers = [
    { type: 'conv2d', outChannels: 3, kernelSize: 3, name: 'body', bias: false },
    { type: 'groupNorm', groups: 1, name: 'norm' },
    { type: 'flatten' },
    { type: 'dense', outFeatures: 4, name: 'more' },
    { type: 'dense', outFeatures: 3, name: 'head' },
  ];
  const tensors = { ...fileOf(3), 'more.weight': counting([4, 12], 0), 'more.bias': counting([4], 0) };
  const { record, notes } = read(folder, { tensors, classes: ['x', 'y', 'z'], layers });
  assert.equal([record.layers, record.anew], [['more'], ['body', 'norm', 'head']]);
  assert.equal(record.unused, ['body', 'norm', 'head']);
  const said = notes.join('\n');
  assert.match(said, 'body (it has a bias in the file, and none here)');
  assert.match(said, 'norm (it has a running_mean in the file, and none here)');
  assert.match(said, 'head (weight is 3 x 3 in the file; this network needs 3 x 4)');
});

test('a frozen layer that starts anew is said', ({ folder }) => {
  const tensors = fileOf(2);
  delete tensors['norm.bias'];
  const { notes } = read(folder, {
    tensors,
    classes: ['x', 'y'],
    changes: ['training.freeze=["body","norm"]'],
  });
  assert.match(notes.join('\n'), 'norm starts anew and is frozen');
});

test('where nothing fits it is refused, with the reason of each layer', ({ folder }) => {
  const message = refused(folder, {
    tensors: fileOf(3),
    names: ['a', 'b', 'c'],
    classes: ['x', 'y'],
    layers: layersFor(2, 5),
  });
  for (const line of [
    "weights.safetensors does not fit the config's network",
    'body: weight is 3 x 3 x 3 x 3 in the file; this network needs 5 x 3 x 3 x 3',
    'head: weight is 3 x 3 in the file; this network needs 2 x 5',
  ])
    assert.match(message, line);
  const classesAlone = { 'head.weight': counting([3, 3], 0), 'head.bias': counting([3], 0) };
  assert.match(
    refused(folder, { tensors: classesAlone, names: ['a', 'b', 'c'], classes: ['x', 'y', 'z'] }),
    'the file has none of these classes; its are a, b, c',
  );
});

test('numbers of another type are refused, not left out', ({ folder }) => {
  const half: Tensor = { dtype: 'F16', shape: [3], data: new Uint16Array(3) };
  const message = refused(folder, { tensors: { ...fileOf(3), 'body.bias': half }, classes: ['x', 'y', 'z'] });
  assert.match(message, 'body.bias is F16; expected F32 or F64');
});

test('what an optimizer keeps is no weight', ({ folder }) => {
  const tensors = { ...fileOf(2), 'velocity.head.weight': counting([2, 3], 0) };
  assert.equal(read(folder, { tensors, classes: ['x', 'y'] }).record.unused, []);
});

test('the hash is that of what was taken: other classes, another hash; a head that is not taken, the same', ({
  folder,
}) => {
  const hashOf = (classes: readonly string[], tensors = fileOf(2)) =>
    read(folder, { tensors, names: ['a', 'b'], classes }).record.sha256;
  assert.is(hashOf(['a', 'b']), hashOf(['a', 'b']));
  assert.is.not(hashOf(['a', 'b']), hashOf(['b', 'a']));
  const changed = { ...fileOf(2), 'head.bias': counting([2], 11) };
  assert.is.not(hashOf(['a', 'b']), hashOf(['a', 'b'], changed));
  assert.is(hashOf(['x', 'y']), hashOf(['x', 'y'], changed));
});

test('the classes of a fully convolutional network are the rows of its last convolution and what lies behind it', ({
  folder,
}) => {
  const layers = [
    { type: 'conv2d', outChannels: 2, kernelSize: 1, name: 'last' },
    { type: 'batchNorm', name: 'norm' },
    { type: 'globalAveragePool' },
  ];
  const tensors = {
    'last.weight': counting([2, 3, 1, 1], 0),
    'last.bias': counting([2], 10),
    'norm.weight': counting([2], 20),
    'norm.bias': counting([2], 30),
    'norm.running_mean': counting([2], 40),
    'norm.running_var': counting([2], 50),
  };
  const { of } = read(folder, { tensors, names: ['a', 'b'], classes: ['b', 'a'], layers });
  assert.equal(of('last.weight'), [3, 4, 5, 0, 1, 2]);
  assert.equal(
    [of('norm.running_mean'), of('norm.running_var')],
    [
      [41, 40],
      [51, 50],
    ],
  );
});

test.run();

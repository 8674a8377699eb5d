import { fromBinary } from '@bufbuild/protobuf';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ImageFeatures } from '#lockstep/data/features.js';
import { UserError } from '#lockstep/errors.js';
import { exportOnnx } from '#lockstep/onnx/export.js';
import type { OnnxOptions } from '#lockstep/onnx/options.js';
import { type ModelProto, ModelProtoSchema } from '#lockstep/onnx/schema/onnx-ml_pb.js';
import {
  shippedConfig,
  shippedConfigs,
  type Tried,
  tryConfig,
  tryDrawn,
  tryLayers,
} from '../support/onnx-helpers.js';

const structure = suite('the graph of an exported file');

const exported = ({ model }: Pick<Tried, 'model'>, options?: OnnxOptions): ModelProto =>
  fromBinary(ModelProtoSchema, exportOnnx(model, options).bytes);

const operators = ({ graph }: ModelProto) => graph!.node.map(({ opType }) => opType);
const metadata = ({ metadataProps }: ModelProto) =>
  Object.fromEntries(metadataProps.map(({ key, value }) => [key, value]));
const shapeOf = (value: NonNullable<ModelProto['graph']>['input'][number] | undefined) => {
  const type = value?.type?.value;
  assert.is(type?.case, 'tensorType');
  return type?.case === 'tensorType'
    ? type.value.shape!.dim.map(({ value: { value } }) => String(value))
    : [];
};

/** What must hold of any graph: names are unique, and a node reads what is there before it. */
function check({ graph }: ModelProto): void {
  const { node, initializer, input, output } = graph!;
  const names = node.map(({ name }) => name);
  assert.is(new Set(names).size, names.length, 'names of nodes');
  const values = new Set([...input, ...initializer].map(({ name }) => name));
  assert.is(values.size, input.length + initializer.length, 'names of constants');
  const read = new Set(output.map(({ name }) => name));
  for (const { name, input, output } of node) {
    for (const from of input) assert.ok(values.has(from), `${name} reads ${from}`);
    for (const from of input) read.add(from);
    for (const to of output) {
      assert.not(values.has(to), `${to} is given twice`);
      values.add(to);
    }
  }
  assert.equal(
    [...values].filter((name) => !read.has(name)),
    [],
    'is read by none',
  );
  for (const { dims, rawData, dataType } of initializer)
    assert.is(rawData.length, Number(dims.reduce((a, b) => a * b, 1n)) * (dataType === 1 ? 4 : 8));
}

for (const file of shippedConfigs) {
  structure(`${file}: takes pixels of any number of images, and says what it is`, () => {
    const tried = tryConfig(shippedConfig(file));
    const { width, height } = tried.model.config.data.features as ImageFeatures;
    const model = exported(tried);
    check(model);
    assert.is(model.irVersion, 8n);
    assert.equal(
      model.opsetImport.map(({ domain, version }) => [domain, version]),
      [['', 17n]],
    );
    assert.equal(shapeOf(model.graph!.input[0]), ['batch', '3', `${height}`, `${width}`]);
    assert.equal(shapeOf(model.graph!.output[0]), ['batch', '50']);
    const said = metadata(model);
    assert.is(said['name'], tried.model.config.name);
    assert.equal(JSON.parse(said['classes']!), tried.model.classes);
    assert.equal(JSON.parse(said['size']!), { height, width });
    assert.equal(JSON.parse(said['resize']!), { shrinking: 'area', enlarging: 'bilinear' });
    assert.is(said['input'], 'pixels');
    assert.is(said['output'], 'logits');
    const isPixels = tried.model.config.data.features.type === 'pixels';
    assert.equal(
      said['normalization'] && JSON.parse(said['normalization']),
      isPixels ? tried.model.format.normalization : undefined,
    );
    const first = operators(model);
    assert.equal(first.slice(0, 2), isPixels ? ['Mul', 'Add'] : ['Mul', 'Cast']);
    const normalized = exported(tried, { input: 'normalized' });
    check(normalized);
    assert.equal(operators(normalized), first.slice(isPixels ? 2 : 8));
    assert.is(metadata(normalized)['input'], isPixels ? 'normalized' : 'histogram');
    assert.equal(shapeOf(normalized.graph!.input[0]), [
      'batch',
      ...tried.model.format.sampleShape.map(String),
    ]);
  });
}

structure('holds for networks drawn at random', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const tried = tryDrawn(seed);
    for (const fold of [false, true]) check(exported(tried, { input: 'normalized', fold }));
  }
});

const dense = { type: 'dense', outFeatures: 5 };
const conv = { type: 'conv2d', outChannels: 4, kernelSize: 3 };
const picture = [3, 8, 8];

structure('a network of values takes them as they are, whatever input is asked for', () => {
  const { model } = tryLayers([dense], [6]);
  const data = { ...model.config.data, features: { type: 'values' as const, shape: [6] } };
  for (const input of ['pixels', 'normalized'] as const) {
    const file = exported({ model: { ...model, config: { ...model.config, data } } }, { input });
    check(file);
    assert.equal(shapeOf(file.graph!.input[0]), ['batch', '6']);
    assert.equal(operators(file), operators(exported({ model }, { input: 'normalized' })));
    const said = metadata(file);
    assert.equal([said['input'], said['size'], said['normalization']], ['values', undefined, undefined]);
  }
});

/** Of each layer, on a picture of 4 channels: its operators. */
const forms: readonly (readonly [layer: object, ...operators: string[]])[] = [
  [{ type: 'conv2d', outChannels: 4, kernelSize: 1 }, 'Conv'],
  [{ type: 'maxPool', window: 2 }, 'MaxPool'],
  [{ type: 'averagePool', window: 2 }, 'AveragePool'],
  [{ type: 'zeroPad', top: 1 }, 'Pad'],
  [{ type: 'dropout', rate: 0.5 }],
  [{ type: 'batchNorm' }, 'BatchNormalization'],
  [{ type: 'groupNorm', groups: 2 }, 'Reshape', 'InstanceNormalization', 'Reshape', 'Mul', 'Add'],
  [{ type: 'layerNorm' }, 'LayerNormalization'],
  [{ type: 'relu' }, 'Relu'],
  [{ type: 'relu6' }, 'Clip'],
  [{ type: 'leakyRelu' }, 'LeakyRelu'],
  [{ type: 'prelu' }, 'PRelu'],
  [{ type: 'elu' }, 'Elu'],
  [{ type: 'sigmoid' }, 'Sigmoid'],
  [{ type: 'tanh' }, 'Tanh'],
  [{ type: 'silu' }, 'Sigmoid', 'Mul'],
  [{ type: 'hardSwish' }, 'HardSwish'],
  [{ type: 'gelu' }, 'Mul', 'Erf', 'Add', 'Mul', 'Mul'],
  [{ type: 'add', inputs: ['conv1', 'conv1', 'conv1'] }, 'Add', 'Add'],
  [{ type: 'concat', inputs: ['conv1', 'conv1'] }, 'Concat'],
  [{ type: 'residual', body: [{ type: 'relu' }] }, 'Relu', 'Add'],
];

structure('has the stated operators of each layer', () => {
  for (const [layer, ...expected] of forms) {
    const tried = tryLayers([{ ...conv, name: 'conv1' }, layer, { type: 'flatten' }, dense], picture);
    const model = exported(tried, { input: 'normalized' });
    check(model);
    assert.equal(operators(model), ['Conv', ...expected, 'Flatten', 'Gemm'], JSON.stringify(layer));
  }
  const pooled = tryLayers([conv, { type: 'globalAveragePool' }, dense], picture);
  assert.equal(operators(exported(pooled, { input: 'normalized' })), [
    'Conv',
    'GlobalAveragePool',
    'Flatten',
    'Gemm',
  ]);
});

structure('keeps a zero-pad apart from the max-pool behind it, dropout between them or not', () => {
  const pad = { type: 'zeroPad', top: 1 };
  const pool = { type: 'maxPool', window: 2 };
  for (const between of [[], [{ type: 'dropout', rate: 0.5 }]]) {
    const tried = tryLayers([pad, ...between, pool, { type: 'flatten' }, dense], picture);
    assert.equal(operators(exported(tried, { input: 'normalized' })), [
      'Pad',
      'LeakyRelu',
      'MaxPool',
      'Flatten',
      'Gemm',
    ]);
  }
});

structure('ends in a softmax where it is asked for', () => {
  const tried = tryLayers([{ type: 'flatten' }, { ...dense, name: 'probabilities' }], picture);
  const model = exported(tried, { input: 'normalized', softmax: true });
  check(model);
  assert.equal(operators(model), ['Flatten', 'Gemm', 'Softmax']);
  assert.is(model.graph!.output[0]!.name, 'probabilities');
  assert.is(metadata(model)['output'], 'probabilities');
});

structure('has batch norms folded where that is asked for, and says which stay', () => {
  const norm = { type: 'batchNorm' };
  const layers = [conv, norm, { type: 'relu' }, norm, { type: 'flatten' }, { ...dense, bias: false }, norm];
  const tried = tryLayers(layers, picture);
  const { bytes, norms } = exportOnnx(tried.model, { input: 'normalized', fold: true });
  const model = fromBinary(ModelProtoSchema, bytes);
  check(model);
  assert.equal(operators(model), ['Conv', 'Relu', 'BatchNormalization', 'Flatten', 'Gemm']);
  assert.equal(norms, { folded: ['bn1', 'bn3'], kept: ['bn2'] });
  assert.ok(model.graph!.initializer.some(({ name }) => name === 'fc1.bias'));
  assert.equal(exportOnnx(tried.model).norms, { folded: [], kept: ['bn1', 'bn2', 'bn3'] });
});

structure('a number that float32 does not hold is refused with its layer', () => {
  const layers = [conv, { type: 'batchNorm', name: 'first', epsilon: 1e-60 }, { type: 'flatten' }, dense];
  const { model } = tryLayers(layers, picture);
  assert.throws(
    () => exportOnnx(model, { input: 'normalized' }),
    (error: unknown) =>
      error instanceof UserError &&
      /^layer first cannot be exported: its epsilon is 1e-60,/.test(error.message),
  );
});

structure.run();

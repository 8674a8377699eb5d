import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { onnxModel } from '#lockstep/inference/imported-model.js';
import { exportOnnx } from '#lockstep/onnx/export.js';
import { AttributeProto_AttributeType, ModelProtoSchema } from '#lockstep/onnx/schema/onnx-ml_pb.js';
import { tryLayers } from '../../support/onnx-helpers.js';
import { damagedBytes, extremes, oddTexts } from '../mutations.js';
import { target } from '../target.js';

/** ONNX files: damaged bytes, and valid files whose nodes are wired, typed and measured otherwise. */

const { model } = tryLayers(
  [
    { type: 'conv2d', outChannels: 4, kernelSize: 3, padding: 1 },
    { type: 'batchNorm' },
    { type: 'silu' },
    { type: 'groupNorm', groups: 2 },
    { type: 'gelu' },
    { type: 'zeroPad', top: 1 },
    { type: 'maxPool', window: 2 },
    { type: 'prelu' },
    { type: 'globalAveragePool' },
    { type: 'dense', outFeatures: 3 },
  ],
  [3, 6, 6],
);
const base = exportOnnx(model, { input: 'normalized' }).bytes;

const types = fc.constantFrom(
  ...['Conv', 'Gemm', 'MatMul', 'Add', 'Mul', 'Div', 'Sub', 'Reshape', 'Flatten', 'Squeeze', 'Transpose'],
  ...[
    'Concat',
    'Pad',
    'MaxPool',
    'AveragePool',
    'ReduceMean',
    'Dropout',
    'Clip',
    'PRelu',
    'Identity',
    'Cast',
  ],
  ...[
    'Expand',
    'ConstantOfShape',
    'Constant',
    'Slice',
    'Unsqueeze',
    'Shape',
    'Softmax',
    'LayerNormalization',
  ],
  ...['InstanceNormalization', 'GroupNormalization', 'Gather', 'CastLike', 'Max', 'Loop', ...oddTexts],
);
const change = fc.record({
  node: fc.nat(30),
  to: fc.nat(40),
  how: fc.nat(5),
  type: types,
  number: fc.constantFrom(...extremes),
});

export const onnx = target({
  cases: () =>
    fc.oneof(
      damagedBytes(base),
      fc.array(change, { minLength: 1, maxLength: 5 }).map((changes) => {
        const proto = fromBinary(ModelProtoSchema, base);
        const { node, initializer } = proto.graph!;
        for (const { node: index, to, how, type, number } of changes) {
          const one = node[index % node.length]!;
          const values = [...node.flatMap(({ output }) => output), ...initializer.map(({ name }) => name)];
          const whole = BigInt(Math.trunc(Math.max(Math.min(number, 2 ** 62), -(2 ** 62))));
          const tensor = initializer[to % initializer.length]!;
          if (how === 0) one.opType = type;
          else if (how === 1) one.input[Math.min(to % 3, one.input.length)] = values[to % values.length]!;
          else if (how === 2) tensor.dims[Math.min(to % 2, tensor.dims.length)] = whole;
          else if (how === 3) tensor.dataType = to % 17;
          else if (how === 4) node.splice(index % node.length, node.length > 1 ? 1 : 0);
          else
            for (const attribute of one.attribute) {
              attribute.i = whole;
              attribute.f = Math.fround(number);
              attribute.ints = attribute.ints.map((value, i) => (i === to % 4 ? whole : value));
              if (to === 7) attribute.type = AttributeProto_AttributeType.FLOAT;
            }
          one.input = one.input.map((value) => value ?? '');
        }
        return toBinary(ModelProtoSchema, create(ModelProtoSchema, proto));
      }),
    ),
  run(bytes) {
    const external = () => new Uint8Array(64);
    const { network, weights } = onnxModel('model.onnx', bytes, external);
    assert.is(weights.length, network.weights.length);
  },
});

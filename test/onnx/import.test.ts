import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { UserError } from '#lockstep/errors.js';
import { openOnnx } from '#lockstep/inference/imported-model.js';
import { exportOnnx } from '#lockstep/onnx/export.js';
import { type ImportedModel, type ImportOptions, importOnnx } from '#lockstep/onnx/import/import.js';
import { ofRange } from '#lockstep/onnx/import/normalization.js';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  NodeProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataLocation,
  TensorProto_DataType,
  TensorProtoSchema,
} from '#lockstep/onnx/schema/onnx-ml_pb.js';
import { bytesOf, readSafetensors } from '#lockstep/tensors/safetensors.js';
import { relativeError, root } from '../support/engine-helpers.js';
import { importedLogits, noOtherFile } from '../support/import-helpers.js';
import { tryLayers } from '../support/onnx-helpers.js';

/** ONNX files of PyTorch's exporters, and files that lockstep refuses. */

const test = suite("an import of another program's file");

const folder = join(root, 'test/references/onnx');
const files = readdirSync(folder).filter((file) => file.endsWith('.onnx'));

function referenceOf(file: string) {
  const { tensors } = readSafetensors(join(folder, file.replace('.onnx', '.safetensors')));
  const [images, logits] = ['images', 'logits'].map((name) => tensors.get(name)!);
  return {
    shape: images!.shape.slice(1),
    images: images!.data as Float32Array,
    logits: logits!.data as Float32Array,
  };
}

const opened = (file: string, options?: ImportOptions): ImportedModel =>
  importOnnx(file, readFileSync(join(folder, file)), noOtherFile, options);

test('there are files of the exporters by torch.export and by TorchScript, old and new', () => {
  for (const how of ['dynamo', 'script', 'old'])
    assert.ok(files.filter((file) => file.endsWith(`-${how}.onnx`)).length >= 5);
});

for (const file of files.filter((file) => !file.startsWith('pixels'))) {
  test(`${file}: gives PyTorch's logits to 1e-6`, () => {
    const { shape, images, logits } = referenceOf(file);
    const model = opened(file);
    assert.equal(shape, [
      3,
      ...(['height', 'width'] as const).map((side) => (model.features as never)[side]),
    ]);
    assert.ok(relativeError(importedLogits(model, shape, images), logits) < 1e-6);
    assert.equal(model.notes, []);
    assert.is(model.normalization, undefined);
  });
}

for (const file of files.filter((file) => file.startsWith('pixels'))) {
  test(`${file}: its normalization is the config's, and its softmax the loss's`, () => {
    const { shape, images, logits: probabilities } = referenceOf(file);
    const model = opened(file);
    assert.equal(model.normalization, { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] });
    assert.is(model.notes.length, 1);
    assert.match(model.notes[0]!, /\(Softmax\) at the end is left out/);
    const { mean, deviation } = model.normalization!;
    const plane = shape[1]! * shape[2]!;
    const seen = images.map((pixel, i) => {
      const channel = Math.floor(i / plane) % 3;
      return (pixel / 255 - mean[channel]!) / deviation[channel]!;
    });
    const exponentials = importedLogits(model, shape, seen).map(Math.exp);
    const { outputs } = model;
    const found = exponentials.map((value, i) => {
      const first = Math.floor(i / outputs) * outputs;
      return value / exponentials.subarray(first, first + outputs).reduce((a, b) => a + b);
    });
    assert.ok(relativeError(found, probabilities) < 1e-6);
  });
}

test("layers have the names of PyTorch's modules, so that its state_dict takes the weights", () => {
  for (const how of ['dynamo', 'script', 'old']) {
    const names = [...opened(`resnet-${how}.onnx`).weights.keys()];
    for (const name of ['conv1.weight', 'layer2.0.downsample.0.weight', 'layer3.0.conv2.weight', 'fc.bias'])
      assert.ok(names.includes(name), `${how} has no ${name}`);
  }
  const layers = opened('mobile-dynamo.onnx').layers;
  assert.equal(
    layers.filter(({ type }) => type === 'relu6' || type === 'add').map(({ type }) => type),
    ['relu6', 'relu6', 'relu6', 'add', 'relu6', 'relu6'],
  );
});

/** A small file of ours, changed. */
function changed(change: (model: ModelProto) => void): Uint8Array {
  const layers = [
    { type: 'conv2d', name: 'conv1', outChannels: 4, kernelSize: 3 },
    { type: 'relu' },
    { type: 'flatten' },
    { type: 'dense', name: 'fc1', outFeatures: 5 },
  ];
  const { model } = tryLayers(layers, [3, 6, 6]);
  const { bytes } = exportOnnx(model, { input: 'normalized' });
  const proto = fromBinary(ModelProtoSchema, bytes);
  change(proto);
  return toBinary(ModelProtoSchema, proto);
}

function refused(
  words: RegExp,
  change: (model: ModelProto) => void,
  options?: ImportOptions,
  external = noOtherFile as never,
): void {
  refusedBytes(words, changed(change), options, external);
}
function refusedBytes(
  words: RegExp,
  bytes: Uint8Array,
  options?: ImportOptions,
  external = noOtherFile as never,
): void {
  assert.throws(
    () => importOnnx('model.onnx', bytes, external, options),
    (error: unknown) => {
      if (!(error instanceof UserError)) throw error;
      assert.match(error.message, /^model\.onnx: /);
      assert.match(error.message, words);
      return true;
    },
  );
}

const nodeOf = ({ graph }: ModelProto, type: string) => graph!.node.find(({ opType }) => opType === type)!;
const inputOf = ({ graph }: ModelProto) => {
  const type = graph!.input[0]!.type!.value;
  assert.is(type.case, 'tensorType');
  return type.value as Extract<typeof type, { case: 'tensorType' }>['value'];
};
const setAxis = (model: ModelProto, axis: number, size: bigint | string) => {
  inputOf(model).shape!.dim[axis]!.value =
    typeof size === 'string' ? { case: 'dimParam', value: size } : { case: 'dimValue', value: size };
};
const setNumber = (model: ModelProto, type: string, name: string, value: bigint) => {
  const { INT } = AttributeProto_AttributeType;
  nodeOf(model, type).attribute.push(create(AttributeProtoSchema, { name, type: INT, i: value }));
};
const setNumbers = (model: ModelProto, type: string, name: string, values: readonly number[]) => {
  const node = nodeOf(model, type);
  node.attribute = node.attribute.filter((attribute) => attribute.name !== name);
  const { INTS } = AttributeProto_AttributeType;
  node.attribute.push(create(AttributeProtoSchema, { name, type: INTS, ints: values.map(BigInt) }));
};

test('what lockstep has no layer for is named with its node and operator', () => {
  const cases: readonly (readonly [RegExp, (model: ModelProto) => void])[] = [
    [
      /node "relu-1" \(Mish\) cannot be imported: lockstep has no layer for it/,
      (m) => (nodeOf(m, 'Relu').opType = 'Mish'),
    ],
    [
      /\(QLinearConv\).*quantized: export the one in float32/,
      (m) => (nodeOf(m, 'Relu').opType = 'QLinearConv'),
    ],
    [
      /\(com\.microsoft\.Relu\).*no operator of ONNX's own/,
      (m) => (nodeOf(m, 'Relu').domain = 'com.microsoft'),
    ],
    [/node "conv1" \(Conv\) .*larger than its input/, (m) => setNumbers(m, 'Conv', 'dilations', [9, 9])],
    [
      /node "conv1" \(Conv\) .*its kernel_shape is \[3\]; expected two numbers/,
      (m) => setNumbers(m, 'Conv', 'kernel_shape', [3]),
    ],
    [
      /node "conv1" \(Conv\) .*weight is for 6 channels, and it gets 3/,
      (m) => setNumber(withoutGroup(m), 'Conv', 'group', 2n),
    ],
    [/node "fc1" \(Gemm\) .*its transA/, (m) => setNumber(m, 'Gemm', 'transA', 1n)],
    [/node "flatten-2" \(Flatten\) .*its axis is 2; expected 1/, (m) => setFlatten(m)],
    [
      /node "fc1" \(Gemm\) .*its weight is no float32 tensor of the file/,
      (m) => (nodeOf(m, 'Gemm').input[1] = nodeOf(m, 'Flatten').output[0]!),
    ],
    [
      /node "relu-1" \(Relu\) .*it reads "nowhere", which no input/,
      (m) => (nodeOf(m, 'Relu').input[0] = 'nowhere'),
    ],
    [/is given twice/, (m) => (nodeOf(m, 'Relu').output[0] = nodeOf(m, 'Conv').output[0]!)],
    [/expected batch x classes/, (m) => (m.graph!.output[0]!.name = nodeOf(m, 'Relu').output[0]!)],
    [
      /it has 2 outputs \("logits", "logits"\); expected one/,
      (m) => m.graph!.output.push(m.graph!.output[0]!),
    ],
    [/does not depend on its input/, (m) => (m.graph!.output[0]!.name = 'fc1.weight')],
  ];
  for (const [words, change] of cases) refused(words, change);
});

const withoutGroup = (model: ModelProto) => {
  const node = nodeOf(model, 'Conv');
  node.attribute = node.attribute.filter(({ name }) => name !== 'group');
  return model;
};
const setFlatten = (model: ModelProto) => {
  const [axis] = nodeOf(model, 'Flatten').attribute;
  axis!.i = 2n;
};

test('inputs that are no RGB images of a known size are refused in words', () => {
  refused(/\[batch, 1, 6, 6\]: images of 1 channels; lockstep's have 3/, (m) => setAxis(m, 1, 1n));
  refused(/\[batch, 6, 6, 3\], channels last; .* \(NCHW\)/, (m) => {
    setAxis(m, 1, 6n);
    setAxis(m, 3, 3n);
  });
  const open = (model: ModelProto) => {
    setAxis(model, 2, 'height');
    setAxis(model, 3, 'width');
  };
  refused(/\[batch, 3, height, width\]: its size is left open; .*--input 3,224,224/, open);
  const model = importOnnx('model.onnx', changed(open), noOtherFile, { input: [3, 6, 6] });
  assert.equal(
    [model.features, model.outputs],
    [{ type: 'pixels', width: 6, height: 6, normalize: 'channels' }, 5],
  );
  refused(/expected images, \[batch, 3, height, width\]/, (m) => inputOf(m).shape!.dim.pop());
  refused(/is float16; expected float32/, (m) => (inputOf(m).elemType = TensorProto_DataType.FLOAT16));
  refused(/it has 2 inputs/, (m) => m.graph!.input.push({ ...m.graph!.input[0]!, name: 'other' }));
});

test("a normalization in the graph needs to know what white is, and is then the config's", () => {
  const withMean = (model: ModelProto) => {
    const { graph } = model;
    const data = Uint8Array.from(bytesOf(Float32Array.of(0.5, 0.25, 0.125)));
    graph!.initializer.push(
      create(TensorProtoSchema, {
        name: 'mean',
        dims: [1n, 3n, 1n, 1n],
        dataType: TensorProto_DataType.FLOAT,
        rawData: data,
      }),
    );
    const { input } = nodeOf(model, 'Conv');
    graph!.node.unshift(
      create(NodeProtoSchema, {
        opType: 'Sub',
        name: 'centre',
        input: [input[0]!, 'mean'],
        output: ['centred'],
      }),
    );
    input[0] = 'centred';
  };
  refused(/nothing says whether they are from 0 to 1 or from 0 to 255: give --range 1/, withMean);
  const read = (white: number) =>
    importOnnx('model.onnx', changed(withMean), noOtherFile, { meaning: ofRange(white) }).normalization;
  assert.equal(read(1), { mean: [0.5, 0.25, 0.125], deviation: [1, 1, 1] });
  const { mean, deviation } = read(255)!;
  assert.ok(
    relativeError(Float32Array.from(mean), Float32Array.of(0.5 / 255, 0.25 / 255, 0.125 / 255)) < 1e-6,
  );
  assert.ok(deviation.every((value) => Math.abs(value * 255 - 1) < 1e-6));
});

test('a file that is cut off anywhere, or no ONNX file, is refused', () => {
  const bytes = changed(() => {});
  for (let length = 0; length < bytes.length; length += 97)
    refusedBytes(
      /it is no ONNX model|holds \d+ bytes|cannot be imported|expected|has no|does not/,
      bytes.subarray(0, length),
    );
  refusedBytes(/it is no ONNX model/, Buffer.from('{"this": "is JSON"}'));
  refusedBytes(/it is no ONNX model/, new Uint8Array(4096));
  refused(/operator set 7; expected 11 to 23/, (m) => (m.opsetImport[0]!.version = 7n));
  refused(/operator set 99; expected 11 to 23/, (m) => (m.opsetImport[0]!.version = 99n));
});

test('tensors of other types, of other lengths and of absurd shapes are refused', () => {
  const tensor = ({ graph }: ModelProto) => graph!.initializer.find(({ name }) => name === 'conv1.weight')!;
  const { FLOAT16, DOUBLE, INT8 } = TensorProto_DataType;
  for (const [type, name] of [
    [FLOAT16, 'float16'],
    [DOUBLE, 'double'],
    [INT8, 'int8'],
  ] as const)
    refused(
      new RegExp(`tensor "conv1.weight" is ${name}; lockstep has float32 alone`),
      (m) => (tensor(m).dataType = type),
    );
  refused(/tensor "conv1.weight" holds \d+ bytes, but its shape .* needs/, (m) => tensor(m).dims.push(2n));
  refused(/which no tensor can have/, (m) => (tensor(m).dims[0] = 2n ** 60n));
  refused(/which no tensor can have/, (m) => (tensor(m).dims[0] = -1n));
});

test('tensors may lie in a file beside the model, and nowhere else', () => {
  let data = new Uint8Array();
  const beside =
    (location: string, offset = '0', length?: string) =>
    (model: ModelProto) => {
      const tensor = model.graph!.initializer.find(({ name }) => name === 'conv1.weight')!;
      data = Uint8Array.from(tensor.rawData);
      tensor.dataLocation = TensorProto_DataLocation.EXTERNAL;
      tensor.rawData = new Uint8Array();
      const entries = { location, offset, ...(length !== undefined && { length }) };
      tensor.externalData = Object.entries(entries).map(([key, value]) =>
        create(StringStringEntryProtoSchema, { key, value }),
      );
    };
  const whole = importOnnx(
    'model.onnx',
    changed(() => {}),
    noOtherFile,
  );
  const names: string[] = [];
  const read = (name: string) => {
    names.push(name);
    return data;
  };
  assert.equal(importOnnx('model.onnx', changed(beside('model.onnx.data')), read), whole);
  assert.equal(names, ['model.onnx.data']);
  for (const location of ['../secret', '/etc/passwd', 'sub/file', '..', '.', '', 'C:x', 'a\\b', 'a\0b'])
    refused(/lies in ".*"; expected the name of a file in the model's own folder/, beside(location));
  refused(/lies at bytes 8 to/, beside('data', '8', '100000'), {}, read as never);
  refused(/lies at bytes/, beside('data', '-8'), {}, read as never);
  refused(/holds \d+ bytes/, beside('data', '4'), {}, read as never);
});

test('a file that is larger than any ONNX file can be is not read', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-import-'));
  try {
    const path = join(folder, 'huge.onnx');
    writeFileSync(
      path,
      changed(() => {}),
    );
    assert.is(openOnnx(path).network.classes, 5);
    truncateSync(path, 2 ** 33);
    assert.throws(
      () => openOnnx(path),
      /huge\.onnx: cannot be read: it has 8589934592 bytes, and 2147483647 is the most/,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.run();

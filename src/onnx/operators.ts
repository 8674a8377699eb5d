import type { Pair, ResolvedGroupNorm, ResolvedLayer, ResolvedPool } from '../config/resolved.js';
import { ExitCode, UserError } from '../errors.js';
import { bordersOf } from '../graph/ops/convolution.js';
import type { Shape } from '../graph/shape.js';
import type { Attribute, GraphBuilder, Value } from './graph-builder.js';
import type { Tensors } from './tensors.js';

/**
 * The ONNX form of each layer (operator set 17: https://github.com/onnx/onnx/blob/main/docs/Operators.md). Tensors have PyTorch's
 * layout with the batch first, as ONNX's do, so a weight goes out as it is.
 */

type LayerType = ResolvedLayer['type'];
type Config<T extends LayerType> = Extract<ResolvedLayer, { type: T }>;
/** Adds a layer's nodes; returns what the layer gives. */
type Write<T extends LayerType> = (layer: LayerWriter, config: Config<T>) => Value;

/** A layer as it is written. */
export class LayerWriter {
  readonly #graph: GraphBuilder;
  readonly #tensors: Tensors;
  /** Of its nodes and parameters. */
  readonly name: string;
  readonly inputs: readonly Value[];
  /** Of a sample: what its first input has. */
  readonly shape: Shape;

  constructor(graph: GraphBuilder, tensors: Tensors, name: string, inputs: readonly Value[], shape: Shape) {
    this.#graph = graph;
    this.#tensors = tensors;
    this.name = name;
    this.inputs = inputs;
    this.shape = shape;
  }

  get input(): Value {
    return this.inputs[0]!;
  }

  /** The layer's one node, or the last of several. */
  node(
    type: string,
    inputs: readonly Value[] = this.inputs,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value {
    return this.#graph.node(type, this.name, inputs, attributes);
  }

  /** One of the nodes before the last, `NAME/STEP`. */
  step(
    step: string,
    type: string,
    inputs: readonly Value[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value {
    return this.#graph.node(type, `${this.name}/${step}`, inputs, attributes);
  }

  /** A parameter or a tensor of state, `NAME.PART`. @param shape if not its own, one of as many values */
  tensor(part: string, shape?: Shape): Value {
    const tensor = this.#tensors.get(`${this.name}.${part}`)!;
    return this.#graph.floats(`${this.name}.${part}`, { ...tensor, ...(shape && { shape }) });
  }

  /** The bias, if it has one. */
  get bias(): Value[] {
    return this.#tensors.has(`${this.name}.bias`) ? [this.tensor('bias')] : [];
  }

  /** The operator that gives a value. */
  typeOf(value: Value): string | undefined {
    return this.#graph.typeOf(value);
  }

  floats(part: string, values: readonly number[], shape: Shape = []): Value {
    return this.#graph.floats(`${this.name}/${part}`, { shape, values: Float32Array.from(values) });
  }

  integers(part: string, values: readonly number[]): Value {
    return this.#graph.integers(`${this.name}/${part}`, values);
  }
}

export const writers: { readonly [T in LayerType]: Write<T> } = {
  conv2d: (layer, { kernelSize, stride, padding, dilation, groups }) => {
    const extent = kernelSize.map((side, axis) => (side - 1) * dilation[axis]! + 1) as Pair;
    const [[top, bottom], [left, right]] = bordersOf(padding, extent);
    return layer.node('Conv', [layer.input, layer.tensor('weight'), ...layer.bias], {
      kernel_shape: kernelSize,
      strides: stride,
      pads: [top, left, bottom, right],
      dilations: dilation,
      group: BigInt(groups),
    });
  },
  dense: (layer) => layer.node('Gemm', [layer.input, layer.tensor('weight'), ...layer.bias], { transB: 1n }),

  maxPool: (layer, config) => layer.node('MaxPool', [unfused(layer)], windows(config)),
  averagePool: (layer, config) =>
    layer.node('AveragePool', layer.inputs, { ...windows(config), count_include_pad: 1n }),
  globalAveragePool: (layer) =>
    layer.node('Flatten', [layer.step('average', 'GlobalAveragePool', layer.inputs)], { axis: 1n }),

  zeroPad: (layer, { top, right, bottom, left }) =>
    layer.node('Pad', [layer.input, layer.integers('widths', [0, 0, top, left, 0, 0, bottom, right])]),
  flatten: (layer) => layer.node('Flatten', layer.inputs, { axis: 1n }),
  // Nothing is dropped outside of training.
  dropout: (layer) => layer.input,

  // ONNX's momentum is the part of the running statistics that a step keeps.
  batchNorm: (layer, { epsilon, momentum }) =>
    layer.node(
      'BatchNormalization',
      [layer.input, ...['weight', 'bias', 'running_mean', 'running_var'].map((part) => layer.tensor(part))],
      { epsilon, momentum: 1 - momentum },
    ),
  groupNorm,
  layerNorm: (layer, { epsilon }) =>
    layer.node('LayerNormalization', [layer.input, layer.tensor('weight'), layer.tensor('bias')], {
      axis: 1n,
      epsilon,
    }),

  relu: (layer) => layer.node('Relu'),
  relu6: (layer) => layer.node('Clip', [layer.input, layer.floats('least', [0]), layer.floats('most', [6])]),
  leakyRelu: (layer, { slope }) => layer.node('LeakyRelu', layer.inputs, { alpha: slope }),
  prelu: (layer, { slopes }) =>
    layer.node('PRelu', [
      layer.input,
      layer.tensor('weight', slopes === 'one' ? [1] : perChannel(layer.shape)),
    ]),
  elu: (layer, { alpha }) => layer.node('Elu', layer.inputs, { alpha }),
  sigmoid: (layer) => layer.node('Sigmoid'),
  tanh: (layer) => layer.node('Tanh'),
  silu: (layer) => layer.node('Mul', [layer.input, layer.step('sigmoid', 'Sigmoid', layer.inputs)]),
  hardSwish: (layer) => layer.node('HardSwish'),
  gelu,

  custom: (layer, { module }) => {
    throw new UserError(
      `layer ${layer.name} is own code (${module}), which ONNX has no operator for; export a network without it`,
      ExitCode.usage,
    );
  },

  add: sum,
  residual: sum,
  concat: (layer) => layer.node('Concat', layer.inputs, { axis: 1n }),
};

const windows = ({ window, stride, padding: [down, across] }: ResolvedPool) => ({
  kernel_shape: window,
  strides: stride,
  pads: [down, across, down, across],
});

/**
 * A max-pool's input. Behind a zero-pad it passes a LeakyRelu of slope 1, which changes nothing: ONNX Runtime 1.17 to 1.31 makes zeros of a
 * Pad the padding of the MaxPool behind it, which never is a window's largest value
 * (https://github.com/microsoft/onnxruntime/issues/24737).
 */
function unfused(layer: LayerWriter): Value {
  if (layer.typeOf(layer.input) !== 'Pad') return layer.input;
  return layer.step('apart', 'LeakyRelu', [layer.input], { alpha: 1 });
}

/** ((x0 + x1) + x2) + ..., in this order. */
function sum(layer: LayerWriter): Value {
  const [first, ...others] = layer.inputs as [Value, ...Value[]];
  const last = others.pop()!;
  const before = others.reduce((x, y, i) => layer.step(`${i + 1}`, 'Add', [x, y]), first);
  return layer.node('Add', [before, last]);
}

/** A channel's parameters beside its rows and columns. */
const perChannel = ([channels, ...picture]: Shape): Shape => [channels!, ...picture.map(() => 1)];

/** Each group as a channel of an instance norm, then each channel's own scale and shift: the form in which PyTorch exports its GroupNorm. */
function groupNorm(layer: LayerWriter, { groups, epsilon }: ResolvedGroupNorm): Value {
  // A 0 stands for the batch, whatever it is.
  const split = layer.step('split', 'Reshape', [layer.input, layer.integers('groups', [0, groups, -1])]);
  const ones = layer.floats('ones', Array(groups).fill(1), [groups]);
  const zeros = layer.floats('zeros', Array(groups).fill(0), [groups]);
  const normal = layer.step('normal', 'InstanceNormalization', [split, ones, zeros], { epsilon });
  const joined = layer.step('join', 'Reshape', [normal, layer.integers('shape', [0, ...layer.shape])]);
  const scaled = layer.step('scale', 'Mul', [joined, layer.tensor('weight', perChannel(layer.shape))]);
  return layer.node('Add', [scaled, layer.tensor('bias', perChannel(layer.shape))]);
}

/** x * (1 + erf(x / sqrt(2))) / 2: exact, as opset 20's Gelu, in operators that older runtimes have too. */
function gelu(layer: LayerWriter): Value {
  const scaled = layer.step('scale', 'Mul', [layer.input, layer.floats('sqrtHalf', [Math.SQRT1_2])]);
  const above = layer.step('above', 'Add', [layer.step('erf', 'Erf', [scaled]), layer.floats('one', [1])]);
  return layer.node('Mul', [layer.step('half', 'Mul', [layer.input, layer.floats('half', [0.5])]), above]);
}

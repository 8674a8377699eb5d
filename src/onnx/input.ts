import type { FeaturesConfig } from '../config/schema.js';
import type { SampleFormat } from '../data/dataset.js';
import type { Shape } from '../graph/shape.js';
import { channelsOf } from '../runtime/sample-values.js';
import type { GraphBuilder, Value } from './graph-builder.js';
import type { InputKind } from './options.js';
import { TensorProto_DataType } from './schema/onnx-ml_pb.js';

/** A graph's input: float32, `[batch, ...shape]`. */
export interface GraphInput {
  readonly name: Value;
  readonly shape: Shape;
  /** In words. */
  readonly meaning: string;
}

const name = 'input';

/** @param kind of the input of a network that sees images; values are taken as they are */
export function inputOf(kind: InputKind, format: SampleFormat, features: FeaturesConfig): GraphInput {
  if (features.type === 'values')
    return { name, shape: format.sampleShape, meaning: "values as the training's dataset holds them" };
  if (kind === 'pixels') {
    const shape = [3, features.height, features.width];
    const meaning = 'RGB pixels, 0 to 255, of an image that was resized to this height and width';
    const whole = features.type === 'colorHistogram' ? '; fractions are cut off' : '';
    return { name, shape, meaning: meaning + whole };
  }
  const meaning =
    features.type === 'pixels'
      ? 'RGB pixels of a resized image, (x / 255 - mean) / deviation; the metadata has them under normalization'
      : 'colour histogram of a resized image: for R, G and B in turn the numbers of pixels in equal bins over [0, 256), each channel at L2 norm 1';
  return { name, shape: format.sampleShape, meaning };
}

/** Writes the nodes from pixels to what the network sees. */
export function writePreprocessing(
  graph: GraphBuilder,
  { name, shape: [channels] }: GraphInput,
  format: SampleFormat,
  features: FeaturesConfig,
): Value {
  switch (features.type) {
    case 'pixels':
      return normalize(graph, name, channels!, format);
    case 'colorHistogram':
      return histogram(graph, name, features.bins);
    case 'values':
      return name;
  }
}

/** x * scale + shift, the two roundings that a training makes. */
function normalize(graph: GraphBuilder, pixels: Value, channels: number, format: SampleFormat): Value {
  const each = channelsOf(format);
  const constant = (part: 'scale' | 'shift') => {
    const values = Float32Array.from(each, (channel) => channel[part]);
    // Without a batch's 1 before it, which OpenCV 4.6 takes for the batch's size.
    return graph.floats(`normalize/${part}`, { shape: [channels, 1, 1], values });
  };
  const scaled = graph.node('Mul', 'normalize/multiply', [pixels, constant('scale')]);
  return graph.node('Add', 'normalize/add', [scaled, constant('shift')]);
}

/** As `colorHistogram` makes it: the counts are exact, the norm is in float32 instead of double. */
function histogram(graph: GraphBuilder, pixels: Value, bins: number): Value {
  const at = (step: string) => `histogram/${step}`;
  const floats = (step: string, shape: Shape, ...values: number[]) =>
    graph.floats(at(step), { shape, values: Float32Array.from(values) });
  // A division by a power of two, so exact.
  const scaled = graph.node('Mul', at('multiply'), [pixels, floats('perPixel', [], bins / 256)]);
  const bin = graph.node('Cast', at('bin'), [scaled], {
    to: BigInt(TensorProto_DataType.INT64),
  });
  const flat = graph.node('Reshape', at('flat'), [bin, graph.integers(at('channels'), [0, 3, -1])]);
  const hot = graph.node('OneHot', at('oneHot'), [
    flat,
    graph.integers(at('bins'), [bins]),
    floats('offOn', [2], 0, 1),
  ]);
  const counts = graph.node('ReduceSum', at('count'), [hot, graph.integers(at('positions'), [2])], {
    keepdims: 0n,
  });
  const norms = graph.node('ReduceL2', at('norm'), [counts], { axes: [2], keepdims: 1n });
  return graph.node('Flatten', at('join'), [graph.node('Div', at('divide'), [counts, norms])], { axis: 1n });
}

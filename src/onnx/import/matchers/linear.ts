import type { Shape } from '../../../graph/shape.js';
import type { FloatTensor } from '../../graph-builder.js';
import type { Draft, Matcher, Read } from '../draft.js';
import type { Graph } from '../graph.js';
import { wantedName } from '../names.js';
import type { Node } from '../node.js';
import type { FloatConstant } from '../tensor.js';
import { windowsOf } from '../windows.js';

/** Convolutions and dense layers, with the node that adds their bias, if one does. */

/** A weight that is stored in the file: what is computed from the image is no weight. */
export function weightOf(node: Node, graph: Graph, input: number, what: string): FloatConstant {
  const constant = graph.constant(node.inputs[input] ?? '');
  if (constant?.type === 'float') return constant;
  throw node.refusal(`its ${what} is no float32 tensor of the file, but something that is computed`);
}

/** A bias of so many outputs, however exporters shape it. */
function biasFrom(constant: FloatConstant, outputs: number): FloatTensor | undefined {
  return constant.values.length === outputs ? { shape: [outputs], values: constant.values } : undefined;
}

/** Zeros that an exporter computed where the layer has no bias. */
const isNone = (bias: FloatConstant | undefined) =>
  bias !== undefined && !bias.name.endsWith('bias') && bias.values.every((value) => value === 0);

const conv = (node: Node, graph: Graph, added?: FloatConstant) => {
  const weight = weightOf(node, graph, 1, 'weight');
  const own = (node.inputs[2] ?? '') === '' ? undefined : weightOf(node, graph, 2, 'bias');
  const reads = [node.input];
  const build = (draft: Draft): Read => {
    const { layer, shape } = draft.readPicture(node, node.input);
    const [channels, height, width] = shape;
    const groups = node.numberOf('group', 1);
    const [outputs = 0, perGroup, ...kernel] = weight.shape;
    if (kernel.length !== 2)
      throw node.refusal(
        `its weight has the shape ${weight.shape.join(' x ')}; lockstep has convolutions of images alone`,
      );
    if (perGroup! * groups !== channels)
      throw node.refusal(`its weight is for ${perGroup! * groups} channels, and it gets ${channels}`);
    const { size, stride, dilation, extent, borders, counts } = windowsOf(
      node,
      [height, width],
      kernel as [number, number],
    );
    if (size.join() !== kernel.join())
      throw node.refusal(`its kernel_shape is ${size.join(' x ')}, and its weight's ${kernel.join(' x ')}`);
    const given = isNone(own) ? added : (own ?? added);
    const bias = given && biasFrom(given, outputs);
    if (given !== undefined && bias === undefined)
      throw node.refusal(`its bias has ${given.values.length} values for ${outputs} outputs`);
    const [top, left, bottom, right] = borders;
    const isSame =
      stride.join() === '1,1' &&
      [
        [top, bottom],
        [left, right],
      ].every(([before, after], i) => {
        const all = extent[i]! - 1;
        return before === Math.floor(all / 2) && after === Math.ceil(all / 2);
      });
    const isEven = top === bottom && left === right;
    const padding = isEven ? [top, left] : isSame ? 'same' : [0, 0];
    const settings = { outChannels: outputs, kernelSize: size, stride, padding, dilation, groups };
    const from =
      isEven || isSame
        ? layer
        : draft.put({ type: 'zeroPad', settings: { top, right, bottom, left }, inputs: [layer] }, [
            channels,
            top + height + bottom,
            left + width + right,
          ]).layer;
    return draft.put(
      {
        type: 'conv2d',
        settings,
        inputs: [from],
        wanted: wantedName(weight.name, node),
        tensors: { weight: { shape: weight.shape, values: weight.values }, ...(bias && { bias }) },
      },
      [outputs, ...counts],
    );
  };
  return { reads, build };
};

/** The matrix of a dense layer, `[out, in]`, times `factor`. @param isOutFirst whether the file has it so */
function matrix(constant: FloatConstant, isOutFirst: boolean, factor = 1): FloatTensor {
  const [rows, columns] = constant.shape as [number, number];
  const shape: Shape = isOutFirst ? [rows, columns] : [columns, rows];
  const values = new Float32Array(constant.values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const to = isOutFirst ? row * columns + column : column * rows + row;
      values[to] = factor * constant.values[row * columns + column]!;
    }
  }
  return { shape, values };
}

function dense(
  node: Node,
  weight: FloatConstant,
  isOutFirst: boolean,
  bias: FloatConstant | undefined,
  factors: { readonly alpha: number; readonly beta: number } = { alpha: 1, beta: 1 },
) {
  const reads = [node.input];
  const build = (draft: Draft): Read => {
    const { layer, shape } = draft.read(node, node.input);
    if (weight.shape.length !== 2)
      throw node.refusal(`its weight has the shape ${weight.shape.join(' x ')}; expected a matrix`);
    const tensor = matrix(weight, isOutFirst, factors.alpha);
    const [outputs, inputs] = tensor.shape as [number, number];
    if (shape.length !== 1)
      throw node.refusal(`it needs an input of batch x features, and gets batch x ${shape.join(' x ')}`);
    if (inputs !== shape[0])
      throw node.refusal(`its weight is for ${inputs} features, and it gets ${shape[0]}`);
    const given = bias && biasFrom(bias, bias.values.length === 1 ? 1 : outputs);
    if (bias !== undefined && given === undefined)
      throw node.refusal(`its bias has ${bias.values.length} values for ${outputs} outputs`);
    const added = given && {
      shape: [outputs],
      values: Float32Array.from(
        { length: outputs },
        (_, i) => factors.beta * given.values[given.values.length === 1 ? 0 : i]!,
      ),
    };
    if (factors.alpha !== 1 || (added && factors.beta !== 1))
      draft.notes.add(
        `${node.label}: its alpha ${factors.alpha} and beta ${factors.beta} are multiplied into weight and bias, rounded once`,
      );
    return draft.put(
      {
        type: 'dense',
        settings: { outFeatures: outputs },
        inputs: [layer],
        wanted: wantedName(weight.name, node),
        tensors: { weight: tensor, ...(added && { bias: added }) },
      },
      [outputs],
    );
  };
  return { reads, build };
}

const gemm = (node: Node, graph: Graph, added?: FloatConstant) => {
  if (node.numberOf('transA', 0) !== 0) throw node.refusal('its transA turns the images around');
  const own = (node.inputs[2] ?? '') === '' ? undefined : weightOf(node, graph, 2, 'bias');
  const factors = {
    alpha: node.numberOf('alpha', 1),
    beta: own === undefined ? 1 : node.numberOf('beta', 1),
  };
  return dense(
    node,
    weightOf(node, graph, 1, 'weight'),
    node.numberOf('transB', 0) !== 0,
    own ?? added,
    factors,
  );
};

const matMul = (node: Node, graph: Graph, added?: FloatConstant) =>
  dense(node, weightOf(node, graph, 1, 'second factor'), false, added);

const linear = { Conv: conv, Gemm: gemm, MatMul: matMul } as const;
type Linear = keyof typeof linear;

/** The sum of a linear node that has no bias, and alone is read by this, and one value an output. */
const biased: Matcher = (node, graph) => {
  for (const [from, other] of [node.inputs, node.inputs.toReversed()] as [string, string][]) {
    const bias = graph.constant(other);
    const producer = graph.producer(from);
    if (bias?.type !== 'float' || producer === undefined || !Object.hasOwn(linear, producer.type)) continue;
    if (graph.readers(from).length > 1 || (producer.inputs[2] ?? '') !== '') continue;
    const weight = graph.constant(producer.inputs[1] ?? '');
    if (weight === undefined) continue;
    const isOutFirst = producer.type === 'Conv' || producer.numberOf('transB', 0) !== 0;
    const outputs = weight.shape[isOutFirst ? 0 : 1]!;
    // Along the axis of the outputs, the last of a vector and the third last of a picture.
    const axis = bias.shape.length - (producer.type === 'Conv' ? 3 : 1);
    const isOneEach = bias.values.length === outputs && (bias.shape[axis] === outputs || outputs === 1);
    if (isOneEach) return linear[producer.type as Linear](producer, graph, bias);
  }
  return undefined;
};

export const linearMatchers: Readonly<Record<string, readonly Matcher[]>> = {
  Conv: [conv],
  Gemm: [gemm],
  MatMul: [matMul],
  Add: [biased],
};

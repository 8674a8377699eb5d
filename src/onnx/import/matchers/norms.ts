import { type Shape, sizeOf } from '../../../graph/shape.js';
import type { FloatTensor } from '../../graph-builder.js';
import type { Draft, Fragment, Matcher, Read } from '../draft.js';
import type { Graph } from '../graph.js';
import { wantedName } from '../names.js';
import type { Node } from '../node.js';
import { shortest } from '../shortest.js';
import type { FloatConstant } from '../tensor.js';
import { weightOf } from './linear.js';

/** Norms, as one node or as those that exporters make of one. */

const tensor = (values: Float32Array, shape: Shape = [values.length]): FloatTensor => ({ shape, values });
const filled = (length: number, value: number) => new Float32Array(length).fill(value);
const allAre = ({ values }: FloatConstant, value: number) => values.every((each) => each === value);

const batchNorm: Matcher = (node, graph) => {
  const [scale, shift, mean, variance] = ['scale', 'shift', 'mean', 'variance'].map((what, i) =>
    weightOf(node, graph, i + 1, what),
  ) as [FloatConstant, FloatConstant, FloatConstant, FloatConstant];
  return {
    reads: [node.input],
    build: (draft) => {
      const { layer, shape } = draft.read(node, node.input);
      for (const { values } of [scale, shift, mean, variance])
        if (values.length !== shape[0])
          throw node.refusal(`its parameters are for ${values.length} channels, and it gets ${shape[0]}`);
      if (node.numberOf('training_mode', 0) !== 0)
        draft.notes.add(
          'batch norms are in training mode in the file; here they are as the config says: over the mini-batch in training, by their running statistics else',
        );
      // ONNX has the part that is kept, PyTorch and lockstep the part that is new.
      const momentum = Number((1 - shortest(node.numberOf('momentum', 0.9))).toPrecision(6));
      return draft.put(
        {
          type: 'batchNorm',
          settings: { epsilon: shortest(node.numberOf('epsilon', 1e-5)), momentum },
          inputs: [layer],
          wanted: wantedName(scale.name, node),
          tensors: {
            weight: tensor(scale.values),
            bias: tensor(shift.values),
            running_mean: tensor(mean.values),
            running_var: tensor(variance.values),
          },
        },
        shape,
      );
    },
  };
};

interface Grouped {
  readonly groups: number;
  readonly epsilon: number;
  /** Of each channel; undefined where the norm has none. */
  readonly scale: FloatConstant | undefined;
  readonly shift: FloatConstant | undefined;
}

function putGroupNorm(
  draft: Draft,
  node: Node,
  { layer, shape }: Read,
  { groups, epsilon, scale, shift }: Grouped,
) {
  const [channels] = shape as [number];
  const perChannel = (given: FloatConstant | undefined, otherwise: number) => {
    if (given === undefined || given.values.length === 1)
      return tensor(filled(channels, given?.values[0] ?? otherwise));
    if (given.values.length === channels) return tensor(given.values);
    throw node.refusal(`it has ${given.values.length} scales or shifts for ${channels} channels`);
  };
  return draft.put(
    {
      type: 'groupNorm',
      settings: { groups, epsilon: shortest(epsilon) },
      inputs: [layer],
      wanted: wantedName(scale?.name ?? '', node),
      tensors: { weight: perChannel(scale, 1), bias: perChannel(shift, 0) },
    },
    shape,
  );
}

/** PyTorch's GroupNorm: the groups as channels of an instance norm without a scale and shift of its own, then the shape from before. */
function splitIntoGroups(node: Node | undefined, graph: Graph) {
  if (node?.type !== 'Reshape') return undefined;
  const norm = graph.producer(node.input, 'InstanceNormalization');
  const split = norm && graph.producer(norm.input, 'Reshape');
  if (norm === undefined || split === undefined) return undefined;
  const [scale, shift] = [graph.constant(norm.inputs[1] ?? ''), graph.constant(norm.inputs[2] ?? '')];
  if (scale?.type !== 'float' || shift?.type !== 'float' || !allAre(scale, 1) || !allAre(shift, 0))
    return undefined;
  const groups = scale.values.length;
  const build = (draft: Draft, affine: Pick<Grouped, 'scale' | 'shift'>, last: Node): Read => {
    const read = draft.read(split, split.input);
    const size = sizeOf(read.shape);
    const [batch, found, each, ...more] = draft.sizes(split.inputs[1] ?? '') ?? [];
    const isSplit = found === groups && (each === -1 || each === size / groups) && more.length === 0;
    if (
      !isSplit ||
      !(draft.isBatch(batch, 0) || (batch === -1 && each !== -1)) ||
      read.shape[0]! % groups !== 0
    )
      throw split.refusal('it does not cut the channels into groups');
    const back = draft.sizes(node.inputs[1] ?? '');
    const sides = back?.slice(1).map((side, i) => (side === 0 ? read.shape[i] : side));
    const unknown = sides?.filter((side) => side === -1).length ?? 0;
    const isBack =
      sides?.length === read.shape.length && sides.every((side, i) => side === -1 || side === read.shape[i]);
    if (
      !isBack ||
      unknown + (back![0] === -1 ? 1 : 0) > 1 ||
      !(back![0] === -1 || draft.isBatch(back![0], 0))
    )
      throw node.refusal('it does not give the groups their shape from before');
    return putGroupNorm(draft, last, read, { groups, epsilon: norm.numberOf('epsilon', 1e-5), ...affine });
  };
  return { reads: [split.input], build };
}

/** The two operands of a node of which one is a float constant. */
function withConstant(node: Node | undefined, graph: Graph, type: string) {
  if (node?.type !== type || node.inputs.length !== 2) return undefined;
  for (const [from, other] of [node.inputs, node.inputs.toReversed()] as [string, string][]) {
    const constant = graph.constant(other);
    if (constant?.type === 'float') return { from, constant };
  }
  return undefined;
}

/** Whether a constant has a value for each channel of a picture or vector: `[channels, 1, 1]`, `[1, channels, 1, 1]` or `[channels]`. */
function isPerChannel({ shape, values }: FloatConstant, rank: number): boolean {
  const before = shape.slice(0, Math.max(shape.length - rank, 0));
  const own = shape.slice(-rank);
  return before.every((side) => side === 1) && own.length === rank && own[0] === values.length;
}

const groupNormWithAffine: Matcher = (node, graph) => {
  const shift = withConstant(node, graph, 'Add');
  const scale = shift && withConstant(graph.producer(shift.from), graph, 'Mul');
  const norm = scale && splitIntoGroups(graph.producer(scale.from), graph);
  if (shift === undefined || scale === undefined || norm === undefined) return undefined;
  const build = (draft: Draft) => {
    const built = norm.build(draft, { scale: scale.constant, shift: shift.constant }, node);
    const { length: rank } = built.shape;
    if (
      [scale.constant, shift.constant].every((each) => each.values.length === 1 || isPerChannel(each, rank))
    )
      return built;
    throw node.refusal('its scale and shift are not of channels');
  };
  return { reads: norm.reads, build };
};

const groupNormAlone: Matcher = (node, graph) => {
  const norm = splitIntoGroups(node, graph);
  if (norm === undefined) return undefined;
  return {
    reads: norm.reads,
    build: (draft) => norm.build(draft, { scale: undefined, shift: undefined }, node),
  };
};

/** Each channel is a group of its own. */
const instanceNorm: Matcher = (node, graph) => {
  const [scale, shift] = [weightOf(node, graph, 1, 'scale'), weightOf(node, graph, 2, 'shift')];
  const epsilon = node.numberOf('epsilon', 1e-5);
  return {
    reads: [node.input],
    build: (draft) => {
      const read = draft.readPicture(node, node.input);
      return putGroupNorm(draft, node, read, { groups: read.shape[0], epsilon, scale, shift });
    },
  };
};

const groupNorm: Matcher = (node, graph) => {
  const [scale, shift] = [weightOf(node, graph, 1, 'scale'), weightOf(node, graph, 2, 'shift')];
  const groups = node.numberOf('num_groups', 0);
  const epsilon = node.numberOf('epsilon', 1e-5);
  return {
    reads: [node.input],
    build: (draft) => {
      const read = draft.read(node, node.input);
      const [channels] = read.shape as [number];
      if (!(groups >= 1) || channels % groups !== 0)
        throw node.refusal(`its ${groups} groups do not divide ${channels} channels`);
      // Before operator set 21 there is one a group.
      const spread = (given: FloatConstant): FloatConstant =>
        given.values.length !== groups || graph.opset >= 21
          ? given
          : {
              ...given,
              shape: [channels],
              values: Float32Array.from(
                { length: channels },
                (_, i) => given.values[Math.floor((i * groups) / channels)]!,
              ),
            };
      return putGroupNorm(draft, node, read, { groups, epsilon, scale: spread(scale), shift: spread(shift) });
    },
  };
};

interface LayerNorm {
  readonly from: string;
  /** ONNX's, the batch counted; from the end where negative. */
  readonly axes: readonly number[] | { readonly first: number };
  readonly epsilon: number;
  readonly scale: FloatConstant | undefined;
  readonly shift: FloatConstant | undefined;
}

const layerNormFragment = (node: Node, { from, axes, epsilon, scale, shift }: LayerNorm): Fragment => ({
  reads: [from],
  build: (draft) => {
    const { layer, shape } = draft.read(node, from);
    const rank = shape.length + 1;
    const positive = (axis: number) => (axis < 0 ? axis + rank : axis);
    const isAll =
      'first' in axes
        ? positive(axes.first) === 1
        : new Set(axes.map(positive)).size === shape.length && !axes.map(positive).includes(0);
    if (!isAll)
      throw node.refusal(
        `it normalizes some axes of batch x ${shape.join(' x ')}; lockstep's layer norm is over all values of a sample`,
      );
    const size = sizeOf(shape);
    const each = (given: FloatConstant | undefined, otherwise: number) => {
      const values = given?.values ?? filled(size, otherwise);
      if (values.length === size) return tensor(values, shape);
      throw node.refusal(`it has ${values.length} scales or shifts for ${size} values of a sample`);
    };
    return draft.put(
      {
        type: 'layerNorm',
        settings: { epsilon: shortest(epsilon) },
        inputs: [layer],
        wanted: wantedName(scale?.name ?? '', node),
        tensors: { weight: each(scale, 1), bias: each(shift, 0) },
      },
      shape,
    );
  },
});

const layerNorm: Matcher = (node, graph) =>
  layerNormFragment(node, {
    from: node.input,
    axes: { first: node.numberOf('axis', -1) },
    epsilon: node.numberOf('epsilon', 1e-5),
    scale: weightOf(node, graph, 1, 'scale'),
    shift: (node.inputs[2] ?? '') === '' ? undefined : weightOf(node, graph, 2, 'shift'),
  });

/** (x - mean) / sqrt(variance + epsilon), both over the same axes, in the nodes that exporters write below operator set 17. */
function normalized(
  node: Node | undefined,
  graph: Graph,
): Pick<LayerNorm, 'from' | 'axes' | 'epsilon'> | undefined {
  if (node?.type !== 'Div') return undefined;
  const centred = graph.producer(node.input, 'Sub');
  const mean = centred && graph.producer(centred.inputs[1] ?? '', 'ReduceMean');
  const root = graph.producer(node.inputs[1] ?? '', 'Sqrt');
  const sum = root && withConstant(graph.producer(root.input), graph, 'Add');
  const variance = sum && graph.producer(sum.from, 'ReduceMean');
  const square = variance && graph.producer(variance.input);
  if (centred === undefined || mean === undefined) return undefined;
  if (sum === undefined || variance === undefined || square === undefined) return undefined;
  const isSquare =
    (square.type === 'Pow' && graph.scalar(square.inputs[1] ?? '') === 2) ||
    (square.type === 'Mul' && square.inputs[1] === node.input);
  const axesOf = (reduce: Node) => reduce.integers('axes') ?? graph.constant(reduce.inputs[1] ?? '')?.values;
  const axes = axesOf(mean);
  const isOne =
    isSquare &&
    square.input === node.input &&
    mean.input === centred.input &&
    [mean, variance].every((reduce) => reduce.numberOf('keepdims', 1) !== 0) &&
    axes !== undefined &&
    axes.join() === axesOf(variance)?.join() &&
    sum.constant.values.length === 1;
  return isOne
    ? { from: centred.input, axes: Array.from(axes), epsilon: sum.constant.values[0]! }
    : undefined;
}

const layerNormWithAffine: Matcher = (node, graph) => {
  const shift = withConstant(node, graph, 'Add');
  const scale = shift && withConstant(graph.producer(shift.from), graph, 'Mul');
  const norm = scale && normalized(graph.producer(scale.from), graph);
  return norm && layerNormFragment(node, { ...norm, scale: scale.constant, shift: shift.constant });
};

const layerNormAlone: Matcher = (node, graph) => {
  const norm = normalized(node, graph);
  return norm && layerNormFragment(node, { ...norm, scale: undefined, shift: undefined });
};

export const normMatchers: Readonly<Record<string, readonly Matcher[]>> = {
  BatchNormalization: [batchNorm],
  InstanceNormalization: [instanceNorm],
  GroupNormalization: [groupNorm],
  LayerNormalization: [layerNorm],
  Add: [groupNormWithAffine, layerNormWithAffine],
  Div: [layerNormAlone],
  Reshape: [groupNormAlone],
};

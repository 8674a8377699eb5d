import { sizeOf } from '../../../graph/shape.js';
import type { Draft, Fragment, Matcher, Read } from '../draft.js';
import type { Graph } from '../graph.js';
import type { Node } from '../node.js';
import { shortest } from '../shortest.js';
import { averaged, toVector } from './pools.js';

/** What changes places and shapes, and no value: flatten, pad, join; and sums of branches, dropout. */

/** A flatten of what a global average gives: one layer here. */
const pooledVector: Matcher = (node, graph) => {
  const pool = graph.producer(node.input);
  const average = averaged(pool, graph);
  if (average === undefined || !average.keeps) return undefined;
  const isFlat = node.type === 'Flatten' ? node.numberOf('axis', 1) === 1 : flattens(node, graph);
  if (!isFlat) return undefined;
  const { reads, build } = toVector(pool!, average.from);
  return {
    reads,
    build: (draft) => {
      const built = build(draft);
      if (node.type !== 'Reshape') return built;
      const [batch, features] = draft.sizes(node.inputs[1] ?? '') ?? [];
      const isWhole = features === -1 || features === built.shape[0];
      if (isWhole && (draft.isBatch(batch, 0) || (batch === -1 && features !== -1))) return built;
      throw node.refusal(`it gives the shape ${batch} x ${features} to batch x ${built.shape[0]} x 1 x 1`);
    },
  };
};

/** Whether a Reshape or Squeeze of `[batch, channels, 1, 1]` gives vectors. */
function flattens(node: Node, graph: Graph): boolean {
  if (node.type === 'Squeeze') {
    const axes = axesOf(node, graph, 1);
    return (
      axes?.length === 2 &&
      axes
        .map((axis) => (axis < 0 ? axis + 4 : axis))
        .sort()
        .join() === '2,3'
    );
  }
  // How many numbers the shape has decides; which they are is looked at as it is built.
  return countOf(graph, node.inputs[1] ?? '') === 2;
}

function countOf(graph: Graph, shape: string): number | undefined {
  const constant = graph.constant(shape);
  if (constant !== undefined) return constant.values.length;
  const joined = graph.producer(shape, 'Concat');
  return joined?.inputs.length;
}

const axesOf = (node: Node, graph: Graph, input: number) => {
  const values = node.integers('axes') ?? graph.constant(node.inputs[input] ?? '')?.values;
  return values && Array.from(values);
};

/** A flat view of what a layer gives; of a vector itself. */
function flat(draft: Draft, { layer, shape }: Read): Read {
  if (shape.length === 1) return { layer, shape };
  return draft.put({ type: 'flatten', settings: {}, inputs: [layer] }, [sizeOf(shape)]);
}

const flatten: Matcher = (node) => {
  if (node.numberOf('axis', 1) !== 1)
    throw node.refusal(`its axis is ${node.numberOf('axis', 1)}; expected 1`);
  return { reads: [node.input], build: (draft) => flat(draft, draft.read(node, node.input)) };
};

const reshape: Matcher = (node) => ({
  reads: [node.input],
  build: (draft) => {
    const read = draft.read(node, node.input);
    const to = draft.sizes(node.inputs[1] ?? '');
    if (to === undefined) throw node.refusal('its shape is computed in a way that is not known here');
    const [batch, ...sides] = to.map((size, i) => (size === 0 && i > 0 ? (read.shape[i - 1] ?? 0) : size));
    const known = sides.filter((side) => side !== -1);
    const size = known.reduce<number>((product, side) => product * (side === 'batch' ? Number.NaN : side), 1);
    const rest = sides.length > known.length ? sizeOf(read.shape) / size : 1;
    const isWhole = sides.length - known.length <= 1 && rest * size === sizeOf(read.shape);
    if ((batch === -1 && known.length === sides.length) || draft.isBatch(batch, 0)) {
      const shape = sides.map((side) => (side === -1 ? rest : side));
      if (isWhole && shape.join() === read.shape.join()) return read;
      if (isWhole && shape.length === 1) return flat(draft, read);
    }
    throw node.refusal(
      `it gives the shape ${to.join(' x ')} to batch x ${read.shape.join(' x ')}; lockstep has this only to make pictures vectors, batch x ${sizeOf(read.shape)}`,
    );
  },
});

const squeeze: Matcher = (node, graph) => ({
  reads: [node.input],
  build: (draft) => {
    const read = draft.read(node, node.input);
    const axes = axesOf(node, graph, 1)?.map((axis) => (axis < 0 ? axis + read.shape.length + 1 : axis));
    const left = read.shape.filter((_, i) => axes?.includes(i + 1) !== true);
    if (axes !== undefined && !axes.includes(0) && left.length === 1 && left[0] === sizeOf(read.shape))
      return flat(draft, read);
    throw node.refusal(
      `it takes axes ${axes?.join(', ') ?? ''} off batch x ${read.shape.join(' x ')}, and leaves no vector`,
    );
  },
});

const pad: Matcher = (node, graph) => {
  const mode = node.text('mode', 'constant');
  if (mode !== 'constant') throw node.refusal(`its mode is ${mode}; lockstep pads with zeros alone`);
  const value = (node.inputs[2] ?? '') === '' ? node.numberOf('value', 0) : graph.scalar(node.inputs[2]!);
  if (value !== 0)
    throw node.refusal(`it pads with ${value ?? 'something computed'}; lockstep pads with zeros alone`);
  return {
    reads: [node.input],
    build: (draft) => {
      const { layer, shape } = draft.readPicture(node, node.input);
      const widths = node.integers('pads') ?? draft.sizes(node.inputs[1] ?? '');
      const axes = axesOf(node, graph, 3) ?? [0, 1, 2, 3];
      if (widths?.length !== 2 * axes.length) throw node.refusal('its widths are not known');
      const around = Array.from({ length: 4 }, () => [0, 0]);
      for (const [i, axis] of axes.entries())
        around.splice(axis < 0 ? axis + 4 : axis, 1, [
          widths[i] as number,
          widths[i + axes.length] as number,
        ]);
      const [batch, channels, [top, bottom], [left, right]] = around as [
        number[],
        number[],
        [number, number],
        [number, number],
      ];
      if ([...batch, ...channels].some((width) => width !== 0) || Math.min(top, bottom, left, right) < 0)
        throw node.refusal(
          `it pads by ${widths.join(', ')}; lockstep pads rows and columns, and cuts off none`,
        );
      if (top + bottom + left + right === 0) return { layer, shape };
      const [count, height, width] = shape;
      return draft.put({ type: 'zeroPad', settings: { top, right, bottom, left }, inputs: [layer] }, [
        count,
        top + height + bottom,
        left + width + right,
      ]);
    },
  };
};

const joined =
  (type: 'add' | 'concat'): Matcher =>
  (node, graph) => {
    const constant = node.inputs.find((input) => graph.constant(input) !== undefined);
    if (constant !== undefined) return undefined;
    if (node.inputs.length < 2) return undefined;
    const build = (draft: Draft): Read => {
      const reads = node.inputs.map((input) => draft.read(node, input));
      const [{ shape }] = reads as [Read];
      const shapes = reads.map(({ shape }) => `batch x ${shape.join(' x ')}`).join(' and ');
      const inputs = reads.map(({ layer }) => layer);
      if (type === 'add') {
        if (reads.some((read) => read.shape.join() !== shape.join()))
          throw node.refusal(`it adds ${shapes}; lockstep adds what is of one shape`);
        return draft.put({ type, settings: {}, inputs }, shape);
      }
      const axis = node.numberOf('axis', 1);
      if ((axis < 0 ? axis + shape.length + 1 : axis) !== 1)
        throw node.refusal(`it joins along axis ${axis}; lockstep joins channels, axis 1`);
      if (reads.some((read) => read.shape.slice(1).join() !== shape.slice(1).join()))
        throw node.refusal(`it joins ${shapes}, which differ by more than their channels`);
      const channels = reads.reduce((sum, read) => sum + read.shape[0]!, 0);
      return draft.put({ type, settings: {}, inputs }, [channels, ...shape.slice(1)]);
    };
    return { reads: node.inputs, build };
  };

/** A mask that others read would be of this dropout's own random numbers. */
const dropout: Matcher = (node, graph) => {
  const isRead = node.outputs.slice(1).some((output) => graph.readers(output).length > 0);
  if (isRead) throw node.refusal('its mask is read by other nodes');
  const given = node.inputs[1] ?? '';
  const rate = given === '' ? node.numberOf('ratio', 0.5) : graph.scalar(given);
  if (rate === undefined || !(rate >= 0 && rate < 1))
    throw node.refusal(`its ratio is ${rate}; expected 0 to 1`);
  return {
    reads: [node.input],
    build: (draft) => {
      const read = draft.read(node, node.input);
      const { layer, shape } = read;
      if (rate === 0) return read;
      return draft.put({ type: 'dropout', settings: { rate: shortest(rate) }, inputs: [layer] }, shape);
    },
  };
};

const turned: Matcher = (node) => {
  const order = node.integers('perm') ?? [];
  if (order.length > 0 && order.every((axis, i) => axis === i)) return same(node);
  throw node.refusal(
    `it turns axes around (perm ${order.join(', ')}); lockstep's images are batch x channels x height x width throughout: export the model in that layout (NCHW)`,
  );
};

const same = (node: Node): Fragment => ({
  reads: [node.input],
  build: (draft) => draft.read(node, node.input),
});

export const shapeMatchers: Readonly<Record<string, readonly Matcher[]>> = {
  Flatten: [pooledVector, flatten],
  Reshape: [pooledVector, reshape],
  Squeeze: [pooledVector, squeeze],
  Pad: [pad],
  Add: [joined('add')],
  Sum: [joined('add')],
  Concat: [joined('concat')],
  Dropout: [dropout],
  Transpose: [turned],
};

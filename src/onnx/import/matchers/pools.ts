import type { Draft, Fragment, Matcher, Read } from '../draft.js';
import type { Graph } from '../graph.js';
import type { Node } from '../node.js';
import { windowsOf } from '../windows.js';

const refuseOthers = (node: Node) => {
  if (node.outputs.slice(1).some((output) => output !== ''))
    throw node.refusal('its places of the largest values are asked for, which lockstep does not give');
};

const pool =
  (type: 'maxPool' | 'averagePool'): Matcher =>
  (node, graph) => {
    if (node.outputs.slice(1).some((output) => graph.readers(output).length > 0)) refuseOthers(node);
    const build = (draft: Draft): Read => {
      const { layer, shape } = draft.readPicture(node, node.input);
      const [channels, height, width] = shape;
      const { size, stride, dilation, borders, counts } = windowsOf(node, [height, width]);
      const [top, left, bottom, right] = borders;
      if (dilation.join() !== '1,1') throw node.refusal('its windows are dilated, which lockstep has not');
      if (top !== bottom || left !== right)
        throw node.refusal(
          `its padding [${borders.join(', ')}] is not the same on both sides, and not zeros; give the pool an even one`,
        );
      const isPadded = top + left > 0;
      if (type === 'averagePool' && isPadded && node.numberOf('count_include_pad', 0) === 0)
        throw node.refusal(
          "its padding does not count (count_include_pad is 0); in lockstep's averages it does: export one with count_include_pad, or pad less",
        );
      const settings = { window: size, stride, padding: [top, left] };
      return draft.put({ type, settings, inputs: [layer] }, [channels, ...counts]);
    };
    return { reads: [node.input], build };
  };

/** The value that a node averages over all rows and columns; undefined where it does something else. */
export function averaged(
  node: Node | undefined,
  graph: Graph,
): { readonly from: string; readonly keeps: boolean } | undefined {
  if (node?.type === 'GlobalAveragePool') return { from: node.input, keeps: true };
  if (node?.type !== 'ReduceMean') return undefined;
  const axes = node.integers('axes') ?? graph.constant(node.inputs[1] ?? '')?.values;
  const places = axes && Array.from(axes, (axis) => (axis < 0 ? axis + 4 : axis)).sort();
  if (places?.join() !== '2,3') return undefined;
  return { from: node.input, keeps: node.numberOf('keepdims', 1) !== 0 };
}

export const toVector = (node: Node, from: string): Fragment => ({
  reads: [from],
  build: (draft) => {
    const { layer, shape } = draft.readPicture(node, from);
    return draft.put({ type: 'globalAveragePool', settings: {}, inputs: [layer] }, [shape[0]]);
  },
});

/** One that stays a picture of one row and column. */
const toPixel = (node: Node, from: string, type: 'averagePool' | 'maxPool'): Fragment => ({
  reads: [from],
  build: (draft) => {
    const { layer, shape } = draft.readPicture(node, from);
    const [channels, ...window] = shape;
    return draft.put({ type, settings: { window }, inputs: [layer] }, [channels, 1, 1]);
  },
});

const global: Matcher = (node, graph) => {
  const average = averaged(node, graph);
  if (average === undefined) throw node.refusal('it does not average over rows and columns, axes 2 and 3');
  return average.keeps ? toPixel(node, average.from, 'averagePool') : toVector(node, average.from);
};

export const poolMatchers: Readonly<Record<string, readonly Matcher[]>> = {
  MaxPool: [pool('maxPool')],
  AveragePool: [pool('averagePool')],
  GlobalAveragePool: [global],
  ReduceMean: [global],
  GlobalMaxPool: [(node) => toPixel(node, node.input, 'maxPool')],
};

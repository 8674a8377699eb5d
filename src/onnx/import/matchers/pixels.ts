import type { Affine, Draft, Matcher } from '../draft.js';
import type { Graph } from '../graph.js';
import type { Node } from '../node.js';
import type { FloatConstant } from '../tensor.js';

/** Arithmetic on the pixels before the first layer: their normalization, or their histogram. */

/** A constant as a number for each of three channels; undefined where it is of another shape. */
function perChannel({ shape, values }: FloatConstant): readonly number[] | undefined {
  if (values.length === 1) return [values[0]!, values[0]!, values[0]!];
  const sides = shape.length === 4 && shape[0] === 1 ? shape.slice(1) : shape;
  return sides.join() === '3,1,1' ? Array.from(values) : undefined;
}

/** What each operator makes of `x * scale + shift` and a number; undefined where it is no such thing. */
type Step = (scale: number, shift: number, by: number) => [scale: number, shift: number];
const steps: Readonly<Record<string, Step>> = {
  Add: (scale, shift, by) => [scale, shift + by],
  Sub: (scale, shift, by) => [scale, shift - by],
  Mul: (scale, shift, by) => [scale * by, shift * by],
  Div: (scale, shift, by) => [scale / by, shift / by],
};

/** A number for each channel that is added to the pixels, taken off, or that they are multiplied or divided by. */
const normalization: Matcher = (node, graph) => {
  const [a = '', b = ''] = node.inputs;
  const isTurned = graph.constant(a) !== undefined;
  const [from, other] = isTurned ? [b, a] : [a, b];
  const constant = graph.constant(other);
  if (constant === undefined) return undefined;
  const build = (draft: Draft) => {
    const built = draft.built(from);
    const by = constant.type === 'float' ? perChannel(constant) : undefined;
    const isCommutative = node.type === 'Add' || node.type === 'Mul';
    if (built === undefined || !('affine' in built) || by === undefined || (isTurned && !isCommutative))
      throw node.refusal(
        `it computes with numbers of the file, of the shape [${constant.shape.join(', ')}], and is neither a normalization of the pixels at the beginning, one number or three, nor the bias of a layer`,
      );
    const { scale, shift } = built.affine;
    const each = by.map((number, c) => steps[node.type]!(scale[c]!, shift[c]!, number));
    const isOfBytes = built.affine.isOfBytes || (isUntouched(built.affine) && each.every(isDividedBy255));
    const affine: Affine = {
      scale: each.map(([scale]) => scale),
      shift: each.map(([, shift]) => shift),
      isOfBytes,
    };
    return { affine, shape: built.shape };
  };
  return { reads: [from], build };
};

/**
 * The histogram as `lockstep export` writes it: Mul, Cast, Reshape, OneHot, ReduceSum, ReduceL2, Div, Flatten.
 * A histogram in any other form is not recognized.
 */
const histogram: Matcher = (node, graph) => {
  const divide = graph.producer(node.input, 'Div');
  const norm = divide && graph.producer(divide.inputs[1] ?? '', 'ReduceL2');
  const count = norm && graph.producer(norm.input, 'ReduceSum');
  const hot = count && graph.producer(count.input, 'OneHot');
  const flat = hot && graph.producer(hot.input, 'Reshape');
  const bin = flat && graph.producer(flat.input, 'Cast');
  const scaled = bin && graph.producer(bin.input, 'Mul');
  if (scaled === undefined || norm!.input !== divide!.input) return undefined;
  const bins = graph.scalar(hot!.inputs[1] ?? '') ?? 0;
  const numbers = (value: string | undefined) => graph.constant(value ?? '')?.values.join();
  const isHistogram =
    graph.scalar(scaled.inputs[1] ?? '') === bins / 256 &&
    numbers(flat!.inputs[1]) === '0,3,-1' &&
    numbers(hot!.inputs[2]) === '0,1' &&
    hot!.numberOf('axis', -1) === -1 &&
    axesText(count!, graph) === '2' &&
    count!.numberOf('keepdims', 1) === 0 &&
    axesText(norm!, graph) === '2' &&
    norm!.numberOf('keepdims', 1) === 1 &&
    node.numberOf('axis', 1) === 1;
  if (!isHistogram) return undefined;
  return {
    reads: [scaled.input],
    build: (draft) => {
      const built = draft.built(scaled.input);
      if (built !== undefined && 'affine' in built && isUntouched(built.affine))
        return { bins, shape: [3 * bins] };
      throw node.refusal('it makes a histogram of something else than the pixels of the input');
    },
  };
};

const axesText = (node: Node, graph: Graph) =>
  (node.integers('axes') ?? graph.constant(node.inputs[1] ?? '')?.values)?.join();

/** What brings 0 to 255 to 0 to 1: an input of which it is the first arithmetic is in bytes. */
const isDividedBy255 = ([scale, shift]: readonly [number, number]) =>
  shift === 0 && Math.abs(scale * 255 - 1) < 1e-6;

const isUntouched = ({ scale, shift }: Affine) =>
  scale.every((value) => value === 1) && shift.every((value) => value === 0);

export const pixelMatchers: Readonly<Record<string, readonly Matcher[]>> = {
  Add: [normalization],
  Sub: [normalization],
  Mul: [normalization],
  Div: [normalization],
  Flatten: [histogram],
};

import type { LayerType } from '../../../config/schema.js';
import { sizeOf } from '../../../graph/shape.js';
import type { Fragment, Matcher } from '../draft.js';
import type { Graph } from '../graph.js';
import { wantedName } from '../names.js';
import type { Node } from '../node.js';
import { shortest } from '../shortest.js';
import { weightOf } from './linear.js';

/** Activations, as one node or as those that exporters make of one. */

const activation = (
  node: Node,
  from: string,
  type: LayerType,
  settings: Record<string, number> = {},
): Fragment => ({
  reads: [from],
  build: (draft) => {
    const { layer, shape } = draft.read(node, from);
    return draft.put({ type, settings, inputs: [layer] }, shape);
  },
});

const plain =
  (type: LayerType): Matcher =>
  (node) =>
    activation(node, node.input, type);

/** The bounds of a Clip; undefined where there is none. */
function boundsOf(node: Node, graph: Graph): readonly [number | undefined, number | undefined] {
  return (['min', 'max'] as const).map((name, i) => {
    if (node.has(name)) return node.numberOf(name, 0);
    const value = node.inputs[i + 1] ?? '';
    return value === '' ? undefined : (graph.scalar(value) ?? Number.NaN);
  }) as [number | undefined, number | undefined];
}

const clip: Matcher = (node, graph) => {
  const [least, most] = boundsOf(node, graph);
  if (least === 0 && most === 6) return activation(node, node.input, 'relu6');
  if (least === 0 && (most === undefined || most > 3e38)) return activation(node, node.input, 'relu');
  throw node.refusal(`it cuts off at ${least} and ${most}; lockstep has 0 and 6 (relu6), and 0 alone (relu)`);
};

const gelu: Matcher = (node) => {
  const how = node.text('approximate', 'none');
  if (how !== 'none')
    throw node.refusal(
      `it is approximated by ${how}; lockstep has the exact one: export nn.GELU() without approximate`,
    );
  return activation(node, node.input, 'gelu');
};

const prelu: Matcher = (node, graph) => {
  const slopes = weightOf(node, graph, 1, 'slope');
  return {
    reads: [node.input],
    build: (draft) => {
      const { layer, shape } = draft.read(node, node.input);
      const isOne = slopes.values.length === 1;
      const own = slopes.shape.slice(-shape.length);
      const isPerChannel =
        slopes.values.length === shape[0] && own.length === shape.length && own[0] === shape[0];
      if (!isOne && !isPerChannel)
        throw node.refusal(
          `its slopes have the shape ${slopes.shape.join(' x ')}; lockstep has one, or one for each of ${shape[0]} channels`,
        );
      const values = slopes.values;
      return draft.put(
        {
          type: 'prelu',
          settings: { slopes: isOne ? 'one' : 'channels' },
          inputs: [layer],
          wanted: wantedName(slopes.name, node),
          tensors: { weight: { shape: [sizeOf([values.length])], values } },
        },
        shape,
      );
    },
  };
};

/** A value as another one times a number. */
interface Scaled {
  readonly value: string;
  readonly factor: number;
}

/** What a value is a multiple of: itself, and what its node multiplies or divides by a number. */
function scalings(value: string, graph: Graph): Scaled[] {
  const itself = { value, factor: 1 };
  const node = graph.producer(value);
  const [a = '', b = ''] = node?.inputs ?? [];
  const number = (of: string) => graph.scalar(of);
  if (node?.type === 'Div' && number(b) !== undefined) return [itself, { value: a, factor: 1 / number(b)! }];
  if (node?.type !== 'Mul') return [itself];
  if (number(b) !== undefined) return [itself, { value: a, factor: number(b)! }];
  if (number(a) !== undefined) return [itself, { value: b, factor: number(a)! }];
  return [itself];
}

const isClose = (a: number, b: number) => Math.abs(a - b) <= 1e-6 * Math.abs(b);

/** The operands of a sum of a value and a number. */
function plus(value: string, number: number, graph: Graph): string | undefined {
  const node = graph.producer(value, 'Add');
  const [a = '', b = ''] = node?.inputs ?? [];
  if (graph.scalar(b) === number) return a;
  return graph.scalar(a) === number ? b : undefined;
}

/** Whether a value is such a function of x. */
type IsOf = (value: string, x: string, graph: Graph) => boolean;

/** Activations that are x times a function of x, times a number. */
const products: readonly (readonly [type: LayerType, factor: number, of: IsOf])[] = [
  ['silu', 1, (value, x, graph) => graph.producer(value, 'Sigmoid')?.input === x],
  [
    'hardSwish',
    1,
    (value, x, graph) => {
      const gate = graph.producer(value, 'HardSigmoid');
      return (
        gate?.input === x && isClose(gate.numberOf('alpha', 0.2), 1 / 6) && gate.numberOf('beta', 0.5) === 0.5
      );
    },
  ],
  [
    'hardSwish',
    1 / 6,
    (value, x, graph) => {
      const gate = graph.producer(value, 'Clip');
      return gate !== undefined && boundsOf(gate, graph).join() === '0,6' && plus(gate.input, 3, graph) === x;
    },
  ],
  [
    'gelu',
    0.5,
    (value, x, graph) => {
      const erf = graph.producer(plus(value, 1, graph) ?? '', 'Erf');
      return (
        erf !== undefined &&
        scalings(erf.input, graph).some(({ value, factor }) => value === x && isClose(factor, Math.SQRT1_2))
      );
    },
  ],
];

const product: Matcher = (node, graph) => {
  for (const whole of scalings(node.output, graph)) {
    const root = graph.producer(whole.value, 'Mul');
    if (root === undefined) continue;
    for (const [left, right] of [root.inputs, root.inputs.toReversed()] as [string, string][]) {
      for (const x of scalings(left, graph)) {
        for (const f of scalings(right, graph)) {
          const factor = whole.factor * x.factor * f.factor;
          const found = products.find(([, own, is]) => isClose(factor, own) && is(f.value, x.value, graph));
          if (found !== undefined) return activation(node, x.value, found[0]);
        }
      }
    }
  }
  return undefined;
};

export const activationMatchers: Readonly<Record<string, readonly Matcher[]>> = {
  Relu: [plain('relu')],
  Sigmoid: [plain('sigmoid')],
  Tanh: [plain('tanh')],
  HardSwish: [plain('hardSwish')],
  Clip: [clip],
  Gelu: [gelu],
  LeakyRelu: [
    (node) => activation(node, node.input, 'leakyRelu', { slope: shortest(node.numberOf('alpha', 0.01)) }),
  ],
  Elu: [(node) => activation(node, node.input, 'elu', { alpha: shortest(node.numberOf('alpha', 1)) })],
  PRelu: [prelu],
  Mul: [product],
  Div: [product],
};

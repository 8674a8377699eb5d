import { type Shape, sizeOf } from '../../graph/shape.js';
import { TensorProto_DataType } from '../schema/onnx-ml_pb.js';
import type { Node } from './node.js';
import { type Constant, constantOf, type ExternalFile } from './tensor.js';

/** What is folded may take so many values in all: a hostile file could make much of little. */
const mostFolded = 2 ** 28;

/** Of a tensor that is one value, repeated. */
const mostFilled = 2 ** 20;

type Fold = (node: Node, inputs: readonly Constant[]) => Constant | undefined;

/** The constants of a graph: the file's tensors, and what its nodes make of them alone. */
export class FoldedConstants {
  readonly #values: Map<string, Constant>;
  readonly #external: ExternalFile;
  #folded = 0;

  constructor(given: ReadonlyMap<string, Constant>, external: ExternalFile) {
    this.#values = new Map(given);
    this.#external = external;
  }

  get(value: string): Constant | undefined {
    return this.#values.get(value);
  }

  /** Whether the node's output is a constant; from then on it is known. */
  fold(node: Node): boolean {
    const folded = node.type === 'Constant' ? this.#constant(node) : this.#result(node);
    if (folded === undefined) return false;
    this.#folded += folded.values.length;
    if (this.#folded > mostFolded) throw node.refusal('constants are made of constants without an end');
    this.#values.set(node.output, folded);
    return true;
  }

  #result(node: Node): Constant | undefined {
    // A file may call an operator what every object has, such as constructor.
    const fold = Object.hasOwn(folds, node.type) ? folds[node.type] : undefined;
    if (fold === undefined || node.inputs.length === 0) return undefined;
    const inputs: Constant[] = [];
    // What a constant is cast like is float32, as all that is computed.
    for (const input of node.type === 'CastLike' ? node.inputs.slice(0, 1) : node.inputs) {
      const constant = this.#values.get(input);
      if (constant === undefined) return undefined;
      inputs.push(constant);
    }
    return fold(node, inputs);
  }

  #constant(node: Node): Constant {
    const name = node.output;
    const tensor = node.attribute('value')?.t;
    if (tensor !== undefined) return { ...constantOf(tensor, node.label, this.#external), name };
    const floats = node.attribute('value_floats')?.floats ?? [];
    const ints = node.integers('value_ints') ?? [];
    if (node.has('value_floats'))
      return { type: 'float', name, shape: [floats.length], values: Float32Array.from(floats) };
    if (node.has('value_ints')) return { type: 'integer', name, shape: [ints.length], values: ints };
    if (node.has('value_float'))
      return { type: 'float', name, shape: [], values: Float32Array.of(node.numberOf('value_float', 0)) };
    if (node.has('value_int'))
      return { type: 'integer', name, shape: [], values: [node.numberOf('value_int', 0)] };
    throw node.refusal('it has no value that is a number');
  }
}

/** Of a view of a tensor: the same values. */
const viewed = (constant: Constant, shape: Shape): Constant => ({ ...constant, shape }) as Constant;

const reshape: Fold = (node, [data, to]) => {
  if (to === undefined) return undefined;
  const sizes = to.values.map((size, i) =>
    size === 0 ? (data!.shape[i] ?? 0) : size,
  ) as unknown as number[];
  const known = [...sizes].filter((size) => size !== -1).reduce((a, b) => a * b, 1);
  const shape = Array.from(sizes, (size) => (size === -1 ? data!.values.length / known : size));
  if (sizeOf(shape) !== data!.values.length) throw node.refusal('its shape does not fit its tensor');
  return viewed(data!, shape);
};

const transpose: Fold = (node, [data]) => {
  const { shape, values } = data!;
  const order = node.integers('perm') ?? shape.map((_, i) => shape.length - 1 - i);
  if (
    order.length !== shape.length ||
    new Set(order).size !== shape.length ||
    !order.every((i) => i in shape)
  )
    throw node.refusal(`perm is [${order.join(', ')}], of a tensor of ${shape.length} axes`);
  const to = order.map((axis) => shape[axis]!);
  const steps = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const step = order.map((axis) => steps[axis]!);
  const out = data!.type === 'float' ? new Float32Array(values.length) : new Array<number>(values.length);
  const at = to.map(() => 0);
  let from = 0;
  for (let i = 0; i < values.length; i++) {
    out[i] = values[from]!;
    for (let axis = to.length - 1; axis >= 0; axis--) {
      from += step[axis]!;
      if (++at[axis]! < to[axis]!) break;
      from -= step[axis]! * to[axis]!;
      at[axis] = 0;
    }
  }
  return { ...data!, shape: to, values: out } as Constant;
};

const unsqueeze: Fold = (node, [data, second]) => {
  const given = node.integers('axes') ?? second?.values;
  if (given === undefined) return undefined;
  const rank = data!.shape.length + given.length;
  const axes = new Set(Array.from(given, (axis) => (axis < 0 ? axis + rank : axis)));
  const sides = data!.shape.values();
  return viewed(
    data!,
    Array.from({ length: rank }, (_, i) => (axes.has(i) ? 1 : (sides.next().value ?? 1))),
  );
};

const squeeze: Fold = (node, [data, second]) => {
  const { shape } = data!;
  const given = node.integers('axes') ?? second?.values;
  const axes = given && new Set(Array.from(given, (axis) => (axis < 0 ? axis + shape.length : axis)));
  return viewed(
    data!,
    shape.filter((side, i) => side !== 1 || (axes !== undefined && !axes.has(i))),
  );
};

const cast: Fold = (node, [data]) => {
  const { FLOAT, INT64, INT32 } = TensorProto_DataType;
  const to = node.numberOf('to', 0);
  const { name, shape, values } = data!;
  if (to === FLOAT) return { type: 'float', name, shape, values: Float32Array.from(values) };
  if (to === INT64 || to === INT32)
    return { type: 'integer', name, shape, values: Array.from(values, Math.trunc) };
  return undefined;
};

const filled: Fold = (node, [sizes]) => {
  const shape = Array.from(sizes!.values);
  const length = sizeOf(shape);
  if (!(length <= mostFilled)) throw node.refusal(`it makes a tensor of ${length} equal values`);
  const tensor = node.attribute('value')?.t;
  const value = tensor && constantOf(tensor, node.label, () => new Uint8Array());
  const name = node.output;
  return value?.type === 'integer'
    ? { type: 'integer', name, shape, values: new Array<number>(length).fill(value.values[0] ?? 0) }
    : { type: 'float', name, shape, values: new Float32Array(length).fill(value?.values[0] ?? 0) };
};

/** One value in place of as many as a shape has. */
const expanded: Fold = (node, [data, to]) => {
  const shape = Array.from(to?.values ?? []);
  const length = sizeOf(shape);
  const value = data!.values[0];
  if (data!.values.length !== 1 || value === undefined || !(length <= mostFilled)) return undefined;
  if (shape.length < data!.shape.length || to?.type !== 'integer') return undefined;
  const name = node.output;
  return data!.type === 'integer'
    ? { type: 'integer', name, shape, values: new Array<number>(length).fill(value) }
    : { type: 'float', name, shape, values: new Float32Array(length).fill(value) };
};

const shapeOf: Fold = (node, [data]) => {
  const end = node.has('end') ? node.numberOf('end', 0) : undefined;
  const values = data!.shape.slice(node.numberOf('start', 0), end);
  return { type: 'integer', name: node.output, shape: [values.length], values };
};

/** Vectors of whole numbers, one behind the other: the pieces of a shape, of widths, of axes. */
const joined: Fold = (node, inputs) => {
  if (inputs.some(({ type, shape }) => type !== 'integer' || shape.length !== 1)) return undefined;
  const values = inputs.flatMap(({ values }) => Array.from(values));
  return { type: 'integer', name: node.output, shape: [values.length], values };
};

/** Rows of whole numbers, along the first axis: exporters turn the widths of a padding around so. */
const sliced: Fold = (node, [data, starts, ends, axes, steps]) => {
  const { type, shape, values } = data!;
  const [start, end, axis = 0, step = 1] = [starts, ends, axes, steps].map((of) => of?.values[0]);
  const [rows, ...rest] = shape;
  if (type !== 'integer' || rows === undefined || start === undefined || end === undefined) return undefined;
  if (starts!.values.length !== 1 || axis !== 0 || step === 0) return undefined;
  const size = sizeOf(rest);
  const within = (at: number) => {
    const [low, high] = step > 0 ? [0, rows] : [-1, rows - 1];
    return Math.min(Math.max(at < 0 ? at + rows : at, low), high);
  };
  const out: number[] = [];
  for (let row = within(start); step > 0 ? row < within(end) : row > within(end); row += step)
    out.push(...values.slice(row * size, (row + 1) * size));
  return { type, name: node.output, shape: [out.length / size, ...rest], values: out };
};

/** Of two tensors of one shape, or one and a number. */
const elementwise =
  (of: (a: number, b: number) => number): Fold =>
  (node, [a, b]) => {
    if (a?.type !== 'float' || b?.type !== 'float') return undefined;
    const [shape, other] = a.values.length >= b.values.length ? [a.shape, b] : [b.shape, a];
    if (other.values.length !== 1 && sizeOf(shape) !== other.values.length) return undefined;
    if (other.values.length !== 1 && a.shape.join() !== b.shape.join()) return undefined;
    const at = ({ values }: Constant, i: number) => values[values.length === 1 ? 0 : i]!;
    const values = Float32Array.from({ length: sizeOf(shape) }, (_, i) => of(at(a, i), at(b, i)));
    return { type: 'float', name: node.output, shape, values };
  };

const folds: Readonly<Record<string, Fold>> = {
  Identity: (_, [data]) => data,
  Reshape: reshape,
  Transpose: transpose,
  CastLike: (_, [data]) => (data?.type === 'float' ? data : undefined),
  Shape: shapeOf,
  Expand: expanded,
  ConstantOfShape: filled,
  Concat: joined,
  Slice: sliced,
  Unsqueeze: unsqueeze,
  Squeeze: squeeze,
  Cast: cast,
  Add: elementwise((a, b) => a + b),
  Sub: elementwise((a, b) => a - b),
  Mul: elementwise((a, b) => a * b),
  Div: elementwise((a, b) => a / b),
  Sqrt: (node, [data]) =>
    data?.type === 'float' ? { ...data, name: node.output, values: data.values.map(Math.sqrt) } : undefined,
};

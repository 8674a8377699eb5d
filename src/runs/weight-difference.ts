import type { Tensor } from '../tensors/safetensors.js';

/** How one tensor differs between two files of weights. */
export interface TensorDifference {
  readonly name: string;
  /** `missing` and `unknown`: the second file lacks it, or has it alone; `shape`: they cannot be compared. */
  readonly kind: 'values' | 'shape' | 'missing' | 'unknown';
  /** Values that differ, of `size`. NaN differs from all but the same NaN. */
  readonly differing: number;
  readonly size: number;
  /** Largest |a - b|. */
  readonly largest: number;
  /** Square root of the sum of (a - b)^2 over that of a^2. */
  readonly relative: number;
}

type Tensors = ReadonlyMap<string, Tensor>;

/** The tensors that differ in a bit, in the first file's order; none where the weights are the same. */
export function weightDifferences(a: Tensors, b: Tensors): TensorDifference[] {
  const none = { differing: 0, largest: 0, relative: 0 };
  const found = [...a].flatMap(([name, tensor]): TensorDifference[] => {
    const other = b.get(name);
    const size = tensor.data.length;
    if (other === undefined) return [{ name, kind: 'missing', size, ...none }];
    if (other.dtype !== tensor.dtype || other.shape.join() !== tensor.shape.join())
      return [{ name, kind: 'shape', size, ...none }];
    const values = compare(tensor.data as ArrayLike<number>, other.data as ArrayLike<number>);
    return values.differing > 0 ? [{ name, kind: 'values', size, ...values }] : [];
  });
  const extra = [...b.keys()].filter((name) => !a.has(name));
  return [
    ...found,
    ...extra.map((name) => ({ name, kind: 'unknown' as const, size: b.get(name)!.data.length, ...none })),
  ];
}

function compare(a: ArrayLike<number>, b: ArrayLike<number>) {
  let [differing, largest, squares, own] = [0, 0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [Number(a[i]), Number(b[i])];
    own += x * x;
    if (Object.is(x, y)) continue;
    differing++;
    largest = Math.max(largest, Math.abs(x - y));
    squares += (x - y) ** 2;
  }
  return { differing, largest, relative: Math.sqrt(squares / own) };
}

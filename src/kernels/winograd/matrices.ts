import { range } from '../plain.js';

/**
 * The matrices of Winograd's minimal filtering, F(outputs, taps): a row of `outputs` values of a correlation y[i] = sum of g[j] * d[i + j]
 * takes one product a point, y = Aᵀ ((G g) ∘ (Bᵀ d)) (Lavin and Gray 2015, https://arxiv.org/abs/1509.09308, equation 5).
 *
 * They are Cook and Toom's: a correlation is the transpose of a product of polynomials, which is found from its values at as many points as
 * it has coefficients; the last point is infinity, where a polynomial's value is its leading coefficient.
 * - G: row p evaluates the taps at point p, (1, p, p², ...), over N(p) = product of (p - q) over the other finite points q.
 * - Bᵀ: row p has the coefficients of the product of (x - q) over the other finite points q; infinity's, over all.
 * - Aᵀ: row i has pⁱ at each finite point, and 1 at infinity in the last row.
 */
export interface Winograd {
  readonly A: readonly (readonly number[])[];
  readonly B: readonly (readonly number[])[];
  readonly G: readonly (readonly number[])[];
}

/** Along the rows: 6 products a tile, whatever its taps; with 3 taps it is the paper's F(4, 3). */
export const rowPoints = [0, 1, -1, 2, -2];
/** Over the grid, in each direction, for 3 taps (ncnn has the same). Their errors are half of those of `rowPoints`. */
export const gridPoints = [0, Math.SQRT1_2, -Math.SQRT1_2, Math.SQRT2, -Math.SQRT2];

/** @param points the finite ones; there are as many products as points, and one for infinity: outputs + taps - 1 */
export function winograd(points: readonly number[], taps: number): Winograd {
  const outputs = points.length + 2 - taps;
  const others = (p: number) => points.filter((q) => q !== p);
  const divisor = (p: number) => others(p).reduce((product, q) => product * (p - q), 1);
  const infinity = (count: number) => range(count).map((i) => (i === count - 1 ? 1 : 0));
  return {
    // + 0 makes 0 of -0.
    A: range(outputs).map((i) => [...points.map((p) => p ** i), i === outputs - 1 ? 1 : 0]),
    B: [...points.map((p) => [...coefficients(others(p)), 0]), coefficients(points)],
    G: [...points.map((p) => range(taps).map((j) => p ** j / divisor(p) + 0)), infinity(taps)],
  };
}

/** Of the product of (x - q), the lowest power first. */
function coefficients(roots: readonly number[]): number[] {
  let found = [1];
  for (const q of roots) {
    found = range(found.length + 1).map((i) => (found[i - 1] ?? 0) - q * (found[i] ?? 0) + 0);
  }
  return found;
}

/** M X Mᵀ: a transform down the columns and along the rows. */
export const timesBoth = (matrix: readonly (readonly number[])[], square: readonly (readonly number[])[]) => {
  const down = square[0]!.map((_, j) =>
    times(
      matrix,
      square.map((row) => row[j]!),
    ),
  );
  return matrix.map((_, i) =>
    times(
      matrix,
      down.map((column) => column[i]!),
    ),
  );
};

export const times = (matrix: readonly (readonly number[])[], vector: readonly number[]): number[] =>
  matrix.map((row) => row.reduce((total, value, i) => total + value * vector[i]!, 0));

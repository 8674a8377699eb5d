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
 *
 * A point's row of G and of Bᵀ, or its column of Aᵀ, may change sign together with another of the three.
 */
export interface Winograd {
  readonly A: readonly (readonly number[])[];
  readonly B: readonly (readonly number[])[];
  readonly G: readonly (readonly number[])[];
}

/** Along the rows: 6 products a tile, whatever its taps; with 3 taps it is the paper's F(4, 3). */
export const rowPoints = [0, 1, -1, 2, -2];
/** Down the columns, for 3 taps: the paper's F(2, 3), with its signs. */
export const columnPoints = [0, 1, -1];

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

/** `winograd` of `columnPoints`, with the paper's signs: of Bᵀ those of 0 and infinity, of G that of 0, and of Aᵀ that of infinity. */
export function columnWinograd(): Winograd {
  const { A, B, G } = winograd(columnPoints, 3);
  const minus = (row: readonly number[]) => row.map((value) => 0 - value);
  return {
    A: A.map((row) => row.with(-1, 0 - row.at(-1)!)),
    B: B.map((row, p) => (p === 0 || p === 3 ? minus(row) : row)),
    G: G.map((row, p) => (p === 0 ? minus(row) : row)),
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

export const times = (matrix: readonly (readonly number[])[], vector: readonly number[]): number[] =>
  matrix.map((row) => row.reduce((total, value, i) => total + value * vector[i]!, 0));

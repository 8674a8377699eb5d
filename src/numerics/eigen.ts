/** Eigenvalues of a symmetric matrix, the largest first, and their eigenvectors, a row each, of length 1. */
export interface Eigen {
  readonly values: Float64Array;
  /** `[n][n]`; of each the component of the largest magnitude is positive. */
  readonly vectors: Float64Array;
}

/** More than any matrix needs: each sweep squares what is left beside the diagonal. */
const mostSweeps = 50;

/**
 * By Jacobi's cyclic method (Golub and Van Loan, section 8.5), of + - * / and square roots alone: the same bits everywhere.
 * @param matrix `[n][n]`, symmetric
 */
export function symmetricEigen(matrix: Float64Array, n: number): Eigen {
  const a = matrix.slice();
  const v = Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
  /** Rows (of v) or rows and columns (of a) p and q, turned. */
  const turn = (m: Float64Array, first: number, second: number, step: number, c: number, s: number) => {
    for (let i = 0; i < n; i++, first += step, second += step) {
      const [x, y] = [m[first]!, m[second]!];
      m[first] = c * x - s * y;
      m[second] = s * x + c * y;
    }
  };
  for (let sweep = 0, isDiagonal = false; !isDiagonal && sweep < mostSweeps; sweep++) {
    isDiagonal = true;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const beside = a[p * n + q]!;
        const size = Math.abs(a[p * n + p]!) + Math.abs(a[q * n + q]!);
        if (Math.abs(beside) <= 1e-17 * size) continue;
        isDiagonal = false;
        const theta = (a[q * n + q]! - a[p * n + p]!) / (2 * beside);
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1);
        turn(a, p * n, q * n, 1, c, t * c);
        turn(a, p, q, n, c, t * c);
        turn(v, p * n, q * n, 1, c, t * c);
      }
    }
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[j * n + j]! - a[i * n + i]! || i - j);
  const rows = order.map((i) => {
    const row = v.slice(i * n, (i + 1) * n);
    const largest = row.reduce((best, x) => (Math.abs(x) > Math.abs(best) ? x : best), 0);
    return largest < 0 ? row.map((x) => -x) : row;
  });
  return {
    values: Float64Array.from(order, (i) => a[i * n + i]!),
    vectors: Float64Array.from(rows.flatMap((row) => [...row])),
  };
}

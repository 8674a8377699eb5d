/**
 * Make the rows of a matrix orthonormal, or its columns where it has more rows (Saxe et al. 2014), as PyTorch's orthogonal_: Q of the QR
 * decomposition whose R has a positive diagonal. By Gram and Schmidt's process, each vector twice, which gives orthogonality to rounding.
 * @param matrix `[rows][columns]`, float64; changed in place
 */
export function orthogonalize(matrix: Float64Array, rows: number, columns: number): void {
  const tall = rows > columns;
  const [vectors, length] = tall ? [columns, rows] : [rows, columns];
  const at = tall ? (v: number, i: number) => i * columns + v : (v: number, i: number) => v * columns + i;
  const dot = (v: number, w: number) => {
    let sum = 0;
    for (let i = 0; i < length; i++) sum += matrix[at(v, i)]! * matrix[at(w, i)]!;
    return sum;
  };
  for (let v = 0; v < vectors; v++) {
    for (let w = 0; w < 2 * v; w++) {
      const other = w % v;
      const along = dot(v, other);
      for (let i = 0; i < length; i++) matrix[at(v, i)]! -= along * matrix[at(other, i)]!;
    }
    const norm = Math.sqrt(dot(v, v));
    for (let i = 0; i < length; i++) matrix[at(v, i)]! /= norm;
  }
}

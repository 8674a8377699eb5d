/** How values are spread, as TensorBoard's HistogramProto says it. */
export interface Histogram {
  readonly min: number;
  readonly max: number;
  readonly count: number;
  readonly sum: number;
  readonly sumOfSquares: number;
  /** Right edge of each bucket, and the values in it. The first begins at `min`. */
  readonly limits: readonly number[];
  readonly counts: readonly number[];
}

/** As many as TensorBoard shows. */
const buckets = 30;

/** Buckets of one width from the smallest value to the largest. Values that are not finite are left out; undefined where none is. */
export function histogramOf(values: Float32Array): Histogram | undefined {
  const moments = momentsOf(values);
  const { min, max, count } = moments;
  if (count === 0) return undefined;
  if (min === max) return { ...moments, limits: [max], counts: [count] };
  const counts = new Array<number>(buckets).fill(0);
  const perUnit = buckets / (max - min);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isFinite(value)) counts[Math.min(buckets - 1, Math.floor((value - min) * perUnit))]! += 1;
  }
  const limits = counts.map((_, i) => (i === buckets - 1 ? max : min + ((i + 1) * (max - min)) / buckets));
  return { ...moments, limits, counts };
}

/** Counted loops here: an iterator, or a sum that a closure sees, makes an object of every value. */
function momentsOf(values: Float32Array): Omit<Histogram, 'limits' | 'counts'> {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let count = 0;
  let sum = 0;
  let sumOfSquares = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
    count += 1;
    sum += value;
    sumOfSquares += value * value;
  }
  return { min, max, count, sum, sumOfSquares };
}

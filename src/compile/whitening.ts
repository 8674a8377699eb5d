import type { Shape } from '../graph/shape.js';
import { symmetricEigen } from '../numerics/eigen.js';

/**
 * A convolution's filters that make the patches of images uncorrelated, of one deviation (Jordan 2024, airbench): the eigenvectors of the mean of
 * patch * patchᵀ, largest eigenvalue first, each divided by sqrt(eigenvalue + epsilon); then their negatives.
 * @param filters `[2 n, channels, kernelHeight, kernelWidth]`, n the values of a patch; written here
 * @param images normalized, `[channels][height][width]`; their patches lie at every row and column
 */
export function whiten(
  filters: Float32Array,
  shape: Shape,
  images: Iterable<Float64Array>,
  image: Shape,
  epsilon: number,
): void {
  const [, channels, kernelHeight, kernelWidth] = shape as [number, number, number, number];
  const n = channels * kernelHeight * kernelWidth;
  const products = patchProducts(images, image, kernelHeight, kernelWidth);
  const { values, vectors } = symmetricEigen(products, n);
  for (let i = 0; i < n * n; i++) {
    const value = vectors[i]! / Math.sqrt(Math.max(0, values[Math.floor(i / n)]!) + epsilon);
    filters[i] = value;
    filters[n * n + i] = -value;
  }
}

/** The mean of patch * patchᵀ over all patches, `[n][n]`: float64 sums, image by image, row by row. */
function patchProducts(
  images: Iterable<Float64Array>,
  image: Shape,
  kernelHeight: number,
  kernelWidth: number,
): Float64Array {
  const [channels, height, width] = image as [number, number, number];
  const n = channels * kernelHeight * kernelWidth;
  const offsets = Int32Array.from({ length: n }, (_, i) => {
    const c = Math.floor(i / (kernelHeight * kernelWidth));
    return (c * height + (Math.floor(i / kernelWidth) % kernelHeight)) * width + (i % kernelWidth);
  });
  const sums = new Float64Array(n * n);
  const patch = new Float64Array(n);
  let patches = 0;
  for (const pixels of images) {
    for (let row = 0; row + kernelHeight <= height; row++) {
      for (let column = 0; column + kernelWidth <= width; column++, patches++) {
        for (let i = 0; i < n; i++) patch[i] = pixels[row * width + column + offsets[i]!]!;
        for (let i = 0; i < n; i++) {
          const value = patch[i]!;
          for (let j = i; j < n; j++) sums[i * n + j]! += value * patch[j]!;
        }
      }
    }
  }
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) sums[j * n + i] = sums[i * n + j] = sums[i * n + j]! / patches;
  }
  return sums;
}

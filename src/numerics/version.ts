/**
 * The version of the arithmetic. Two runs with the same config, seed and data have the same bits if their versions are equal. A change that
 * alters any bit raises it, and updates the hashes of the determinism test.
 *
 * 1: as it began. 2: convolutions by Winograd; behind a max-pool, gradients of the argmaxes alone, and the activation after the pool.
 * 3: long sums in blocks of 256 terms; shuffles of up to 64 items by a table; pictures resized by one filter;
 * evaluations with batch norms folded into the layers before them.
 * 4: convolutions of 3 x 3 at stride 1 with 16 or more channels and outputs by Winograd in both directions, forward and gradients;
 * an image that the balanced sampler repeats draws its augmentation and dropout by (image, round), which other images shared before.
 */
export const numericsVersion = 4;

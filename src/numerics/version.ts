/**
 * The version of the arithmetic. Two runs of one (config, seed, data) have the same bits if this is equal; a change that alters any
 * bit raises it, and the known-answer test with it.
 *
 * 1: as it began. 2: convolutions by Winograd; behind a max-pool, gradients of the argmaxes alone, and the activation after the pool.
 * 3: long sums in blocks of 256 terms; shuffles of up to 64 items by a table; pictures resized by one filter.
 */
export const numericsVersion = 3;

/**
 * The version of the arithmetic. Two runs of one (config, seed, data) have the same bits if this is equal; a change that alters any
 * bit raises it, and the known-answer test with it.
 *
 * 1: as it began. 2: convolutions by Winograd; behind a max-pool, gradients of the argmaxes alone, and the activation after the pool.
 */
export const numericsVersion = 2;

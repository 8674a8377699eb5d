/**
 * The version of the arithmetic. Two runs of one (config, seed, data) have the same bits if this is equal; a change that alters any
 * bit raises it, and the known-answer test with it.
 */
export const numericsVersion = 1;

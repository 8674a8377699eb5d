import { z } from 'zod';

/** Numbers that the config's schema is made of. */

export const count = z.int().positive();
export const size = z.int().min(0);
/** Of a kernel, a window, a stride; and of a border: no image is larger than this. */
const largestSide = 4096;
export const side = count.max(largestSide);
export const border = size.max(largestSide);
/** Outputs of a layer: there are no more classes than this. */
export const width = count.max(1_000_000);
export const finite = z.number();
export const byte = z.int().min(0).max(255);
export const probability = finite.min(0).max(1);

/** `n` or `[height, width]`, as PyTorch takes them. */
export const pair = (of: z.ZodType<number>) => z.union([of, z.tuple([of, of])]);

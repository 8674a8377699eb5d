import { z } from 'zod';

/** Numbers that the config's schema is made of. */

export const count = z.int().positive();
export const size = z.int().min(0);
export const finite = z.number();
export const byte = z.int().min(0).max(255);
export const probability = finite.min(0).max(1);

/** `n` or `[height, width]`, as PyTorch takes them. */
export const pair = (of: z.ZodType<number>) => z.union([of, z.tuple([of, of])]);

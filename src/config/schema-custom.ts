import { z } from 'zod';

/** What a config says of own code, in a layer or as the loss. */

const noNul = /^[^\0]*$/;

/** Whether a value is the same after it was written as JSON. */
function isJson(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isJson);
  const isPlain = typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype;
  return isPlain && Object.values(value).every(isJson);
}

export const ownCode = {
  module: z
    .string()
    .min(1)
    .regex(noNul, 'must not hold a NUL character')
    .describe(
      "File of an ES module: a path, from the config's folder on, or a file: URL. A run's config.json has the whole path",
    ),
  export: z.string().min(1).default('default').describe("Name of the module's export that is the factory"),
  options: z
    .record(z.string(), z.unknown())
    .refine(isJson, 'expected what JSON can hold')
    .default({})
    .describe('Given to the factory'),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits')
    .optional()
    .describe(
      "SHA-256 of the module's file, as a run's config.json has it: another file is refused. Left out, the file is taken as it is",
    ),
};

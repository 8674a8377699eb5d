import { z } from 'zod';
import { ExitCode, UserError } from '../errors.js';
import { mostThreads } from '../platform/threads.js';
import { Dataset } from './dataset.js';
import type { RunningOptions } from './fit-options.js';
import { Model } from './model.js';

/** What a program without types may get wrong in the arguments of `fit`, beside its config. */

const isFunction = z.custom<never>((value) => typeof value === 'function', 'expected a function');
const positive = z.number().positive();

const schema = z.looseObject({
  threads: z.int().min(1).max(mostThreads).optional(),
  checkpointEvery: z
    .strictObject({ steps: z.int().min(1).optional(), seconds: positive.optional() })
    .optional(),
  maxSeconds: positive.optional(),
  signal: z.instanceof(AbortSignal).optional(),
  log: z.enum(['none', 'pretty', 'json']).optional(),
  callbacks: z.array(z.looseObject({})).optional(),
  onStep: isFunction.optional(),
  onEpoch: isFunction.optional(),
  onCheckpoint: isFunction.optional(),
  onEnd: isFunction.optional(),
  onMessage: isFunction.optional(),
} satisfies Record<keyof RunningOptions, z.ZodType>);

/** Names of the options that say how a training is run; the others of `fit` are its config's. */
export const runningOptions: ReadonlySet<string> = new Set(Object.keys(schema.shape));

/** @throws UserError (exit code usage) with the option that is wrong as its path */
export function requireRunning(options: unknown): void {
  const result = schema.safeParse(options);
  if (result.success) return;
  const { path, message } = result.error.issues[0]!;
  const option = path.join('.') || 'options';
  throw new UserError(`${option}: ${message}`, ExitCode.usage, { path: option });
}

/** @throws UserError (exit code usage) */
export function requireModel(model: unknown): void {
  if (model instanceof Model || (typeof model === 'object' && model !== null && 'model' in model)) return;
  throw new UserError(
    'fit takes a model first, such as sequential(...), or a config, as loadConfig gives it',
    ExitCode.usage,
    { path: 'model' },
  );
}

/** @throws UserError (exit code usage) */
export function requireDataset(data: unknown): void {
  if (data === undefined || data instanceof Dataset) return;
  throw new UserError(
    'fit takes a dataset second, such as await imageFolder(...); the functions that make one are asynchronous',
    ExitCode.usage,
    { path: 'data' },
  );
}

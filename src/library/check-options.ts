import { z } from 'zod';
import { faultsOf } from '../config/faults.js';
import type { SchemaNode } from '../config/json-schema.js';
import { pathText } from '../config/path.js';
import { ExitCode, UserError } from '../errors.js';
import { ttaChoices } from '../inference/views.js';
import { inputKinds } from '../onnx/options.js';
import { mostThreads } from '../platform/threads.js';
import { callbackEvents } from '../runs/callback.js';
import { Dataset } from './dataset.js';
import type { EvaluateOptions } from './evaluation.js';
import type { ResumeOptions, RunningOptions } from './fit-options.js';
import { Model } from './model.js';

/** What a program without types may get wrong in the arguments of the library's functions, beside a config. */

const isFunction = z.custom<never>((value) => typeof value === 'function', 'expected a function');
const isSignal = z.custom<never>((value) => value instanceof AbortSignal, 'expected an AbortSignal');
const isDataset = z.custom<never>(
  (value) => value instanceof Dataset,
  'expected a dataset, such as await imageFolder(...)',
);
const isCallback = z.custom<never>(
  (value) => typeof value === 'object' && value !== null && callbackEvents.some((event) => event in value),
  `expected an object with one of the functions ${callbackEvents.join(', ')}`,
);
const positive = z.number().positive();
const threads = z.int().min(1).max(mostThreads).optional();

const running = z.looseObject({
  threads,
  checkpointEvery: z
    .strictObject({ steps: z.int().min(1).optional(), seconds: positive.optional() })
    .optional(),
  maxSeconds: positive.optional(),
  signal: isSignal.optional(),
  log: z.enum(['none', 'pretty', 'json']).optional(),
  callbacks: z.array(isCallback).optional(),
  onStep: isFunction.optional(),
  onEpoch: isFunction.optional(),
  onCheckpoint: isFunction.optional(),
  onEnd: isFunction.optional(),
  onMessage: isFunction.optional(),
} satisfies Record<keyof RunningOptions, z.ZodType>);

const schemas = {
  /** The others of `fit` are its config's, and checked there. */
  fit: running,
  resume: z.strictObject({
    ...running.shape,
    epochs: z.int().min(1).optional(),
    data: z.string().optional(),
  } satisfies Record<keyof ResumeOptions, z.ZodType>),
  openRun: z.strictObject({ weights: z.enum(['best', 'last']).optional() }),
  evaluate: z.strictObject({
    threads,
    tta: z.enum(ttaChoices).optional(),
    data: isDataset.optional(),
    onProgress: isFunction.optional(),
    bins: z.int().min(1).optional(),
    level: z.number().gt(0).lt(1).optional(),
    resamples: z.int().min(0).optional(),
    seed: z.int().min(0).optional(),
  } satisfies Record<keyof EvaluateOptions, z.ZodType>),
  export: z.strictObject({
    input: z.enum(inputKinds).optional(),
    softmax: z.boolean().optional(),
    fold: z.boolean().optional(),
  }),
};

/** Names of the options that say how a training is run; the others of `fit` are its config's. */
export const runningOptions: ReadonlySet<string> = new Set(Object.keys(running.shape));

/** @throws UserError (exit code usage) that says what is wrong with an option of the function, its name as the path */
export function requireOptions(of: keyof typeof schemas, options: unknown): void {
  const schema = schemas[of];
  const result = schema.safeParse(options);
  if (result.success) return;
  const root = z.toJSONSchema(schema, { unrepresentable: 'any' }) as SchemaNode;
  const [fault] = faultsOf(result.error.issues, options, root);
  const path = fault!.path.length === 0 ? `options of ${of}` : pathText(fault!.path);
  throw new UserError(`${path}: ${fault!.message}`, ExitCode.usage, { path });
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

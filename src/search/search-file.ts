import { z } from 'zod';
import { type Fault, faultsError, faultsOf } from '../config/faults.js';
import { isShallow } from '../config/json.js';
import { linkedSchema, type SchemaNode } from '../config/json-schema.js';
import { readJson } from '../config/load.js';
import type { MetricName } from '../config/schema.js';
import { mostFolds } from '../config/schema-data.js';
import { count, finite } from '../config/schema-numbers.js';
import { metric } from '../config/schema-schedule.js';

/** The schema of a search file: which values of a config are searched, and how. */

/** Ends of a logarithmic range: where its logarithm and its exponential are exact to a few units in the last place. */
const positive = finite.min(1e-300).max(1e300);
/** Whole numbers between the ends of a range: a draw has 32 bits. */
const mostIntegers = 2 ** 20;

const pairOf = (end: z.ZodType<number>) =>
  z.array(end).refine((ends) => ends.length === 2 && ends[0]! < ends[1]!, {
    message: 'expected [low, high], two numbers of which the first is the lower one',
  });

const kinds = ['values', 'uniform', 'logUniform', 'integer'] as const;

const range = z
  .strictObject({
    values: z.array(z.json()).min(1).max(1000).optional().describe('One of these, all equally likely'),
    uniform: pairOf(finite).optional().describe('[low, high]: any number between them, all equally likely'),
    logUniform: pairOf(positive)
      .optional()
      .describe('[low, high], above 0: a number between them whose logarithm is uniform'),
    integer: pairOf(z.int())
      .refine((ends) => !(ends[1]! - ends[0]! >= mostIntegers), {
        message: `a range has at most ${mostIntegers} whole numbers`,
      })
      .optional()
      .describe('[low, high]: a whole number from low to high, both included, all equally likely'),
  })
  .refine((given) => kinds.filter((kind) => given[kind] !== undefined).length === 1, {
    message: `expected one of ${kinds.join(', ')}`,
  });

const trials = count.max(10_000).describe('Number of trials');

const method = z.discriminatedUnion('type', [
  z
    .strictObject({ type: z.literal('random'), trials })
    .describe('Each trial trains all epochs of its config'),
  z
    .strictObject({
      type: z.literal('successiveHalving'),
      trials,
      factor: z
        .int()
        .min(2)
        .max(100)
        .default(3)
        .describe('One of so many trials goes on, for so many times the epochs'),
      leastEpochs: count.default(1).describe('Epochs of the first rung'),
    })
    .describe(
      'All trials train a few epochs, the best go on (Jamieson and Talwalkar 2016). The last rung trains all epochs of the config',
    ),
]);

const searchSchema = z.strictObject({
  $schema: z.string().optional().describe('Where an editor finds this schema'),
  config: z
    .string()
    .min(1)
    .optional()
    .describe('Config file, relative to the current folder; --config replaces it'),
  space: z
    .record(z.string().min(1), range)
    .refine((space) => Object.keys(space).length > 0, {
      message: 'expected a value to search, such as optimizer.learningRate',
    })
    .describe('What is searched: keys of the config as --set writes them, each with its range'),
  method: method.describe('How it is searched'),
  metric: metric
    .optional()
    .describe(
      "Of validation, at the best epoch; by default the config's training.bestBy. top1: top-1 accuracy, ties decided by the loss; loss: ties decided by top-1; balancedTop1: the mean of the classes' recalls, ties decided by the loss, of configs that measure it: with training.bestBy balancedTop1",
    ),
  folds: z
    .int()
    .min(2)
    .max(mostFolds)
    .optional()
    .describe('Cross-validation: a trial is trained once for each fold, and its score is the mean'),
  seed: z.int().min(0).max(0xffffffff).default(1).describe("Of the trials' values"),
});

/** A search file complete with defaults. */
export type SearchFile = z.output<typeof searchSchema>;
/** ... and with what the command line and the config decide. */
export type CompleteSearch = SearchFile & { readonly config: string; readonly metric: MetricName };
export type Range = SearchFile['space'][string];
export type SearchMethod = SearchFile['method'];

/** The JSON Schema of a search file, for editors. */
export const searchJsonSchema = (): SchemaNode =>
  ({ title: 'lockstep search', ...z.toJSONSchema(searchSchema, { io: 'input' }) }) as SchemaNode;

/** @throws UserError (exit code usage) that lists every fault of the file, or the position of the first JSON fault */
export const loadSearch = (path: string): SearchFile => parseSearch(readJson(path, 'search'), path);

/** @param source names the file in messages */
export function parseSearch(value: unknown, source: string): SearchFile {
  if (!isShallow(value)) throw faultsError(source, [{ path: [], message: 'nested too deeply' }]);
  const result = searchSchema.safeParse(value);
  if (!result.success)
    throw faultsError(source, faultsOf(result.error.issues, value, linkedSchema(searchJsonSchema())));
  return checked(result.data, source);
}

/** @throws UserError (exit code usage) where two keys contradict each other */
export function checked<S extends SearchFile>(search: S, source: string): S {
  const faults = faultsOfWhole(search);
  if (faults.length > 0) throw faultsError(source, faults);
  return search;
}

/** Faults that lie in two keys together. */
function faultsOfWhole({ space, method, folds }: SearchFile): Fault[] {
  return Object.keys(space).flatMap((key): Fault[] => {
    const path = ['space', key];
    if (method.type === 'successiveHalving' && key === 'training.epochs') {
      return [{ path, message: 'successiveHalving chooses the epochs; search them with the method random' }];
    }
    if (folds !== undefined && /^data\.split(\.fold\b|$)/.test(key)) {
      return [{ path, message: '"folds" cuts the folds; leave out one of the two' }];
    }
    return [];
  });
}

import { fileURLToPath } from 'node:url';
import { loadConfig } from '#lockstep/config/load.js';
import { completeConfig, withClasses } from '#lockstep/config/resolve.js';
import type { ResolvedConfig } from '#lockstep/config/resolved.js';

export const models = ['perceptron', 'lenet5', 'improved'] as const;
export type ModelName = (typeof models)[number];

/** The shipped config of a model for 50 classes, with changes, `key.path=value`. */
export const modelConfig = (model: ModelName, ...changes: string[]): ResolvedConfig =>
  withClasses(
    completeConfig(
      loadConfig(fileURLToPath(new URL(`../../configs/${model}.json`, import.meta.url)), changes),
    ),
    50,
  );

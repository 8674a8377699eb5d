import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ResolvedConfig } from '#lockstep/config/resolved.js';
import type { CustomCode } from '#lockstep/graph/custom-code.js';
import { loadCode } from '#lockstep/graph/custom-loading.js';
import { importModule } from '#lockstep/platform/node-modules.js';
import { root } from './engine-helpers.js';

/** Path of a module of `own-code`. */
export const ownModule = (name: 'layers' | 'losses' | 'faulty'): string =>
  join(root, `dist/test/support/own-code/${name}.js`);

/** A layer of own code, as a config has it. */
export const own = (name: string, rest: object = {}, module: 'layers' | 'faulty' = 'layers') => ({
  type: 'custom',
  module: ownModule(module),
  export: name,
  ...rest,
});

/** An own dense layer of so many features. */
export const ownDense = (inputs: number, outputs: number) =>
  own('dense', {
    outShape: [outputs],
    parameters: {
      weight: { shape: [outputs, inputs], init: { type: 'heNormal' } },
      bias: { shape: [outputs], init: { type: 'zeros' } },
    },
  });

export const ownSwish = (rest: object = {}) =>
  own('swish', { parameters: { slope: { shape: [1], init: { type: 'constant', value: 1 } } }, ...rest });

export const codeOf = (config: ResolvedConfig): Promise<CustomCode> => loadCode(config, importModule);

export const textOfModule = (name: 'layers' | 'losses' | 'faulty'): string =>
  readFileSync(ownModule(name), 'utf8');

import type { OptimizerConfig, OptimizerOf, OptimizerType } from '../../config/schema.js';
import type { Kernels } from '../../kernels/kernels.js';
import { adam, adamw } from './adam.js';
import { lion } from './lion.js';
import { rmsprop } from './rmsprop.js';
import type { OptimizerRule, Update } from './rule.js';
import { sgd, sgdw } from './sgd.js';
import type { SlotName } from './slots.js';

/** Each optimizer's rule, by its name in the config. */
const rules: { readonly [T in OptimizerType]: OptimizerRule<OptimizerOf<T>> } = {
  sgd,
  sgdw,
  adam,
  adamw,
  rmsprop,
  lion,
};

const ruleOf = ({ type }: OptimizerConfig) => rules[type] as OptimizerRule<OptimizerConfig>;

/** The slots that a config's optimizer keeps: its rule's, in the rule's order, and then the others. */
export const slotsOf = (config: OptimizerConfig): readonly SlotName[] => [
  ...ruleOf(config).slots(config),
  ...(config.lookahead === undefined ? [] : (['slowWeights'] as const)),
  ...(config.weightAverage === undefined ? [] : (['averageWeights'] as const)),
];

export const bindRule = (kernels: Kernels, config: OptimizerConfig): Update =>
  ruleOf(config).bind(kernels, config);

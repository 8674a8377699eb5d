import type { OptimizerConfig, OptimizerOf, OptimizerType } from '../../config/schema.js';
import type { Kernels } from '../../kernels/kernels.js';
import { adam, adamw } from './adam.js';
import type { OptimizerRule, Update } from './rule.js';
import { sgd } from './sgd.js';

/** Each optimizer's rule, by its name in the config. */
const rules: { readonly [T in OptimizerType]: OptimizerRule<OptimizerOf<T>> } = { sgd, adam, adamw };

/** Names of the slots that a config's optimizer keeps: see `OptimizerRule`. */
export const slotsOf = ({ type }: Pick<OptimizerConfig, 'type'>): readonly string[] => rules[type].slots;

/** Those of every optimizer: a file of weights may hold them, whatever trained it. */
export const allSlots: readonly string[] = [...new Set(Object.values(rules).flatMap(({ slots }) => slots))];

export function bindRule(kernels: Kernels, config: OptimizerConfig): Update {
  return (rules[config.type] as OptimizerRule<OptimizerConfig>).bind(kernels, config);
}

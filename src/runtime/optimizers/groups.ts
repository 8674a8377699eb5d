import { layerMatcher } from '../../config/layer-patterns.js';
import type { OptimizerConfig } from '../../config/schema.js';
import { layerOf, type Network, type Parameter } from '../../graph/network.js';
import { isFilter } from '../../graph/operator.js';

/** A run of parameters that a step treats alike: a range of a parameter buffer, float32. */
export interface ParameterGroup {
  readonly offset: number;
  readonly length: number;
  /** Of the optimizer's weight decay; 0 for none. */
  readonly decay: number;
  /** Of the learning rate. */
  readonly factor: number;
}

type GroupSettings = Pick<OptimizerConfig, 'decayBiasesAndNorms' | 'layerFactors'>;

/** The network's trained parameters in as few groups as their settings allow. */
export function parameterGroups(
  { parameters, bufferLength }: Pick<Network, 'parameters' | 'bufferLength'>,
  { decayBiasesAndNorms, layerFactors }: GroupSettings,
): ParameterGroup[] {
  const entries = layerFactors.map((entry) => ({ ...entry, matches: layerMatcher([entry.layers]) }));
  const groups: ParameterGroup[] = [];
  for (const [i, parameter] of parameters.entries()) {
    if (parameter.isFrozen) continue;
    const { offset } = parameter;
    const length = (parameters[i + 1]?.offset ?? bufferLength) - offset;
    const { factor, weightDecay } = factorsOf(parameter);
    const decay = decayBiasesAndNorms || isFilter(parameter) ? weightDecay : 0;
    const last = groups.at(-1);
    const isNext = last !== undefined && last.offset + last.length === offset;
    if (isNext && last.decay === decay && last.factor === factor)
      groups[groups.length - 1] = { ...last, length: last.length + length };
    else groups.push({ offset, length, decay, factor });
  }
  return groups;

  function factorsOf(parameter: Parameter): { readonly factor: number; readonly weightDecay: number } {
    const layer = layerOf(parameter);
    const own = entries.findLast(({ matches }) => matches(layer) || matches(parameter.name));
    return own ?? { factor: 1, weightDecay: 1 };
  }
}

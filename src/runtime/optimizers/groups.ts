import { layerMatcher } from '../../config/layer-patterns.js';
import type { OptimizerConfig } from '../../config/schema.js';
import { layerOf, type Network, type Parameter } from '../../graph/network.js';
import { isFilter } from '../../graph/operator.js';

/** A run of parameters that a step treats alike: a range of a parameter buffer, float32. */
export interface ParameterGroup {
  readonly offset: number;
  readonly length: number;
  /** Whether weight decay is for them. */
  readonly decays: boolean;
  /** Of the learning rate. */
  readonly factor: number;
}

type GroupSettings = Pick<OptimizerConfig, 'decayBiasesAndNorms' | 'layerFactors'>;

/** The network's trained parameters in as few groups as their settings allow. */
export function parameterGroups(
  { parameters, bufferLength }: Pick<Network, 'parameters' | 'bufferLength'>,
  { decayBiasesAndNorms, layerFactors }: GroupSettings,
): ParameterGroup[] {
  const factors = layerFactors.map(({ layers, factor }) => ({ matches: layerMatcher([layers]), factor }));
  const groups: ParameterGroup[] = [];
  for (const [i, parameter] of parameters.entries()) {
    if (parameter.isFrozen) continue;
    const { offset } = parameter;
    const length = (parameters[i + 1]?.offset ?? bufferLength) - offset;
    const decays = decayBiasesAndNorms || isFilter(parameter);
    const factor = factorOf(parameter);
    const last = groups.at(-1);
    const isNext = last !== undefined && last.offset + last.length === offset;
    if (isNext && last.decays === decays && last.factor === factor)
      groups[groups.length - 1] = { ...last, length: last.length + length };
    else groups.push({ offset, length, decays, factor });
  }
  return groups;

  function factorOf(parameter: Parameter): number {
    const layer = layerOf(parameter);
    return factors.findLast(({ matches }) => matches(layer) || matches(parameter.name))?.factor ?? 1;
  }
}

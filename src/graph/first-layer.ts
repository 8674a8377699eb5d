import type { Network, Parameter } from './network.js';
import { isFilter, type ParameterSpec } from './operator.js';
import type { Shape } from './shape.js';
import { sampleNode } from './wiring.js';

/** The first layer of a network that has filters: a weight for each of its outputs and inputs. */
export interface FirstLayer {
  /** `conv1` */
  readonly name: string;
  readonly weight: Parameter;
  /** Shape of what it sees, before it is flattened. */
  readonly sees: Shape;
}

const isKnownFilter = (p: ParameterSpec) => isFilter(p) && !p.isCustom;

/** undefined where only own operators have filters. */
export function firstLayer({ input, nodes, parameters }: Network): FirstLayer | undefined {
  const weight = parameters.find(isKnownFilter);
  if (weight === undefined) return undefined;
  let from = nodes.find((node) => node.parameters.some(isKnownFilter))!.inputs[0]!;
  while (from !== sampleNode && nodes[from]!.isView) from = nodes[from]!.inputs[0]!;
  const sees = from === sampleNode ? input : nodes[from]!.output;
  return { name: weight.name.replace(/\.weight$/, ''), weight, sees };
}

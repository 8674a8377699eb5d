import type { Network, Parameter } from './network.js';
import { isFilter } from './operator.js';
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

export function firstLayer({ input, nodes, parameters }: Network): FirstLayer {
  const weight = parameters.find(isFilter)!;
  let from = nodes.find((node) => node.parameters.some(isFilter))!.inputs[0]!;
  while (from !== sampleNode && nodes[from]!.isView) from = nodes[from]!.inputs[0]!;
  const sees = from === sampleNode ? input : nodes[from]!.output;
  return { name: weight.name.replace(/\.weight$/, ''), weight, sees };
}

import type { Fault } from './faults.js';
import { type Path, pathText } from './path.js';
import type { LayerConfig } from './schema.js';

/** What layers and their parameters are called: in saved files, in patterns, and as inputs of other layers. */

interface NamedLayer {
  readonly type: LayerConfig['type'];
  readonly name?: string | undefined;
  readonly bias?: boolean;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

const namePrefix: Partial<Record<LayerConfig['type'], string>> = {
  conv2d: 'conv',
  dense: 'fc',
  batchNorm: 'bn',
  groupNorm: 'gn',
  layerNorm: 'ln',
  prelu: 'prelu',
  custom: 'custom',
};

export const hasParameters = ({ type, parameters }: NamedLayer): boolean =>
  type === 'custom' ? Object.keys(parameters ?? {}).length > 0 : namePrefix[type] !== undefined;

/** Of a complete layer: one that may go without a bias says so. */
export function parameterNames(layer: NamedLayer): string[] {
  if (!hasParameters(layer)) return [];
  if (layer.type === 'custom') return Object.keys(layer.parameters!).map((key) => `${layer.name}.${key}`);
  const hasBias = layer.bias ?? layer.type !== 'prelu';
  return [`${layer.name}.weight`, ...(hasBias ? [`${layer.name}.bias`] : [])];
}

/** Names layers: by their `name`; without one, by type and number if they have parameters, else ''. */
export class LayerNames {
  readonly faults: Fault[] = [];
  readonly #counts = new Map<string, number>();
  readonly #taken = new Map<string, Path>();

  /** To be called in the layers' order, for a block's layers before the block. */
  of(layer: LayerConfig, path: Path): string {
    const prefix = namePrefix[layer.type] ?? '';
    const number = (this.#counts.get(prefix) ?? 0) + 1;
    this.#counts.set(prefix, number);
    const name = layer.name ?? (prefix && `${prefix}${number}`);
    if (name === '') return '';
    const other = this.#taken.get(name);
    if (other === undefined) this.#taken.set(name, path);
    else this.faults.push({ path: [...path, 'name'], message: sameName(name, other) });
    return name;
  }
}

const sameName = (name: string, other: Path) =>
  `"${name}" is the name of ${pathText(other)} too; give one of them another`;

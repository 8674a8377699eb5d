import { layerNamePattern } from '../../config/name-rules.js';
import type { Node } from './node.js';

/**
 * What a file calls a layer: its weight's name, such as `layer1.0.conv1.weight`, or else its node's place among PyTorch's modules,
 * `/layer1/layer1.0/conv1/Conv`. undefined where it says nothing.
 * @param tensor name of its first tensor
 */
export function wantedName(tensor: string, node: Node, part = 'weight'): string | undefined {
  const byTensor = tensor.endsWith(`.${part}`) ? tensor.slice(0, -part.length - 1) : undefined;
  return cleaned(byTensor ?? scopeOf(node.name) ?? '');
}

/** The path of a module: each part is its own name, or its name from the module above, `layer1.0` in `layer1`. */
function scopeOf(node: string): string | undefined {
  const parts = node.split('/').filter((part) => part !== '');
  if (!node.startsWith('/') || parts.length < 2) return undefined;
  let path: string[] = [];
  for (const part of parts.slice(0, -1)) {
    const above = path.at(-1);
    if (above !== undefined && part.startsWith(`${above}.`)) path = [...path.slice(0, -1), part];
    else path.push(part);
  }
  return path.join('.');
}

function cleaned(name: string): string | undefined {
  const clean = name
    .replaceAll(/[^A-Za-z0-9_.]+/g, '_')
    .replaceAll(/\.{2,}/g, '.')
    .replaceAll(/^\.|\.$/g, '');
  return layerNamePattern.test(clean) ? clean : undefined;
}

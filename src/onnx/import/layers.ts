import type { LayerInput } from '../../config/input.js';
import type { LayerType } from '../../config/schema.js';
import { sampleNode } from '../../graph/wiring.js';
import type { FloatTensor } from '../graph-builder.js';
import type { DraftLayer } from './draft.js';

/** From the layers of an import to those of a config, and weights by name. */

/** Of layers that the file gives no name. */
const prefixes: Partial<Record<LayerType, string>> = {
  conv2d: 'conv',
  dense: 'fc',
  batchNorm: 'bn',
  groupNorm: 'gn',
  layerNorm: 'ln',
};

/** What a config need not say. */
const defaults: Readonly<Record<string, string>> = {
  stride: '1',
  padding: '0',
  dilation: '1',
  groups: '1',
  epsilon: '0.00001',
  momentum: '0.1',
  slopes: 'one',
  top: '0',
  right: '0',
  bottom: '0',
  left: '0',
};

export function layersOf(drafts: readonly DraftLayer[]) {
  const notes: string[] = [];
  const names = namesOf(drafts, notes);
  const weights = new Map<string, FloatTensor>();
  const layers = drafts.map(({ type, settings, inputs, tensors }, number) => {
    const name = names.get(number);
    for (const [part, tensor] of Object.entries(tensors)) weights.set(`${name}.${part}`, tensor);
    const isChained = inputs.length === 1 && inputs[0] === number - 1;
    const hasBias =
      type !== 'conv2d' && type !== 'dense' ? {} : tensors['bias'] === undefined && { bias: false };
    return {
      type,
      ...(name !== undefined && { name }),
      ...tidied(type, settings),
      ...hasBias,
      ...(!isChained && {
        inputs: inputs.map((input) => (input === sampleNode ? 'input' : names.get(input)!)),
      }),
    } as LayerInput;
  });
  return { layers, weights, notes };
}

/** Of layers with parameters, and of those that another layer names. */
function namesOf(drafts: readonly DraftLayer[], notes: string[]): Map<number, string> {
  const names = new Map<number, string>();
  const taken = new Set(['input', ...drafts.map(({ wanted }) => wanted)]);
  const counts = new Map<string, number>();
  const fresh = (type: LayerType): string => {
    for (;;) {
      const count = (counts.get(type) ?? 0) + 1;
      counts.set(type, count);
      const name = `${prefixes[type] ?? type}${count}`;
      if (!taken.has(name)) return name;
    }
  };
  const used = new Set<string>();
  const named = new Set(
    drafts.flatMap(({ inputs }, number) => (inputs.length === 1 && inputs[0] === number - 1 ? [] : inputs)),
  );
  for (const [number, { type, wanted, tensors }] of drafts.entries()) {
    if (Object.keys(tensors).length === 0) {
      if (named.has(number)) names.set(number, fresh(type));
      continue;
    }
    const isFree = wanted !== undefined && wanted !== 'input' && !used.has(wanted);
    const name = isFree ? wanted : fresh(type);
    if (wanted !== undefined && used.has(wanted))
      notes.push(
        `${name} has the weights of ${wanted}, which two nodes share in the file: here each has its own`,
      );
    used.add(name);
    names.set(number, name);
  }
  return names;
}

/** The settings as a person writes them: what is as by default is left out, and a square is one number. */
function tidied(type: LayerType, settings: DraftLayer['settings']): Record<string, unknown> {
  const short = (value: unknown) =>
    Array.isArray(value) && value.length === 2 && value[0] === value[1] ? value[0] : value;
  const isWindow = (key: string, value: unknown) =>
    key === 'stride' && String(value) === String(short(settings['window']));
  const isPool = 'window' in settings;
  return Object.fromEntries(
    Object.entries(settings)
      .map(([key, value]) => [key, short(value)] as const)
      .filter(([key, value]) =>
        isPool && key === 'stride'
          ? !isWindow(key, value)
          : !(
              key in defaults &&
              defaults[key] === String(value) &&
              !(type === 'groupNorm' && key === 'groups')
            ),
      ),
  );
}

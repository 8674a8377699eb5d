import { createHash } from 'node:crypto';
import { ExitCode, listed, UserError } from '../errors.js';
import type { Opening } from '../files/opening.js';
import type { Network, Parameter, StateTensor } from '../graph/network.js';
import { showShape } from '../graph/shape.js';
import type { Engine } from '../runtime/engine.js';
import { allSlots, type SlotName, tensorsOf } from '../runtime/optimizers/slots.js';
import { bytesOf, type SafetensorsHeader, type Tensor, type TensorEntry } from '../tensors/safetensors.js';
import { readSealed, writeSealed } from '../tensors/sealed.js';

/** Weights as safetensors files, with PyTorch's names and layouts. */

/** As many parameters that do not fit are named; the rest is counted. */
const shownFaults = 20;

/** In a checkpoint, what the optimizer keeps for a parameter in one of its slots. */
export const slotTensor = (slot: SlotName, { name }: Parameter | StateTensor): string => `${slot}.${name}`;

export const tensorOf = (p: Parameter | StateTensor, data: Float32Array): Tensor => ({
  dtype: 'F32',
  shape: p.shape,
  data,
});

/** Write the model's weights alone: what `model.load_state_dict(safetensors.torch.load_file(path))` reads. */
export function saveWeights(path: string, engine: Engine, metadata: Readonly<Record<string, string>>): void {
  const tensors = engine.network.weights.map(
    (w) => [w.name, tensorOf(w, engine.tensors.modelWeight(w))] as const,
  );
  writeSealed(path, new Map(tensors), { format: 'pt', ...metadata });
}

/** Values of each of a network's `weights`, or of its parameters alone, in its order. */
export type Weights = readonly (Float32Array | Float64Array)[];

/**
 * The weights in a safetensors file; what a checkpoint holds of the optimizer's is left aside.
 * @throws UserError that lists every parameter that is missing, not known, or of another shape, or where the file is damaged
 */
export function readWeights(path: string, network: Network, opening: Opening = {}): Weights {
  return weightsIn(readSealed(path, { ...opening, check: fitsTo(path, network) }).tensors, network);
}

/** Of a file that fits: the network's weights, or what the optimizer keeps in `slot`. */
export function weightsIn(tensors: ReadonlyMap<string, Tensor>, network: Network, slot?: SlotName): Weights {
  const names =
    slot === undefined
      ? network.weights.map(({ name }) => name)
      : tensorsOf(slot, network).map((w) => slotTensor(slot, w));
  return names.map((name) => tensors.get(name)!.data as Float32Array | Float64Array);
}

/**
 * Holds a file's header against the network: nothing is read of one that is another network's, however large.
 * @param slots of the optimizer that must be there too; those of others may be
 * @returns a check that throws a UserError, as `readWeights`
 */
export const fitsTo =
  (path: string, network: Network, slots: readonly SlotName[] = []) =>
  ({ tensors }: SafetensorsHeader): void => {
    requireFit(path, network, tensors, slots);
  };

function requireFit(
  path: string,
  network: Network,
  tensors: SafetensorsHeader['tensors'],
  slots: readonly SlotName[],
): void {
  const named = (slots: readonly SlotName[]) =>
    new Map<string, Parameter | StateTensor>([
      ...network.weights.map((w) => [w.name, w] as const),
      ...slots.flatMap((slot) => tensorsOf(slot, network).map((w) => [slotTensor(slot, w), w] as const)),
    ]);
  const known = named(allSlots);
  const needed = [...named(slots).keys()];
  const names = [...tensors].filter(([name]) => !isCounter(name, known));
  const faults = [
    ...names.flatMap(([name, entry]) => {
      const parameter = known.get(name);
      return parameter === undefined
        ? `${name} is not in this network`
        : (faultOf(name, parameter, entry) ?? []);
    }),
    ...needed.filter((name) => !tensors.has(name)).map((name) => `${name} is missing`),
  ];
  if (faults.length === 0) return;
  const lines = faults.map((fault) => `  ${fault}`);
  throw new UserError(
    `${path} does not fit the config's network:\n${listed(lines, shownFaults)}`,
    ExitCode.usage,
    { path },
  );
}

/** PyTorch's count of the steps that a batch norm has seen, of which nothing here depends. */
export const isCounter = (name: string, known: ReadonlyMap<string, unknown>): boolean =>
  name.endsWith('.num_batches_tracked') && known.has(name.replace(/[^.]*$/, 'running_mean'));

function faultOf(name: string, p: Parameter | StateTensor, entry: TensorEntry): string | undefined {
  if (entry.dtype !== 'F32' && entry.dtype !== 'F64')
    return `${name} is ${entry.dtype}; F32 or F64 is needed`;
  if (entry.shape.join() === p.shape.join()) return undefined;
  return `${name} is ${showShape(entry.shape)}; this network needs ${showShape(p.shape)}`;
}

/** Put weights in the place of the engine's. */
export function setWeights(engine: Engine, weights: Weights): void {
  for (const [i, w] of engine.network.weights.entries()) engine.tensors.weight(w).set(weights[i]!);
  engine.changed();
}

/** Put weights in the place of those that evaluations judge. */
export function setModelWeights(engine: Engine, weights: Weights): void {
  for (const [i, w] of engine.network.weights.entries()) engine.tensors.modelWeight(w).set(weights[i]!);
  engine.changed();
}

/** SHA-256 (hex) of the model's weights: little-endian float32, tensor after tensor, in the network's order. */
export function hashWeights(engine: Engine): string {
  const hash = createHash('sha256');
  for (const weight of engine.network.weights) {
    const values = engine.tensors.modelWeight(weight);
    hash.update(bytesOf(values));
  }
  return hash.digest('hex');
}

import type { OptimizerConfig } from '../config/schema.js';
import { ExitCode, UserError } from '../errors.js';
import type { Network } from '../graph/network.js';
import { numericsVersion } from '../numerics/version.js';
import type { Engine } from '../runtime/engine.js';
import { slotsOf } from '../runtime/optimizers/rules.js';
import { allSlots, type SlotName, tensorsOf } from '../runtime/optimizers/slots.js';
import type { SafetensorsHeader, Tensor } from '../tensors/safetensors.js';
import { readSealed, writeSealed } from '../tensors/sealed.js';
import { fitsTo, setWeights, slotTensor, tensorOf, type Weights, weightsIn } from './weights.js';

/** Weights and the optimizer's slots at one moment, copied: training may go on while they are written. */
export type Snapshot = ReadonlyMap<string, Tensor>;

export function takeSnapshot(engine: Engine): Snapshot {
  const { network, tensors } = engine;
  return new Map([
    ...network.weights.map((w) => [w.name, tensorOf(w, tensors.weight(w).slice())] as const),
    ...tensors.slots.flatMap((slot) =>
      tensorsOf(slot, network).map(
        (w) => [slotTensor(slot, w), tensorOf(w, tensors.slot(slot, w).slice())] as const,
      ),
    ),
  ]);
}

/** The weights of the model alone. */
export const takeModel = (engine: Engine): Snapshot =>
  new Map(engine.network.weights.map((w) => [w.name, tensorOf(w, engine.tensors.modelWeight(w).slice())]));

/** Write all that a resume needs; `metadata` says where the training stands. */
export function writeCheckpoint(
  path: string,
  snapshot: Snapshot,
  metadata: Readonly<Record<string, string>>,
  beforeNamed: () => void,
): void {
  writeSealed(path, snapshot, { ...metadata, numericsVersion: String(numericsVersion) }, beforeNamed);
}

export interface Checkpoint {
  readonly weights: Weights;
  /** By the slots' names. */
  readonly slots: ReadonlyMap<SlotName, Weights>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** @throws UserError where the file is damaged, does not fit network and optimizer, or was made by other arithmetic */
export function readCheckpoint(path: string, network: Network, optimizer: OptimizerConfig): Checkpoint {
  const slots = slotsOf(optimizer);
  const check = (header: SafetensorsHeader) => {
    requireSlots(path, network, header, optimizer);
    fitsTo(path, network, slots)(header);
  };
  const { tensors, metadata } = readSealed(path, { check, links: false });
  const version = metadata['numericsVersion'];
  if (version !== String(numericsVersion)) {
    throw new UserError(
      `${path} was made with numerics version ${version ?? 'unknown'}, and this is version ${numericsVersion}: going on would give other ` +
        'bits than a training that was never interrupted. Take its weights with --init, or the lockstep that made it',
      ExitCode.usage,
      { path },
    );
  }
  return {
    weights: weightsIn(tensors, network),
    slots: new Map(slots.map((slot) => [slot, weightsIn(tensors, network, slot)])),
    metadata,
  };
}

/** @throws UserError (exit code usage) where it holds what another optimizer keeps */
function requireSlots(
  path: string,
  { parameters }: Network,
  { tensors }: SafetensorsHeader,
  optimizer: OptimizerConfig,
): void {
  const slots = slotsOf(optimizer);
  const foreign = allSlots.filter(
    (slot) => !slots.includes(slot) && parameters.some((p) => tensors.has(slotTensor(slot, p))),
  );
  if (foreign.length === 0) return;
  throw new UserError(
    `${path} is of another optimizer: it holds ${foreign.join(' and ')}, where ${optimizer.type} keeps ${slots.join(' and ')}. ` +
      `Change the config's optimizer back, or start a new run with --init ${path}`,
    ExitCode.usage,
    { path },
  );
}

/** Put a checkpoint in the place of the engine's weights and slots. */
export function restore(engine: Engine, { weights, slots }: Checkpoint): void {
  setWeights(engine, weights);
  for (const [slot, values] of slots)
    for (const [i, w] of tensorsOf(slot, engine.network).entries())
      engine.tensors.slot(slot, w).set(values[i]!);
  engine.changed();
}

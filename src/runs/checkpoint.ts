import { ExitCode, UserError } from '../errors.js';
import type { Network } from '../graph/network.js';
import type { Tensor } from '../tensors/safetensors.js';
import { readSealed, writeSealed } from '../tensors/sealed.js';
import type { Engine } from '../runtime/engine.js';
import { numericsVersion } from '../numerics/version.js';
import { fitsTo, setWeights, tensorOf, velocityPrefix, type Weights, weightsIn } from './weights.js';

/** Weights and the optimizer's velocities at one moment, copied: training may go on while they are written. */
export type Snapshot = ReadonlyMap<string, Tensor>;

export function takeSnapshot(engine: Engine): Snapshot {
  return new Map(
    engine.network.parameters.flatMap((p) => [
      [p.name, tensorOf(p, engine.parameter(p).slice())] as const,
      [velocityPrefix + p.name, tensorOf(p, engine.velocity(p).slice())] as const,
    ]),
  );
}

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
  readonly velocities: Weights;
  readonly metadata: Readonly<Record<string, string>>;
}

/** @throws UserError where the file is damaged, does not fit the network, or was made by other arithmetic */
export function readCheckpoint(path: string, network: Network): Checkpoint {
  const check = fitsTo(path, network, ['', velocityPrefix]);
  const { tensors, metadata } = readSealed(path, { check, links: false });
  const version = metadata['numericsVersion'];
  if (version !== String(numericsVersion)) {
    throw new UserError(
      `${path} was made with numerics version ${version ?? 'unknown'}, and this is version ${numericsVersion}: going on would give other ` +
        'bits than a training that was never interrupted. Take its weights with --init, or the lockstep that made it',
      ExitCode.usage,
    );
  }
  return {
    weights: weightsIn(tensors, network),
    velocities: weightsIn(tensors, network, velocityPrefix),
    metadata,
  };
}

/** Put a checkpoint in the place of the engine's weights and velocities. */
export function restore(engine: Engine, { weights, velocities }: Checkpoint): void {
  setWeights(engine, weights);
  for (const [i, p] of engine.network.parameters.entries()) engine.velocity(p).set(velocities[i]!);
}

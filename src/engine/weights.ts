import { createHash } from 'node:crypto';
import { ExitCode, listed, UserError } from '../errors.js';
import type { Network, Parameter } from '../model/network.js';
import { showShape } from '../model/shape.js';
import { readSafetensorsHeader, readTensor, type Tensor, writeSafetensors } from '../tensors/safetensors.js';
import type { Engine } from './engine.js';
import { numericsVersion } from './numerics.js';

/** Weights and checkpoints as safetensors files, with PyTorch's names and layouts. */

const velocityPrefix = 'velocity.';
/** As many parameters that do not fit are named; the rest is counted. */
const shownFaults = 20;

const tensorOf = (p: Parameter, data: Float32Array): Tensor => ({ dtype: 'F32', shape: p.shape, data });

/** Write the weights alone: what `model.load_state_dict(safetensors.torch.load_file(path))` reads. */
export function saveWeights(path: string, engine: Engine, metadata: Readonly<Record<string, string>>): void {
  const tensors = engine.network.parameters.map((p) => [p.name, tensorOf(p, engine.parameter(p))] as const);
  writeSafetensors(path, new Map(tensors), { format: 'pt', ...metadata });
}

/** Write all that a resume needs: weights, the optimizer's velocities, and the epochs done. */
export function saveCheckpoint(
  path: string,
  engine: Engine,
  epoch: number,
  metadata: Readonly<Record<string, string>>,
): void {
  const tensors = engine.network.parameters.flatMap((p) => [
    [p.name, tensorOf(p, engine.parameter(p))] as const,
    [velocityPrefix + p.name, tensorOf(p, engine.velocity(p))] as const,
  ]);
  writeSafetensors(path, new Map(tensors), {
    ...metadata,
    epoch: String(epoch),
    numericsVersion: String(numericsVersion),
  });
}

/** Values of each parameter, in the network's order. */
export type Weights = readonly (Float32Array | Float64Array)[];

/**
 * The weights in a safetensors file; a checkpoint's velocities are left aside.
 * @throws UserError that lists every parameter that is missing, not known, or of another shape
 */
export function readWeights(path: string, network: Network): Weights {
  // The header first: nothing is read of a file that is another network's, however large.
  const { tensors } = readSafetensorsHeader(path);
  const faults: string[] = [];
  const known = new Set(network.parameters.map((p) => p.name));
  for (const name of tensors.keys()) {
    if (!known.has(name) && !name.startsWith(velocityPrefix)) faults.push(`${name} is not in this network`);
  }
  const found = network.parameters.map((p) => {
    const tensor = tensors.get(p.name);
    if (tensor === undefined) faults.push(`${p.name} is missing`);
    else if (tensor.dtype !== 'F32' && tensor.dtype !== 'F64') {
      faults.push(`${p.name} is ${tensor.dtype}; F32 or F64 is needed`);
    } else if (tensor.shape.join() !== p.shape.join()) {
      faults.push(`${p.name} is ${showShape(tensor.shape)}; this network needs ${showShape(p.shape)}`);
    }
    return tensor;
  });
  if (faults.length > 0) {
    throw new UserError(
      `${path} does not fit the config's network:\n${listed(
        faults.map((fault) => `  ${fault}`),
        shownFaults,
      )}`,
      ExitCode.usage,
    );
  }
  return found.map((entry) => readTensor(path, entry!).data as Float32Array | Float64Array);
}

/** Put weights in the place of the engine's. */
export function setWeights(engine: Engine, weights: Weights): void {
  for (const [i, p] of engine.network.parameters.entries()) engine.parameter(p).set(weights[i]!);
}

/** SHA-256 (hex) of the weights: little-endian float32, parameter after parameter, in the network's order. */
export function hashWeights(engine: Engine): string {
  const hash = createHash('sha256');
  for (const p of engine.network.parameters) {
    const values = engine.parameter(p);
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest('hex');
}

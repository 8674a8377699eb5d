import { createHash } from 'node:crypto';
import { ExitCode, UserError } from '../errors.js';
import type { Network, Parameter } from '../model/network.js';
import { showShape } from '../model/shape.js';
import type { Tensor } from '../tensors/safetensors.js';
import { readSealed, writeSealed } from '../tensors/sealed.js';
import type { Engine } from './engine.js';

/** Weights as safetensors files, with PyTorch's names and layouts. */

/** Of the optimizer's velocities in a checkpoint. */
export const velocityPrefix = 'velocity.';

export const tensorOf = (p: Parameter, data: Float32Array): Tensor => ({
  dtype: 'F32',
  shape: p.shape,
  data,
});

/** Write the weights alone: what `model.load_state_dict(safetensors.torch.load_file(path))` reads. */
export function saveWeights(path: string, engine: Engine, metadata: Readonly<Record<string, string>>): void {
  const tensors = engine.network.parameters.map((p) => [p.name, tensorOf(p, engine.parameter(p))] as const);
  writeSealed(path, new Map(tensors), { format: 'pt', ...metadata });
}

/** Values of each parameter, in the network's order. */
export type Weights = readonly (Float32Array | Float64Array)[];

/**
 * The weights in a safetensors file; a checkpoint's velocities are left aside.
 * @throws UserError that lists every parameter that is missing, not known, or of another shape
 */
export function readWeights(path: string, network: Network): Weights {
  return weightsIn(path, readSealed(path).tensors, network);
}

/** The tensors of a file that are the network's parameters, by their names behind `prefix`. */
export function weightsIn(
  path: string,
  tensors: ReadonlyMap<string, Tensor>,
  network: Network,
  prefix = '',
): Weights {
  const faults: string[] = [];
  const known = new Set(network.parameters.flatMap((p) => [p.name, velocityPrefix + p.name]));
  for (const name of tensors.keys()) {
    if (!known.has(name)) faults.push(`${name} is not in this network`);
  }
  const found = network.parameters.map((p) => {
    const name = prefix + p.name;
    const tensor = tensors.get(name);
    if (tensor === undefined) faults.push(`${name} is missing`);
    else if (tensor.dtype !== 'F32' && tensor.dtype !== 'F64') {
      faults.push(`${name} is ${tensor.dtype}; F32 or F64 is needed`);
    } else if (tensor.shape.join() !== p.shape.join()) {
      faults.push(`${name} is ${showShape(tensor.shape)}; this network needs ${showShape(p.shape)}`);
    }
    return tensor?.data as Float32Array | Float64Array;
  });
  if (faults.length > 0) {
    throw new UserError(
      `${path} does not fit the config's network:\n  ${faults.join('\n  ')}`,
      ExitCode.usage,
    );
  }
  return found;
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

import { createHash } from 'node:crypto';
import { ExitCode, UserError } from '../errors.js';
import {
  bytesOf,
  readSafetensors,
  type Tensor,
  type TensorReading,
  writeSafetensors,
} from './safetensors.js';

/** Safetensors files with a SHA-256 of their content in the metadata, which detects a changed bit. */

const sealName = 'sha256';
const mostHashed = 2 ** 30;

type Tensors = ReadonlyMap<string, Tensor>;
type Metadata = Readonly<Record<string, string>>;

/** As `writeSafetensors`, and adds the hash. */
export function writeSealed(
  path: string,
  tensors: Tensors,
  metadata: Metadata,
  beforeNamed?: () => void,
): void {
  writeSafetensors(path, tensors, { ...metadata, [sealName]: sealOf(tensors, metadata) }, beforeNamed);
}

/**
 * Reads the whole file. A file without a hash, written by another program, is accepted.
 * @throws UserError (exit code data) where the hash does not match
 */
export function readSealed(
  path: string,
  reading: TensorReading = {},
): { readonly metadata: Metadata; readonly tensors: Tensors } {
  const { metadata, tensors } = readSafetensors(path, reading);
  const { [sealName]: seal, ...content } = metadata;
  if (seal !== undefined && seal !== sealOf(tensors, content)) {
    throw new UserError(
      `${path} is damaged: its SHA-256 is not the one that it was written with; take another copy of it`,
      ExitCode.data,
      { path },
    );
  }
  return { metadata: content, tensors };
}

function sealOf(tensors: Tensors, metadata: Metadata): string {
  const byName = <T>(entries: Iterable<[string, T]>) => [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  const hash = createHash('sha256').update(JSON.stringify(byName(Object.entries(metadata))));
  for (const [name, { dtype, shape, data }] of byName(tensors.entries())) {
    hash.update(JSON.stringify([name, dtype, shape]));
    const bytes = bytesOf(data);
    // `update` takes less than 2 GiB at a time.
    for (let at = 0; at < bytes.length; at += mostHashed) hash.update(bytes.subarray(at, at + mostHashed));
  }
  return hash.digest('hex');
}

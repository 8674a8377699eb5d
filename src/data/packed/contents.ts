import { createHash } from 'node:crypto';
import { bytesOf, readTensor, type SafetensorsHeader } from '../../tensors/safetensors.js';

/**
 * SHA-256 (hex) of all of a packed file but its samples, which the checksums in it cover: what the header says beside this
 * hash, identities, labels and checksums.
 */
export function contentsOf(path: string, { metadata, tensors }: SafetensorsHeader): string {
  const { contents: _, ...said } = metadata;
  const hash = createHash('sha256');
  hash.update(JSON.stringify([said, [...tensors]]));
  for (const [name, entry] of tensors) {
    if (!name.endsWith('.samples')) hash.update(bytesOf(readTensor(path, entry).data));
  }
  return hash.digest('hex');
}

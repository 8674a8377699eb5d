import { join } from 'node:path';
import { withFile } from '../../files/open-file.js';
import { counted, dataError } from '../faults.js';
import { readInto } from './bytes.js';
import { unzipped } from './gunzip.js';

/** Reads a file in the IDX format: a magic number and the sizes, uint32 big-endian, then the values. */

/** A checked file. For a gzipped file, the path is that of the unzipped one. */
export interface IdxFile {
  readonly path: string;
  readonly sizes: readonly number[];
}

/** Throws a UserError where the file does not hold unsigned bytes in `dimensions` dimensions, or its size differs from the header's. */
export async function openIdx(
  dir: string,
  file: string,
  dimensions: number,
  cache: string,
): Promise<IdxFile> {
  const original = join(dir, file);
  const bytes = headerBytes(dimensions);
  const sizesIn = (header: Buffer) => parseHeader(original, header, dimensions);
  const path = file.endsWith('.gz')
    ? await unzipped(original, cache, bytes, (header) => bytes + product(sizesIn(header)))
    : original;
  return withFile(path, (handle, size) => {
    const header = Buffer.alloc(Math.min(bytes, size));
    readInto(path, handle, header, 0);
    const sizes = sizesIn(header);
    const expected = bytes + product(sizes);
    if (size === expected) return { path, sizes };
    throw dataError(
      `${path}: found ${counted(size, 'byte')}, expected ${counted(expected, 'byte')} by its header (${sizes.join(' x ')}).`,
      path,
    );
  });
}

/** Byte offset of the values. */
export const headerBytes = (dimensions: number) => 4 + 4 * dimensions;
const product = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1);

/** The sizes in a header. */
function parseHeader(path: string, header: Buffer, dimensions: number): number[] {
  const expected = 0x800 + dimensions;
  const magic = header.length < headerBytes(dimensions) ? undefined : header.readUInt32BE(0);
  if (magic !== expected) {
    const found =
      magic === undefined ? counted(header.length, 'byte') : `0x${magic.toString(16).padStart(8, '0')}`;
    throw dataError(
      `${path}: found ${found} where its magic number is, expected 0x${expected.toString(16).padStart(8, '0')}: ` +
        `unsigned bytes in ${counted(dimensions, 'dimension')}.`,
      path,
    );
  }
  const sizes = Array.from({ length: dimensions }, (_, i) => header.readUInt32BE(4 + 4 * i));
  if (product(sizes) === 0)
    throw dataError(`${path}: its header says ${sizes.join(' x ')}; expected some.`, path);
  return sizes;
}

/** The values of a one-dimensional file. */
export function readBytes(path: string, count: number): Uint8Array {
  const labels = new Uint8Array(count);
  withFile(path, (file) => readInto(path, file, labels, headerBytes(1)));
  return labels;
}

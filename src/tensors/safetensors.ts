import { ExitCode, UserError } from '../errors.js';
import { withFile } from '../files/open-file.js';
import type { Opening } from '../files/opening.js';
import { readFully } from '../files/transfer.js';
import { WholeFile } from '../files/whole-file.js';
import {
  type Dtype,
  dtypeBytes,
  faultIn,
  maxHeaderBytes,
  parseHeader,
  type SafetensorsHeader,
  type TensorEntry,
} from './safetensors-header.js';

/** Reads and writes safetensors files. For little-endian machines only, as all that Node runs on are. */

export type { Dtype, SafetensorsHeader, TensorEntry } from './safetensors-header.js';

type TensorData =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

export interface Tensor {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** The typed array of each dtype. Node 20 has none for 16-bit floats: their bit patterns are read as uint16. */
const arrays = {
  BOOL: Uint8Array,
  U8: Uint8Array,
  I8: Int8Array,
  U16: Uint16Array,
  I16: Int16Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  U32: Uint32Array,
  I32: Int32Array,
  F32: Float32Array,
  U64: BigUint64Array,
  I64: BigInt64Array,
  F64: Float64Array,
} satisfies Record<Dtype, unknown>;

/** Alignment of the data's first byte, so that a memory-mapped file suits SIMD loads and cache lines. */
const dataAlignment = 64;

/** Reads and checks only the header. A wrong header is refused before memory is allocated by its sizes. */
export function readSafetensorsHeader(path: string, opening: Opening = {}): SafetensorsHeader {
  return withFile(path, (file, size) => readHeader(path, file, size), opening);
}

/** Reads one tensor, by its entry from `readSafetensorsHeader`. */
export function readTensor(path: string, entry: TensorEntry): Tensor {
  return withFile(path, (file) => readEntry(path, file, entry));
}

export interface TensorReading extends Opening {
  /** Checks the header before any data is read; throws where it is not the expected one. */
  readonly check?: (header: SafetensorsHeader) => void;
}

/** Reads the whole file. */
export function readSafetensors(
  path: string,
  { check, ...opening }: TensorReading = {},
): {
  metadata: Readonly<Record<string, string>>;
  tensors: Map<string, Tensor>;
} {
  const use = (file: number, size: number) => {
    const header = readHeader(path, file, size);
    check?.(header);
    const tensors = new Map<string, Tensor>();
    for (const [name, entry] of header.tensors) tensors.set(name, readEntry(path, file, entry));
    return { metadata: header.metadata, tensors };
  };
  return withFile(path, use, opening);
}

/**
 * Writes a file atomically: a reader, or a restart after a crash, finds the old file or the new one.
 * @param beforeNamed called when everything is written, before the file gets its name; if it throws, the file is removed
 * @throws UserError (exit code environment) where the file cannot be written
 */
export function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
  beforeNamed = () => {},
): void {
  const writer = new SafetensorsWriter(path, tensors, metadata);
  try {
    for (const [name, { data }] of tensors) writer.append(name, bytesOf(data));
    beforeNamed();
    writer.commit();
  } finally {
    writer.abort();
  }
}

export type TensorShapes = ReadonlyMap<string, { readonly dtype: Dtype; readonly shape: readonly number[] }>;

/**
 * Lays out a file with these tensors: `head` is the bytes before the data, at least `room` of them, and `places` is where each tensor
 * lies in the file.
 */
export function layOut(
  tensors: TensorShapes,
  metadata: Readonly<Record<string, string>>,
  room = 0,
): { head: Uint8Array; places: Map<string, { begin: number; bytes: number }>; end: number } {
  // The widest elements come first: every tensor then begins at a multiple of its element's size, without gaps.
  const order = [...tensors].sort(([, a], [, b]) => dtypeBytes[b.dtype] - dtypeBytes[a.dtype]);
  const header: Record<string, unknown> = { __metadata__: metadata };
  const places = new Map<string, { begin: number; bytes: number }>();
  let end = 0;
  for (const [name, { dtype, shape }] of order) {
    const bytes = shape.reduce((product, size) => product * size, dtypeBytes[dtype]);
    places.set(name, { begin: end, bytes });
    header[name] = { dtype, shape, data_offsets: [end, end + bytes] };
    end += bytes;
  }
  const json = Buffer.from(JSON.stringify(header));
  const dataBegin = Math.ceil(Math.max(room, 8 + json.length) / dataAlignment) * dataAlignment;
  for (const place of places.values()) place.begin += dataBegin;
  const head = Buffer.alloc(dataBegin, ' ');
  head.writeBigUInt64LE(BigInt(dataBegin - 8), 0);
  json.copy(head, 8);
  return { head, places, end: dataBegin + end };
}

/** The bytes of a typed array, not copied. */
export function bytesOf(data: TensorData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/**
 * Writes a file that need not fit in memory: the shapes first, then each tensor's bytes in pieces.
 *
 * Nothing exists at `path` before `commit`. End with `commit` or `abort`; `abort` after `commit` does nothing.
 * System errors are thrown as UserErrors (exit code environment).
 */
export class SafetensorsWriter {
  readonly #path: string;
  readonly #file: WholeFile;
  readonly #places = new Map<string, { at: number; end: number }>();

  constructor(path: string, tensors: TensorShapes, metadata: Readonly<Record<string, string>> = {}) {
    const { head, places } = layOut(tensors, metadata);
    for (const [name, { begin, bytes }] of places) this.#places.set(name, { at: begin, end: begin + bytes });
    this.#path = path;
    this.#file = new WholeFile(path);
    try {
      this.#file.write(head, 0);
    } catch (error) {
      this.#file.abort();
      throw error;
    }
  }

  /** Appends bytes to a tensor. */
  append(name: string, bytes: Uint8Array): void {
    const place = this.#places.get(name);
    if (place === undefined || place.at + bytes.length > place.end) {
      throw new Error(
        `${bytes.length} bytes for tensor ${name} of ${this.#path}, which has no room for them`,
      );
    }
    this.#file.write(bytes, place.at);
    place.at += bytes.length;
  }

  /** Flushes, and gives the file its name. */
  commit(): void {
    for (const [name, { at, end }] of this.#places) {
      if (at !== end) throw new Error(`tensor ${name} of ${this.#path} lacks ${end - at} bytes`);
    }
    this.#file.commit();
  }

  /** Removes what was written. */
  abort(): void {
    this.#file.abort();
  }
}

function readHeader(path: string, file: number, fileBytes: number): SafetensorsHeader {
  const prefix = Buffer.alloc(8);
  if (!readFully(file, prefix, 0)) throw faultIn(path, `${fileBytes} bytes`, 'at least 8');
  const length = prefix.readBigUInt64LE(0);
  const most = Math.min(maxHeaderBytes, fileBytes - 8);
  if (length > BigInt(most)) throw faultIn(path, `a header of ${length} bytes`, `at most ${most}`);
  const json = Buffer.alloc(Number(length));
  if (!readFully(file, json, 8)) throw faultIn(path, 'a file that became shorter', 'one that nobody changes');
  return parseHeader(path, json, 8 + json.length, fileBytes);
}

function readEntry(path: string, file: number, entry: TensorEntry): Tensor {
  const data = allocate(path, entry);
  if (!readFully(file, bytesOf(data), entry.begin)) {
    throw faultIn(path, 'a file that became shorter', 'one that nobody changes');
  }
  return { dtype: entry.dtype, shape: entry.shape, data };
}

function allocate(path: string, { dtype, bytes }: TensorEntry): TensorData {
  try {
    return new arrays[dtype](bytes / dtypeBytes[dtype]);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UserError(
      `${path}: a tensor of ${bytes} bytes does not fit in memory; give a file of smaller ones, or take a machine with more`,
      ExitCode.environment,
      { cause: error, path },
    );
  }
}

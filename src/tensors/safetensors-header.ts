import { ExitCode, UserError } from '../errors.js';

/**
 * Parses and checks the header of a safetensors file.
 *
 * Format (https://huggingface.co/docs/safetensors): a u64 little-endian header length n, n bytes of JSON, the data.
 * The JSON maps a tensor's name to `{dtype, shape, data_offsets: [begin, end]}`, offsets counted from the data's
 * first byte, and `__metadata__` to strings.
 */

/** Bytes per element of every dtype of the format. */
export const dtypeBytes = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8,
} as const;

export type Dtype = keyof typeof dtypeBytes;

export interface TensorEntry {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Byte offset in the file. */
  readonly begin: number;
  /** Size in bytes. */
  readonly bytes: number;
}

export interface SafetensorsHeader {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, TensorEntry>;
}

/** The format's limit. A longer header means another kind of file, or an attempt to exhaust memory. */
export const maxHeaderBytes = 100_000_000;

/** Nesting limit; the format needs three levels. */
const deepest = 16;
/** Limit of objects, arrays and members: room for 190,000 tensors. Each takes some 50 bytes; a full heap would end the process. */
const mostValues = 2 ** 21;

/** An error that names the file, what was found, and what was expected. */
export function faultIn(path: string, found: string, expected: string): UserError {
  return new UserError(
    `${path}: not a valid safetensors file: found ${found}, expected ${expected}.`,
    ExitCode.data,
    { path },
  );
}

/**
 * Parses a header's JSON. `dataBegin` and `fileBytes` are byte offsets in the file; every tensor must lie between them.
 * Throws a UserError at the first fault.
 */
export function parseHeader(
  path: string,
  bytes: Uint8Array,
  dataBegin: number,
  fileBytes: number,
): SafetensorsHeader {
  refuseExcess(path, bytes);
  const json = parseObject(path, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'));
  const metadata: Record<string, string> = {};
  const tensors = new Map<string, TensorEntry>();
  for (const [name, value] of Object.entries(json)) {
    if (!isObject(value)) throw faultIn(path, `${show(value)} at ${show(name)}`, 'an object');
    if (name === '__metadata__') {
      for (const [key, entry] of Object.entries(value)) {
        if (typeof entry !== 'string')
          throw faultIn(path, `${show(entry)} at __metadata__.${key}`, 'a string');
        metadata[key] = entry;
      }
    } else tensors.set(name, parseEntry(path, name, value, dataBegin, fileBytes));
  }
  refuseOverlap(path, tensors);
  return { metadata, tensors };
}

function parseEntry(
  path: string,
  name: string,
  value: Record<string, unknown>,
  dataBegin: number,
  fileBytes: number,
): TensorEntry {
  const at = `of tensor ${show(name)}`;
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string' || !Object.hasOwn(dtypeBytes, dtype)) {
    throw faultIn(path, `dtype ${show(dtype)} ${at}`, `one of ${Object.keys(dtypeBytes).join(', ')}`);
  }
  if (!isSizes(shape)) throw faultIn(path, `shape ${show(shape)} ${at}`, 'an array of integers of 0 or more');
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!) {
    throw faultIn(path, `data_offsets ${show(offsets)} ${at}`, '[begin, end] with begin <= end');
  }
  const [begin, end] = offsets as [number, number];
  if (dataBegin + end > fileBytes) {
    throw faultIn(
      path,
      `data_offsets ${show(offsets)} ${at}`,
      `an end of at most ${fileBytes - dataBegin}, the bytes of data that the file holds (is it cut short?)`,
    );
  }
  const bytes = shape.reduce((product, size) => product * size, dtypeBytes[dtype as Dtype]);
  if (!Number.isSafeInteger(bytes) || bytes !== end - begin) {
    throw faultIn(
      path,
      `${end - begin} bytes of data ${at}`,
      `${bytes} for ${dtype} of shape ${show(shape)}`,
    );
  }
  return { dtype: dtype as Dtype, shape, begin: dataBegin + begin, bytes };
}

function refuseOverlap(path: string, tensors: ReadonlyMap<string, TensorEntry>): void {
  const byBegin = [...tensors].filter(([, t]) => t.bytes > 0).sort(([, a], [, b]) => a.begin - b.begin);
  for (let i = 1; i < byBegin.length; i++) {
    const [before, a] = byBegin[i - 1]!;
    const [name, b] = byBegin[i]!;
    if (b.begin < a.begin + a.bytes) {
      throw faultIn(path, `overlapping data of tensors ${show(before)} and ${show(name)}`, 'data of its own');
    }
  }
}

function parseObject(path: string, text: string): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw faultIn(path, `a header that is not JSON (${(error as Error).message})`, 'a JSON object');
  }
  refuseUnusualKeys(path, text);
  if (!isObject(json)) throw faultIn(path, `a header that is ${show(json)}`, 'a JSON object');
  return json;
}

const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];
const opening = new Set([0x5b, 0x7b]);
const closing = new Set([0x5d, 0x7d]);

/** Refuses a header that could exhaust memory or stack while it is parsed. Other faults are left to the parser. */
function refuseExcess(path: string, bytes: Uint8Array): void {
  let depth = 0;
  let values = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === quote) {
      for (at++; at < bytes.length && bytes[at] !== quote; at++) if (bytes[at] === backslash) at++;
    } else if (opening.has(byte)) {
      values++;
      if (++depth > deepest) throw faultIn(path, `a header that nests more than ${deepest} deep`, 'one of 3');
    } else if (closing.has(byte)) depth--;
    else if (byte === comma) values++;
    if (values > mostValues) throw faultIn(path, `a header of more than ${mostValues} values`, 'fewer');
  }
}

/**
 * Refuses `text` (valid JSON) where an object has a repeated key. JSON.parse silently keeps the last one, so two readers of the same file
 * could see different tensors.
 */
function refuseUnusualKeys(path: string, text: string): void {
  const open: Set<string>[] = [];
  // Not by a regular expression, which fails for strings of many megabytes.
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]!;
    if (letter === '{' || letter === '[') {
      open.push(new Set());
    } else if (letter === '}' || letter === ']') open.pop();
    else if (letter === '"') {
      const begin = at;
      at = endOfString(text, begin);
      if (!isFollowedByColon(text, at)) continue;
      const key = JSON.parse(text.slice(begin, at + 1)) as string;
      const keys = open.at(-1)!;
      if (keys.has(key)) throw faultIn(path, `the name ${show(key)} twice in the header`, 'it once');
      keys.add(key);
    }
  }
}

/** The index of the quote that ends the string beginning at `begin`. */
function endOfString(text: string, begin: number): number {
  for (let at = text.indexOf('"', begin + 1); ; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text[at - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return at;
  }
}

function isFollowedByColon(text: string, end: number): boolean {
  let at = end + 1;
  while (' \t\n\r'.includes(text[at]!)) at++;
  return text[at] === ':';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

/** A value as an error shows it: JSON, cut to one line. */
function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { Header } from 'tar';
import * as assert from 'uvu/assert';
import type { Patience, RemoteFile } from '#lockstep/data/fetch/download.js';
import { UserError } from '#lockstep/errors.js';

/** A server that misbehaves as a test likes, and archives that no tool would make. */

/** Tries again at once; nothing that a test does not mean to be slow is too slow for it. */
export const impatient: Patience = {
  tries: 3,
  pause: 1,
  connect: 60_000,
  headers: 60_000,
  stall: 60_000,
  least: 0,
  period: 60_000,
};

export interface Served {
  /** With a `/` at its end. */
  readonly base: string;
  /** The `range` header of each request, in order. */
  readonly ranges: (string | undefined)[];
  /** The path of each request. */
  readonly paths: string[];
}

/** Runs `body` with a server on this machine that answers as `listener` does. */
export async function withServer(
  listener: RequestListener,
  body: (served: Served) => Promise<void>,
): Promise<void> {
  const served = { ranges: [] as (string | undefined)[], paths: [] as string[] };
  const server = createServer((request, response) => {
    served.ranges.push(request.headers.range);
    served.paths.push(request.url!);
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await body({ base: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, ...served });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** Answers as a good server does, with a part where one is asked for. */
export function serve(content: Uint8Array, request: IncomingMessage, response: ServerResponse): void {
  const first = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const part = content.subarray(first);
  const headers = { 'content-length': part.length };
  if (first === 0) response.writeHead(200, headers);
  else {
    const range = `bytes ${first}-${content.length - 1}/${content.length}`;
    response.writeHead(206, { ...headers, 'content-range': range });
  }
  response.end(part);
}

/** Sends what `serve` would, but breaks off after `count` bytes of it. */
export function breakOff(content: Uint8Array, count: number, response: ServerResponse): void {
  response.writeHead(200, { 'content-length': content.length });
  response.write(content.subarray(0, count), () => response.destroy());
}

/** Bytes that do not repeat. */
export const noise = (length: number) =>
  Uint8Array.from({ length }, (_, i) => (Math.imul(i + 1, 2654435761) >>> 13) & 255);

export const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');

export const remote = (url: string, content: Uint8Array): RemoteFile => ({
  url,
  bytes: content.length,
  sha256: sha256(content),
});

/** The message of the UserError with this exit code that `body` must throw. */
export async function userFault(exitCode: number, body: () => Promise<unknown>): Promise<string> {
  try {
    await body();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    assert.is(error.exitCode, exitCode, error.message);
    return error.message;
  }
  throw new Error('expected a UserError, found none');
}

export interface TarEntry {
  readonly path: string;
  readonly content?: string | Uint8Array;
  readonly type?: 'File' | 'Directory' | 'SymbolicLink' | 'Link' | 'FIFO';
  readonly linkpath?: string;
}

/** A .tar.gz with these entries, whatever they are. */
export function tarOf(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap(({ path, content = '', type = 'File', linkpath }) => {
    const bytes = Buffer.from(content);
    const header = new Header({
      path,
      type,
      size: bytes.length,
      mode: 0o644,
      ...(linkpath !== undefined && { linkpath }),
    });
    header.encode();
    return [header.block!, bytes, Buffer.alloc(-bytes.length & 511)];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

export interface ZipEntry {
  readonly path: string;
  readonly content?: string | Uint8Array;
  /** What it says of its size, if not the truth. */
  readonly says?: number;
  /** POSIX, with the type of file. */
  readonly mode?: number;
}

/** A .zip with these entries, deflated, whatever they are. By PKWARE's APPNOTE.TXT, 4.3; no checksums. */
export function zipOf(entries: readonly ZipEntry[]): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { path, content = '', says, mode = 0 } of entries) {
    const name = Buffer.from(path);
    const plain = Buffer.from(content);
    const packed = deflateRawSync(plain);
    // Version needed, flags, method, time, date, CRC-32, sizes, lengths of name and extra field.
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(says ?? plain.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, name, packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE((mode << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    central.push(Buffer.from('PK\x01\x02'), Buffer.from([20, 3]), common, tail, name);
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

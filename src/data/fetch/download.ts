import { existsSync, renameSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { UserError } from '../../errors.js';
import { dataError } from '../faults.js';
import { PartFile, sha256Of } from './part-file.js';
import { networkError, request, type StageTimes } from './request.js';

/** A file as its publisher serves it. */
export interface RemoteFile {
  readonly url: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** Timeouts and retries of a download. */
export interface Patience extends StageTimes {
  /** How many tries in a row may bring nothing before the download fails. */
  readonly tries: number;
  /** Pause before the second try, ms; it doubles before each further one. */
  readonly pause: number;
  /** Bytes that must arrive in each `period`, ms. */
  readonly least: number;
  readonly period: number;
}

/** docs/data.md lists these values. */
export const patience: Patience = {
  tries: 6,
  pause: 1000,
  connect: 10_000,
  headers: 15_000,
  stall: 30_000,
  least: 60_000,
  period: 60_000,
};

export interface DownloadEvents {
  /** `done` bytes of the file are there. */
  onProgress?(done: number): void;
  /** A try failed, and there will be another. */
  onRetry?(message: string): void;
}

/** A try that brings at least this many bytes resets the count of tries. */
const gain = 1 << 16;

/**
 * Downloads a file to `path` through `path.part`. After a failure the part stays, and the next call resumes from its end. The file gets
 * its name only when its size and checksum are right. An existing file is checked too.
 *
 * @throws UserError: exit code data where the server has a different file (the part is then removed), environment where the network,
 * the server or the disk fails
 */
export async function download(
  file: RemoteFile,
  path: string,
  waiting: Patience,
  events: DownloadEvents = {},
): Promise<void> {
  const { tries, pause } = waiting;
  if (existsSync(path)) {
    if ((await sha256Of(path)) === file.sha256) return;
    rmSync(path); // it was damaged after an earlier download
  }
  const part = `${path}.part`;
  const into = new PartFile(part);
  try {
    if (into.size > file.bytes) into.restart();
    for (let failed = 0; into.size < file.bytes; ) {
      const before = into.size;
      try {
        await receive(file, into, waiting, events);
      } catch (error) {
        if (error instanceof UserError) throw error;
        const why = reasonOf(error);
        failed = into.size - before >= gain ? 1 : failed + 1;
        if (failed >= tries) throw gaveUp(file, into, tries, why);
        const ms = pause * 2 ** (failed - 1);
        events.onRetry?.(`${file.url}: ${why}; going on in ${ms / 1000} s (try ${failed + 1} of ${tries})`);
        await wait(ms);
      }
    }
    into.flush();
  } finally {
    into.close();
  }
  await verify(file, part);
  renameSync(part, path);
}

/** One try, which resumes at the end of the part file. */
async function receive(
  file: RemoteFile,
  into: PartFile,
  times: Patience,
  { onProgress }: DownloadEvents,
): Promise<void> {
  const range: Record<string, string> = into.size > 0 ? { range: `bytes=${into.size}-` } : {};
  const response = await request(file.url, range, times);
  let watch: NodeJS.Timeout | undefined;
  try {
    begin(response, file, into);
    watch = requireRate(response, into, times);
    onProgress?.(into.size);
    for await (const chunk of response as AsyncIterable<Buffer>) {
      if (into.size + chunk.length > file.bytes) throw otherFile(file, into, `more than ${file.bytes} bytes`);
      into.append(chunk);
      onProgress?.(into.size);
    }
  } finally {
    clearInterval(watch);
    response.destroy();
  }
  if (into.size < file.bytes) throw new Error(`the connection ended after ${into.size} bytes`);
}

/** Fails a body that arrives too slowly: a few bytes now and then would keep a stalled connection alive for ever. */
function requireRate(response: IncomingMessage, into: PartFile, { least, period }: Patience): NodeJS.Timeout {
  let before = into.size;
  return setInterval(() => {
    const received = into.size - before;
    before = into.size;
    if (received >= least) return;
    response.destroy(new Error(`${received} bytes came in ${period / 1000} s, expected ${least} or more`));
  }, period);
}

/** Makes `into` end where the body of `response` begins. Throws an Error where a retry may help. */
function begin(response: IncomingMessage, file: RemoteFile, into: PartFile): void {
  const { statusCode: status = 0, statusMessage, headers } = response;
  if (status === 200) {
    // The server ignored the range and sends the whole file.
    into.restart();
    const length = headers['content-length'] ?? file.bytes;
    if (Number(length) !== file.bytes) throw otherFile(file, into, `${length} bytes`);
  } else if (status === 206) {
    const [, first, size] = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers['content-range'] ?? '') ?? [];
    if (size !== undefined && Number(size) !== file.bytes) throw otherFile(file, into, `${size} bytes`);
    if (size === undefined || Number(first) !== into.size) {
      into.restart();
      throw new Error(`asked for another part, the server sent ${JSON.stringify(headers['content-range'])}`);
    }
  } else {
    const answer = `the server answered ${status} ${statusMessage}`;
    // The part may be longer than the server's file; the retry asks for the whole file and finds out.
    if (status === 416) into.restart();
    if (status === 416 || status === 408 || status === 429 || status >= 500) throw new Error(answer);
    throw networkError(`${file.url}: ${answer}. Give another address with --from.`);
  }
}

async function verify(file: RemoteFile, part: string): Promise<void> {
  const actual = await sha256Of(part);
  if (actual === file.sha256) return;
  rmSync(part, { force: true });
  throw dataError(
    `${file.url}: found SHA-256 ${actual}, expected ${file.sha256}: damaged, or another file. It is removed; ` +
      'run the command again, or give another address with --from.',
    file.url,
  );
}

function otherFile({ url, bytes }: RemoteFile, part: PartFile, found: string): UserError {
  rmSync(part.path, { force: true });
  return dataError(
    `${url}: the server offers ${found}, expected ${bytes}: it is another file. Give another address with --from.`,
    url,
  );
}

function gaveUp({ url, bytes }: RemoteFile, part: PartFile, tries: number, why: string): UserError {
  return networkError(
    `${url}: gave up after ${tries} tries: ${why}. ${part.size} of ${bytes} bytes are kept in ${part.path}; ` +
      'the same command goes on from there.',
  );
}

/** An error about several addresses has a code but no message in Node. */
function reasonOf(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  return message || code || String(error);
}

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
  /** Its size. */
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

/** How long a server is waited for, and how often it is asked again. */
export interface Patience extends StageTimes {
  /** Tries in a row that gain nothing. */
  readonly tries: number;
  /** Before the second try, ms; doubled before each further one. */
  readonly pause: number;
  /** In each `period`, ms, a body brings at least so many bytes. */
  readonly least: number;
  readonly period: number;
}

/** docs/data.md states these. */
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

/** A try that brought so many bytes was worth it: the count of tries begins anew. */
const gain = 1 << 16;

/**
 * Downloads a file to `path`, by way of `path.part`, which stays where this fails or the process ends: the next call goes on
 * from its end. Nothing is under `path` before its size and checksum are right; a file that is there already is checked too.
 *
 * @throws UserError: exit code data where the server has another file (then the part is removed), environment where the network,
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
    rmSync(path); // damaged since
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

/** One try, from the end of what is there. */
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

/** A body that drips would keep a stalled connection alive for ever. */
function requireRate(response: IncomingMessage, into: PartFile, { least, period }: Patience): NodeJS.Timeout {
  let before = into.size;
  return setInterval(() => {
    const came = into.size - before;
    before = into.size;
    if (came >= least) return;
    response.destroy(new Error(`${came} bytes came in ${period / 1000} s, expected ${least} or more`));
  }, period);
}

/** Leaves `into` at the place that the body of `response` begins at. Throws an Error where asking again may help. */
function begin(response: IncomingMessage, file: RemoteFile, into: PartFile): void {
  const { statusCode: status = 0, statusMessage, headers } = response;
  if (status === 200) {
    // All of it, whatever was asked for.
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
    // The part may be longer than what the server has: that shows when the whole is asked for.
    if (status === 416) into.restart();
    if (status === 416 || status === 408 || status === 429 || status >= 500) throw new Error(answer);
    throw networkError(`${file.url}: ${answer}. Give another address with --from.`);
  }
}

async function verify(file: RemoteFile, part: string): Promise<void> {
  const found = await sha256Of(part);
  if (found === file.sha256) return;
  rmSync(part, { force: true });
  throw dataError(
    `${file.url}: found SHA-256 ${found}, expected ${file.sha256}: damaged, or another file. It is removed; ` +
      'run the command again, or give another address with --from.',
  );
}

function otherFile({ url, bytes }: RemoteFile, part: PartFile, found: string): UserError {
  rmSync(part.path, { force: true });
  return dataError(
    `${url}: the server offers ${found}, expected ${bytes}: it is another file. Give another address with --from.`,
  );
}

function gaveUp({ url, bytes }: RemoteFile, part: PartFile, tries: number, why: string): UserError {
  return networkError(
    `${url}: gave up after ${tries} tries: ${why}. ${part.size} of ${bytes} bytes are kept in ${part.path}; ` +
      'the same command goes on from there.',
  );
}

/** Node's errors of several addresses have a code alone. */
function reasonOf(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  return message || code || String(error);
}

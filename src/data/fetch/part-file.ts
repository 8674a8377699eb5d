import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  createReadStream,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
} from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { writeFully } from '../../files/transfer.js';
import { unwritable } from '../../files/unwritable.js';

/** The received part of a download: a file that only grows and outlives the process. System errors become UserErrors. */
export class PartFile {
  readonly path: string;
  readonly #file: number;
  #size: number;

  /** Opens the file, or creates it. */
  constructor(path: string) {
    this.path = path;
    this.#file = this.#try(() => openSync(path, constants.O_RDWR | constants.O_CREAT));
    this.#size = this.#try(() => fstatSync(this.#file).size);
  }

  /** Bytes. */
  get size(): number {
    return this.#size;
  }

  append(bytes: Uint8Array): void {
    this.#try(() => writeFully(this.#file, bytes, this.#size));
    this.#size += bytes.length;
  }

  /** Empties the file. */
  restart(): void {
    this.#try(() => ftruncateSync(this.#file));
    this.#size = 0;
  }

  flush(): void {
    this.#try(() => fsyncSync(this.#file));
  }

  close(): void {
    closeSync(this.#file);
  }

  #try<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw unwritable(this.path, error);
    }
  }
}

/** SHA-256 of a file, hex. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

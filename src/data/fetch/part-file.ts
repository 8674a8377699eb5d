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

/** A file that grows at its end and outlives the process: what is there of a download. What the system refuses is a UserError. */
export class PartFile {
  readonly path: string;
  readonly #file: number;
  #size: number;

  /** Opens what is there, or makes it. */
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

  /** Forgets all that is there. */
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

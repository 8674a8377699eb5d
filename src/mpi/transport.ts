import type { Exchange, Message, Transport } from '../runtime/transport.js';
import { check, mpiError, Requests } from './calls.js';
import { type Library, loadLibrary } from './library.js';
import type { Link } from './mpi.js';

/** Bytes of a request at most: MPI counts in a C int. A longer message is several. */
const longest = 2 ** 30;

/** The largest tag that every MPI has to allow. */
const largestTag = 32_767;

/** Messages in a shared memory, by persistent requests of MPI: these are made once, and no byte is copied on the way to MPI. */
export class MpiTransport implements Transport {
  readonly rank: number;
  readonly size: number;
  readonly #library: Library;
  readonly #link: Link;
  readonly #memory: SharedArrayBuffer;
  readonly #exchanges: MpiExchange[] = [];

  private constructor(library: Library, link: Link, memory: SharedArrayBuffer) {
    this.rank = link.rank;
    this.size = link.size;
    this.#library = library;
    this.#link = link;
    this.#memory = memory;
  }

  /**
   * On any thread of a process whose main thread has initialised MPI.
   * @param memory a WebAssembly memory's; messages may lie in what it has now
   */
  static async open(link: Link, memory: SharedArrayBuffer): Promise<MpiTransport> {
    return new MpiTransport(await loadLibrary({ file: link.library }), link, memory);
  }

  /** @throws {RangeError} for a message outside of the memory, a rank that is not there, or a tag above 32767 */
  bind(messages: readonly Message[]): Exchange {
    for (const message of messages) this.#mustBeGood(message);
    const pieces = messages.flatMap(inPieces);
    const exchange = new MpiExchange(this.#library, this.#link, this.#memory, pieces);
    this.#exchanges.push(exchange);
    return exchange;
  }

  /** Frees the requests of all exchanges, none of which may be under way. */
  close(): void {
    for (const exchange of this.#exchanges.splice(0)) exchange.free();
  }

  #mustBeGood({ peer, tag, address, bytes }: Message): void {
    const isGood =
      Number.isInteger(peer) &&
      peer >= 0 &&
      peer < this.size &&
      peer !== this.rank &&
      Number.isInteger(tag) &&
      tag >= 0 &&
      tag <= largestTag &&
      Number.isInteger(address) &&
      address >= 0 &&
      Number.isInteger(bytes) &&
      bytes >= 0 &&
      address + bytes <= this.#memory.byteLength;
    if (!isGood) {
      throw new RangeError(
        `rank ${this.rank} of ${this.size}: no message to or from rank ${peer} with tag ${tag}, of ${bytes} bytes at ${address}`,
      );
    }
  }
}

/** The same rank, direction and tag keep their order, so a message can be sent in pieces. */
function inPieces(message: Message): readonly Message[] {
  if (message.bytes <= longest) return [message];
  return Array.from({ length: Math.ceil(message.bytes / longest) }, (_, i) => ({
    ...message,
    address: message.address + i * longest,
    bytes: Math.min(longest, message.bytes - i * longest),
  }));
}

class MpiExchange implements Exchange {
  readonly #library: Library;
  readonly #messages: readonly Message[];
  readonly #requests: Requests;
  readonly #flag = new Int32Array(new ArrayBuffer(4));
  readonly #flagAddress: bigint;
  // Taken out of the library once: `start` and `done` run in every step.
  readonly #count: number;
  readonly #first: bigint;
  readonly #statuses: Int32Array;
  readonly #statusInts: number;
  readonly #errorAt: number;
  readonly #statusesAddress: bigint;
  readonly #startall: Library['functions']['startall'];
  readonly #testall: Library['functions']['testall'];

  constructor(library: Library, link: Link, memory: SharedArrayBuffer, messages: readonly Message[]) {
    const { flavor, functions, addressOf } = library;
    this.#library = library;
    this.#messages = messages;
    this.#requests = new Requests(library, messages.length);
    this.#flagAddress = addressOf(this.#flag);
    this.#count = messages.length;
    this.#first = this.#requests.address;
    this.#statusInts = flavor.status.ints;
    this.#errorAt = flavor.status.error;
    this.#statuses = new Int32Array(new ArrayBuffer((messages.length + 1) * this.#statusInts * 4));
    this.#statusesAddress = addressOf(this.#statuses);
    this.#startall = functions.startall;
    this.#testall = functions.testall;
    const base = addressOf(new Uint8Array(memory));
    for (const [i, { kind, peer, tag, address, bytes }] of messages.entries()) {
      const make = kind === 'send' ? functions.sendInit : functions.recvInit;
      const place = base + BigInt(address);
      const code = make(place, bytes, flavor.byte, peer, tag, link.communicator, this.#requests.at(i));
      check(library, code, `preparing a message ${words(messages[i]!)}`);
    }
  }

  start(): void {
    const code = this.#startall(this.#count, this.#first);
    if (code !== 0) check(this.#library, code, 'starting messages');
  }

  done(): boolean {
    const code = this.#testall(this.#count, this.#first, this.#flagAddress, this.#statusesAddress);
    if (code !== 0) this.#fail(code);
    if (this.#flag[0] === 0) return false;
    // Open MPI says success for all where a persistent request has failed, and the truth in its status.
    for (let at = this.#errorAt; at < this.#statuses.length; at += this.#statusInts) {
      if (this.#statuses[at] !== 0) this.#fail(0);
    }
    return true;
  }

  missing(): number[] {
    const peers = new Set<number>();
    for (const [i, message] of this.#messages.entries()) {
      const { functions, flavor } = this.#library;
      const code = functions.test(this.#requests.at(i), this.#flagAddress, flavor.statusIgnore);
      check(this.#library, code, `a message ${words(message)}`);
      // One that is complete counts as such in `done` too.
      if (this.#flag[0] === 0) peers.add(message.peer);
    }
    return [...peers].sort((a, b) => a - b);
  }

  free(): void {
    for (const i of this.#messages.keys()) {
      check(this.#library, this.#library.functions.requestFree(this.#requests.at(i)), 'freeing a request');
    }
  }

  /** Says which message it is: `code` is about all of them, and mostly says only that one has failed. */
  #fail(code: number): never {
    for (const [i, message] of this.#messages.entries()) {
      const own = this.#statuses[i * this.#statusInts + this.#errorAt]!;
      if (own !== 0 && own !== code) throw mpiError(this.#library, own, `a message ${words(message)}`);
    }
    throw mpiError(this.#library, code, 'messages');
  }
}

const words = ({ kind, peer, bytes }: Message) =>
  `${kind === 'send' ? 'to' : 'from'} rank ${peer} of ${bytes} bytes`;

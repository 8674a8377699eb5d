import type { Mpi } from './mpi.js';
import { Patience, type Pending, Poller } from './polling.js';

/** Bytes of a message at most: MPI may copy it in one call, and the event loop stands still meanwhile. */
const pieceBytes = 4 * 2 ** 20;
/** Pieces that may be on their way to the ranks below. */
const ahead = 2;

/**
 * What all ranks tell each other between phases, from their main threads, with the event loop going on. Every rank makes the same calls in
 * the same order, one after the other. A call that fails leaves messages behind: no other may follow.
 *
 * `deadline` is in ms. Time in which this process was stopped does not count.
 */
export class Channel {
  readonly rank: number;
  readonly size: number;
  readonly #poller: Poller;
  #hosts: readonly string[] = [];
  #isBusy = false;
  /** Keeps what MPI may still write into. */
  #leftBehind: readonly Pending[] | undefined;

  private constructor(mpi: Mpi) {
    this.rank = mpi.rank;
    this.size = mpi.size;
    this.#poller = new Poller(mpi.library, mpi.communicator);
  }

  /** Opened by all ranks; they tell each other their host names. */
  static async open(mpi: Mpi, deadline: number): Promise<Channel> {
    const channel = new Channel(mpi);
    const hosts = await channel.gather(Buffer.from(mpi.host), deadline);
    channel.#hosts = hosts.map((host) => Buffer.from(host).toString());
    return channel;
  }

  /** Of each rank. */
  get hosts(): readonly string[] {
    return this.#hosts;
  }

  /** @param bytes rank 0's; what others give is not looked at. Returns rank 0's on all ranks */
  broadcast(bytes: Uint8Array | undefined, deadline: number): Promise<Uint8Array> {
    return this.#alone(deadline, (call) => this.#broadcast(call, bytes));
  }

  /** Returns what each rank has given, in the order of the ranks, on all ranks. */
  gather(bytes: Uint8Array, deadline: number): Promise<Uint8Array[]> {
    return this.#alone(deadline, async (call) => {
      const all = this.rank === 0 ? await this.#collect(call, bytes) : await this.#give(call, bytes);
      return parts(await this.#broadcast(call, all), this.size);
    });
  }

  /** Resolves when all ranks have come here. */
  async barrier(deadline: number): Promise<void> {
    await this.gather(new Uint8Array(), deadline);
  }

  /** Rank 0's bytes of a shared memory, of any number, to the same place in that of all ranks. */
  broadcastMemory(
    buffer: SharedArrayBuffer,
    address: number,
    bytes: number,
    deadline: number,
  ): Promise<void> {
    return this.#alone(deadline, (call) => this.#spread(call, new Uint8Array(buffer, address, bytes)));
  }

  async #alone<T>(deadline: number, act: (call: Call) => Promise<T>): Promise<T> {
    if (this.#isBusy) throw new Error('a channel carries one call at a time');
    if (this.#leftBehind !== undefined) throw new Error('a channel that has failed carries no other call');
    this.#isBusy = true;
    const call = new Call(this.#poller, new Patience(deadline), (rank) => this.#nameOf(rank));
    try {
      return await act(call);
    } catch (error) {
      this.#leftBehind = call.posted;
      throw error;
    } finally {
      this.#isBusy = false;
    }
  }

  #nameOf(rank: number): string {
    const host = this.#hosts[rank];
    return host === undefined ? `rank ${rank}` : `rank ${rank} (${host})`;
  }

  async #broadcast(call: Call, bytes: Uint8Array | undefined): Promise<Uint8Array> {
    const length = this.rank === 0 ? lengthOf(bytes!) : inPlace(8);
    await this.#spread(call, length);
    const all = this.rank === 0 ? bytes! : inPlace(numberIn(length));
    await this.#spread(call, all);
    return all;
  }

  /** Down a binomial tree, in pieces that are handed on as they come. */
  async #spread(call: Call, all: Uint8Array): Promise<void> {
    const { parent, children } = treeOf(this.rank, this.size);
    const sent: (readonly Pending[])[] = [];
    for (let begin = 0; begin < all.length; begin += pieceBytes) {
      const piece = all.subarray(begin, begin + pieceBytes);
      if (parent !== undefined) await call.complete([call.post('receive', parent, piece)]);
      sent.push(children.map((child) => call.post('send', child, piece)));
      if (sent.length > ahead) await call.complete(sent.shift()!);
    }
    await call.complete(sent.flat());
  }

  /** What each rank gives, with its length before it. */
  async #collect(call: Call, own: Uint8Array): Promise<Uint8Array> {
    const others = Array.from({ length: this.size - 1 }, (_, i) => i + 1);
    const lengths = others.map((rank) => call.post('receive', rank, inPlace(8)));
    await call.complete(lengths);
    const sizes = [own.length, ...lengths.map(({ bytes }) => numberIn(bytes))];
    const all = inPlace(sizes.reduce((sum, size) => sum + 8 + size, 0));
    const received: Pending[] = [];
    let at = 0;
    for (const [rank, size] of sizes.entries()) {
      all.set(lengthOfBytes(size), at);
      const place = all.subarray(at + 8, at + 8 + size);
      if (rank === 0) place.set(own);
      else for (const piece of pieces(place)) received.push(call.post('receive', rank, piece));
      at += 8 + size;
    }
    await call.complete(received);
    return all;
  }

  async #give(call: Call, bytes: Uint8Array): Promise<undefined> {
    const all = [lengthOf(bytes), ...pieces(bytes)];
    await call.complete(all.map((piece) => call.post('send', 0, piece)));
  }
}

/** The messages of one call. */
class Call {
  readonly #poller: Poller;
  readonly #patience: Patience;
  readonly #nameOf: (rank: number) => string;
  #posted: Pending[] = [];

  constructor(poller: Poller, patience: Patience, nameOf: (rank: number) => string) {
    this.#poller = poller;
    this.#patience = patience;
    this.#nameOf = nameOf;
  }

  /** Those that may not be complete. */
  get posted(): readonly Pending[] {
    return this.#posted;
  }

  post(kind: 'send' | 'receive', peer: number, bytes: Uint8Array): Pending {
    const pending = this.#poller.post(kind, peer, bytes);
    this.#posted.push(pending);
    return pending;
  }

  async complete(pending: readonly Pending[]): Promise<void> {
    await this.#poller.complete(pending, this.#patience, this.#nameOf);
    const done = new Set(pending);
    this.#posted = this.#posted.filter((message) => !done.has(message));
  }
}

/** Of a binomial tree with rank 0 at the top: a rank's parent is the rank without its lowest bit. */
export function treeOf(
  rank: number,
  size: number,
): { readonly parent: number | undefined; readonly children: readonly number[] } {
  const below = rank === 0 ? 2 ** 31 : rank & -rank;
  const children: number[] = [];
  for (let bit = 1; bit < below && rank + bit < size; bit *= 2) children.unshift(rank + bit);
  return { parent: rank === 0 ? undefined : rank & (rank - 1), children };
}

/** Memory of its own, which the garbage collector does not move. */
const inPlace = (bytes: number) => new Uint8Array(new ArrayBuffer(bytes));

const lengthOf = (bytes: Uint8Array) => lengthOfBytes(bytes.length);

function lengthOfBytes(length: number): Uint8Array {
  const text = inPlace(8);
  new DataView(text.buffer).setBigUint64(0, BigInt(length), true);
  return text;
}

const numberIn = (bytes: Uint8Array) =>
  Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));

function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let begin = 0; begin < bytes.length; begin += pieceBytes)
    yield bytes.subarray(begin, begin + pieceBytes);
}

/** The reverse of `#collect`. */
function parts(all: Uint8Array, count: number): Uint8Array[] {
  let at = 0;
  return Array.from({ length: count }, () => {
    const begin = at + 8;
    at = begin + numberIn(all.subarray(at, begin));
    return all.subarray(begin, at);
  });
}

import { setImmediate, setTimeout } from 'node:timers/promises';
import { ExitCode, listed, UserError } from '../errors.js';
import { check, Requests } from './calls.js';
import type { Handle } from './flavor.js';
import type { Library } from './library.js';

/** Turns of the event loop without a timer after something happened, ms: data that flows is not made to wait for a timer. */
const eager = 20;
/** A timer at most, ms. */
const slowest = 5;
/** What a wait between two looks counts at most, ms: a process that was stopped for a minute has not waited for a minute. */
const longestTurn = 100;
/** Missing ranks that a message names. */
const mostNamed = 8;

/** How long is waited for others, ms. */
export class Patience {
  readonly #most: number;
  #left: number;
  #last = performance.now();

  constructor(most: number) {
    this.#most = most;
    this.#left = most;
  }

  /** Counts the time since the last call. Returns whether any is left. */
  goOn(): boolean {
    const now = performance.now();
    this.#left -= Math.min(now - this.#last, longestTurn);
    this.#last = now;
    return this.#left > 0;
  }

  toString(): string {
    return `${this.#most / 1000} s`;
  }
}

/** A message that is under way. */
export interface Pending {
  readonly kind: 'send' | 'receive';
  readonly peer: number;
  /** What is sent or received into: it must not be collected before MPI is done with it. */
  readonly bytes: Uint8Array;
  readonly request: Requests;
}

/** Starts messages of one communicator and waits for them with the event loop going on. */
export class Poller {
  readonly #library: Library;
  readonly #communicator: Handle;
  readonly #flag = new Int32Array(new ArrayBuffer(4));

  constructor(library: Library, communicator: Handle) {
    this.#library = library;
    this.#communicator = communicator;
  }

  /** @param bytes of a buffer that stays where it is, 2^31 - 1 at most */
  post(kind: 'send' | 'receive', peer: number, bytes: Uint8Array): Pending {
    const { functions, flavor, addressOf } = this.#library;
    const request = new Requests(this.#library, 1);
    const make = kind === 'send' ? functions.isend : functions.irecv;
    const place = addressOf(bytes);
    const code = make(place, bytes.length, flavor.byte, peer, 0, this.#communicator, request.at(0));
    check(this.#library, code, `a message ${kind === 'send' ? 'to' : 'from'} rank ${peer}`);
    return { kind, peer, bytes, request };
  }

  /**
   * Resolves when all are complete.
   * @throws {UserError} that names the ranks that are missing, when patience is at its end
   */
  async complete(
    pending: readonly Pending[],
    patience: Patience,
    nameOf: (rank: number) => string,
  ): Promise<void> {
    let left = pending;
    let happened = performance.now();
    let pause = 1;
    for (;;) {
      const still = left.filter((message) => !this.#isComplete(message));
      if (still.length === 0) return;
      const isLate = !patience.goOn();
      if (still.length < left.length) {
        happened = performance.now();
        pause = 1;
      }
      left = still;
      if (isLate) {
        const missing = [...new Set(left.map(({ peer }) => peer))].sort((a, b) => a - b).map(nameOf);
        throw new UserError(
          `no answer within ${patience} from ${listed(missing, mostNamed, ', ')}`,
          ExitCode.environment,
        );
      }
      if (performance.now() - happened < eager) await setImmediate();
      else {
        await setTimeout(pause);
        pause = Math.min(pause * 2, slowest);
      }
    }
  }

  #isComplete({ kind, peer, request }: Pending): boolean {
    const { functions, flavor } = this.#library;
    const code = functions.test(request.at(0), this.#flag, flavor.statusIgnore);
    check(this.#library, code, `a message ${kind === 'send' ? 'to' : 'from'} rank ${peer}`);
    return this.#flag[0] !== 0;
  }
}

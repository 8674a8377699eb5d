import type { Group } from '#lockstep/runtime/group.js';

/** Ranks that are all in this process: for what the main threads tell each other. A call that is another than the others' is an error. */
export function fakeGroups(ranks: number, timeout = 60_000): (Group & { calls: string[] })[] {
  const rounds: Round[] = [];
  return Array.from({ length: ranks }, (_, rank) => {
    let next = 0;
    let isInPhase = false;
    const calls: string[] = [];
    const meet = (kind: string, message: unknown): Promise<unknown[]> => {
      calls.push(kind);
      rounds[next] ??= new Round(kind, ranks);
      return rounds[next++]!.come(kind, rank, message);
    };
    return {
      calls,
      setup: {
        rank,
        ranks,
        hosts: Array.from({ length: ranks }, (_, i) => `host${i}`),
        timeout,
        isCrowded: true,
        transport: undefined,
      },
      members: Array.from({ length: ranks }, (_, i) => ({ host: `host${i}`, threads: 1 })),
      carrier: 'promises',
      broadcast: async <T>(message?: T) => (await meet('broadcast', message))[0] as T,
      gather: async <T>(message: T) => (await meet('gather', message)) as T[],
      async broadcastMemory(buffer: SharedArrayBuffer, address: number, bytes: number) {
        const own = new Uint8Array(buffer, address, bytes);
        own.set((await meet('memory', own))[0] as Uint8Array);
      },
      beginPhase() {
        isInPhase = true;
      },
      endPhase() {
        isInPhase = false;
      },
      get isWhole() {
        return !isInPhase;
      },
    };
  });
}

class Round {
  readonly #kind: string;
  readonly #messages: unknown[];
  readonly #all: Promise<unknown[]>;
  #left: number;
  #resolve = (_: unknown[]): void => {};
  #reject = (_: Error): void => {};

  constructor(kind: string, ranks: number) {
    this.#kind = kind;
    this.#messages = Array(ranks);
    this.#left = ranks;
    this.#all = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  come(kind: string, rank: number, message: unknown): Promise<unknown[]> {
    if (kind !== this.#kind) this.#reject(new Error(`rank ${rank} calls ${kind}, others ${this.#kind}`));
    this.#messages[rank] = structuredClone(message);
    if (--this.#left === 0) this.#resolve(this.#messages);
    return this.#all;
  }
}

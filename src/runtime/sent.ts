import type { Exchange, Message, Transport } from './transport.js';

/** What a rank sends in a step, on average. */
export interface SentPerStep {
  readonly messages: number;
  readonly bytes: number;
}

const Count = { messages: 0, bytes: 1, steps: 2 } as const;
/** In shared memory: float64 counters. */
export const sentCountBytes = 3 * 8;

/** Counts the messages that a rank sends, in shared memory. */
export class Sent {
  readonly #counts: Float64Array;

  /** @param address of `sentCountBytes` bytes */
  constructor(buffer: SharedArrayBuffer, address: number) {
    this.#counts = new Float64Array(buffer, address, sentCountBytes / 8);
  }

  addStep(): void {
    this.#counts[Count.steps]!++;
  }

  /** Before the first step 0 of each. */
  get perStep(): SentPerStep {
    const [messages, bytes, steps] = this.#counts as unknown as [number, number, number];
    const of = Math.max(1, steps);
    return { messages: messages / of, bytes: bytes / of };
  }

  /** A transport whose messages are counted when they start. */
  counted(transport: Transport): Transport {
    return {
      rank: transport.rank,
      size: transport.size,
      bind: (messages) => this.#counted(transport.bind(messages), messages),
    };
  }

  #counted(exchange: Exchange, messages: readonly Message[]): Exchange {
    const sent = messages.filter(({ kind }) => kind === 'send');
    const bytes = sent.reduce((sum, message) => sum + message.bytes, 0);
    const counts = this.#counts;
    return {
      start() {
        counts[Count.messages]! += sent.length;
        counts[Count.bytes]! += bytes;
        exchange.start();
      },
      done: () => exchange.done(),
      missing: () => exchange.missing(),
    };
  }
}

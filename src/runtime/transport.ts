/** A message between two ranks, of bytes at a fixed place in the shared memory. */
export interface Message {
  readonly kind: 'send' | 'receive';
  readonly peer: number;
  /** Two messages between the same ranks in the same direction with the same tag keep their order. */
  readonly tag: number;
  /** Byte offset in the shared memory. */
  readonly address: number;
  readonly bytes: number;
}

/** Messages that are exchanged again and again: bound once, so that nothing is made between two steps. */
export interface Exchange {
  /** Starts all of them. The memory that they are received into, and sent from, is the transport's until `done`. */
  start(): void;
  /** Whether all are complete; it also makes them go on. Never blocks. */
  done(): boolean;
  /** Of the messages that are not complete, the peers, each once. */
  missing(): number[];
}

/** Carries bytes between the ranks of a training, and never adds. Used by one thread of a process at a time. */
export interface Transport {
  readonly rank: number;
  readonly size: number;
  /** @param messages in shared memory `buffer` */
  bind(messages: readonly Message[]): Exchange;
}

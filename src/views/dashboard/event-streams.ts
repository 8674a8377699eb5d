import type { ServerResponse } from 'node:http';
import { printableStrings } from '../printable.js';
import type { PageEvent } from './live-state.js';

/** Events go out so often, ms. */
const interval = 500;
/** Pages that may listen at once. */
const mostListeners = 16;
/** A page that takes nothing for so long is let go, ms. */
const patience = 20_000;

interface Listener {
  readonly response: ServerResponse;
  /** Since when it takes nothing; undefined of one that does. */
  blockedSince: number | undefined;
  /** Whether events have passed it by meanwhile: then it gets the whole state after. */
  hasMissed: boolean;
}

/**
 * Server-sent events to every page that listens: the whole state when it comes, then what changed, some times a second. Events are
 * written out once for all pages; a slow page holds one message, however many it misses; and with no page nothing is done at all.
 */
export class EventStreams {
  readonly #snapshot: () => unknown;
  readonly #lookAround: () => void;
  readonly #listeners = new Set<Listener>();
  #queue: PageEvent[] = [];
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param snapshot the whole state, which has gone through all events so far
   * @param lookAround called while there are listeners: the time to send what does not report itself
   */
  constructor(snapshot: () => unknown, lookAround: () => void) {
    this.#snapshot = snapshot;
    this.#lookAround = lookAround;
  }

  get isFull(): boolean {
    return this.#listeners.size >= mostListeners;
  }

  /** From now on, events go to this response, whose head has been written. */
  add(response: ServerResponse): void {
    this.#settle();
    const listener: Listener = { response, blockedSince: undefined, hasMissed: false };
    this.#listeners.add(listener);
    response.on('close', () => this.#listeners.delete(listener));
    response.on('drain', () => this.#try(() => this.#catchUp(listener)));
    this.#write(listener, `retry: 1000\n${this.#whole()}`);
    this.#timer ??= setInterval(() => this.#try(() => this.#tick()), interval).unref();
  }

  send(event: PageEvent): void {
    if (this.#listeners.size > 0) this.#queue.push(event);
  }

  /** What these callbacks throw would end the process, and with it a training: rather the pages are let go, and ask again. */
  #try(act: () => void): void {
    try {
      act();
    } catch {
      this.#queue = [];
      for (const { response } of this.#listeners) response.destroy();
    }
  }

  #catchUp(listener: Listener): void {
    // Still blocked here: what waits in the queue is in the state already.
    if (listener.hasMissed) this.#settle();
    listener.blockedSince = undefined;
    if (!listener.hasMissed) return;
    listener.hasMissed = false;
    this.#write(listener, this.#whole());
  }

  #flush(): void {
    if (this.#queue.length === 0) return;
    const message = `data: ${JSON.stringify(this.#queue, printableStrings)}\n\n`;
    this.#queue = [];
    for (const listener of this.#listeners) {
      if (listener.blockedSince === undefined) this.#write(listener, message);
      else listener.hasMissed = true;
    }
  }

  /** Sends what is left, and ends every stream. */
  close(): void {
    this.#flush();
    clearInterval(this.#timer);
    for (const { response } of this.#listeners) response.end();
  }

  #tick(): void {
    if (this.#listeners.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      this.#queue = [];
      return;
    }
    const now = performance.now();
    for (const { response, blockedSince } of this.#listeners) {
      if (blockedSince !== undefined && now - blockedSince > patience) response.destroy();
    }
    this.#settle();
  }

  #settle(): void {
    this.#lookAround();
    this.#flush();
  }

  #whole(): string {
    return `event: snapshot\ndata: ${JSON.stringify(this.#snapshot(), printableStrings)}\n\n`;
  }

  #write(listener: Listener, message: string): void {
    if (!listener.response.write(message)) listener.blockedSince ??= performance.now();
  }
}

import type { ServerResponse } from 'node:http';
import { printableStrings } from '../printable.js';
import type { PageEvent } from './live-state.js';

/** Time between two messages to a page, ms. */
const interval = 500;
/** Largest number of open pages. */
const mostListeners = 16;
/** Time after which a page that does not read is disconnected, ms. */
const patience = 20_000;

interface Listener {
  readonly response: ServerResponse;
  /** Since when the page has not read; undefined while it reads. */
  blockedSince: number | undefined;
  /** Whether it has missed events since. It then gets the whole state. */
  hasMissed: boolean;
}

/**
 * Sends server-sent events to all open pages: first the whole state, then changes, twice a second. Events are serialized once for all
 * pages. A slow page holds one message in memory, however many it misses. Without pages nothing is done.
 */
export class EventStreams {
  readonly #snapshot: () => unknown;
  readonly #lookAround: () => void;
  readonly #listeners = new Set<Listener>();
  #queue: PageEvent[] = [];
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param snapshot returns the whole state, with all events so far applied
   * @param lookAround called regularly while there are listeners, to send changes that cause no events
   */
  constructor(snapshot: () => unknown, lookAround: () => void) {
    this.#snapshot = snapshot;
    this.#lookAround = lookAround;
  }

  get isFull(): boolean {
    return this.#listeners.size >= mostListeners;
  }

  /** Adds a listener. The response's head must have been written. */
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

  /** An error in these callbacks would end the process, and with it the training. Instead, the pages are disconnected; they reconnect. */
  #try(act: () => void): void {
    try {
      act();
    } catch {
      this.#queue = [];
      for (const { response } of this.#listeners) response.destroy();
    }
  }

  #catchUp(listener: Listener): void {
    // Settled while still blocked: the queued events are part of the whole state.
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

  /** Sends the remaining events, and ends all streams. */
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

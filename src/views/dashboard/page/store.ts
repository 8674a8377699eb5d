import type { Action } from '../answer.js';
import type { Curves } from '../curves.js';
import type { ListedRun } from '../listed-run.js';
import { apply, type PageEvent, type PageState } from '../live-state.js';

/** `ended`: the server has announced its end, and no more events will come. */
export type Connection = 'connecting' | 'open' | 'lost' | 'ended';

export interface ShownRun {
  readonly entry: ListedRun;
  readonly curves: Curves;
}

/** Pause before a refused connection is tried again, ms. */
const patience = 3000;
/** Largest number of runs shown at once: colours and markers cannot distinguish more. */
export const mostShown = 6;
const storageKey = 'lockstep.shown';

/** The page's state, kept equal to the server's. `changed` is called at most once per frame. */
export class Store {
  state: PageState | undefined;
  connection: Connection = 'connecting';
  /** The error of the last control request; empty if it succeeded. */
  complaint = '';
  /** Folders of the ticked runs; undefined before the user has ticked one. */
  #ticked: ReadonlySet<string> | undefined = readTicked();
  readonly #loaded = new Map<string, ShownRun>();
  readonly #changed: () => void;
  #isScheduled = false;

  constructor(changed: () => void) {
    this.#changed = changed;
    this.#connect();
  }

  isTicked(folder: string): boolean {
    return this.ticked.has(folder);
  }

  /** The ticked runs. By default none beside a training, else the last run that can be shown. */
  get ticked(): ReadonlySet<string> {
    if (this.#ticked !== undefined) return this.#ticked;
    if (this.state === undefined || this.state.live !== null) return new Set();
    const last = this.state.runs.findLast((run) => run.fault === null && run.epochs > 0);
    return new Set(last === undefined ? [] : [last.folder]);
  }

  /** The ticked runs whose curves are loaded, in the order of ticking, so that each keeps its colour. */
  get shown(): readonly ShownRun[] {
    const listed = new Set(this.state?.runs.map(({ folder }) => folder));
    return [...this.ticked].flatMap((folder) => (listed.has(folder) ? (this.#loaded.get(folder) ?? []) : []));
  }

  tick(folder: string, isOn: boolean): void {
    const ticked = new Set(this.ticked);
    if (isOn) ticked.add(folder);
    else ticked.delete(folder);
    this.#ticked = ticked;
    writeTicked(ticked);
    this.#load();
    this.#schedule();
  }

  async control(action: Action): Promise<void> {
    try {
      const response = await fetch('/controls', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ action }),
      });
      this.complaint = response.ok ? '' : await response.text();
    } catch {
      this.complaint = 'the training does not answer';
    }
    this.#schedule();
  }

  #connect(): void {
    const source = new EventSource('/events');
    source.addEventListener('snapshot', ({ data }) => {
      this.state = JSON.parse(data) as PageState;
      this.connection = 'open';
      this.#afterEvents(source);
    });
    source.onmessage = ({ data }) => {
      if (this.state === undefined) return;
      for (const event of JSON.parse(data) as PageEvent[]) apply(this.state, event);
      this.#afterEvents(source);
    };
    source.onerror = () => {
      this.connection = 'lost';
      // The browser reconnects after a broken connection, but not after a refused one.
      if (source.readyState === EventSource.CLOSED) setTimeout(() => this.#connect(), patience);
      this.#schedule();
    };
  }

  #afterEvents(source: EventSource): void {
    if (this.state?.live?.closed) {
      source.close();
      this.connection = 'ended';
    }
    this.#load();
    this.#schedule();
  }

  /** Loads the curves of ticked runs that are new or have changed. */
  #load(): void {
    for (const entry of this.state?.runs ?? []) {
      const { folder, id, version } = entry;
      const loaded = this.#loaded.get(folder)?.entry;
      if (!this.isTicked(folder) || entry.fault !== null) continue;
      if (loaded?.id === id && loaded.version === version) continue;
      void this.#loadRun(entry);
    }
  }

  async #loadRun(entry: ListedRun): Promise<void> {
    try {
      const response = await fetch(`/runs/${entry.id}`);
      if (!response.ok) return;
      this.#loaded.set(entry.folder, { entry, curves: (await response.json()) as Curves });
      this.#schedule();
    } catch {
      // The server does not answer; the event source reports that.
    }
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    requestAnimationFrame(() => {
      this.#isScheduled = false;
      this.#changed();
    });
  }
}

function readTicked(): ReadonlySet<string> | undefined {
  try {
    const text = sessionStorage.getItem(storageKey);
    return text === null ? undefined : new Set(JSON.parse(text) as string[]);
  } catch {
    return undefined; // the browser may forbid storage
  }
}

function writeTicked(ticked: ReadonlySet<string>): void {
  try {
    sessionStorage.setItem(storageKey, JSON.stringify([...ticked]));
  } catch {
    // The browser may forbid storage.
  }
}

import { readFileSync } from 'node:fs';
import type { Controls } from '../../runs/controls.js';
import type { Observer } from '../../runs/observer.js';
import type { Reporter } from '../../runs/reporter.js';
import { printableStrings } from '../printable.js';
import { addressOf, newToken } from './access.js';
import type { Action, Site } from './answer.js';
import { EventStreams } from './event-streams.js';
import { apply, emptyLive, type PageEvent, type PageState } from './live-state.js';
import { PageReporter } from './page-reporter.js';
import { PredictionObserver } from './predictions.js';
import { RunsFolder } from './runs-folder.js';
import { type RunningServer, serve } from './server.js';

/** How often the folder of runs is looked at while a page is open, ms. */
const lookEvery = 2000;
/** Looking may take this part of the time at most: a training has better things to do. */
const lookBudget = { live: 1 / 200, saved: 1 / 20 };
/** A training's next part may wait for a look so long, ms. */
const longestLook = { live: 250, saved: Number.POSITIVE_INFINITY };

export interface DashboardOptions {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** Folder of saved runs, to be shown beside the training or alone. */
  readonly runs: string;
  /** Whether a training in this process is shown; it then reports to `reporter` and has `observer`. */
  readonly live: boolean;
}

/** A page that shows a training while it runs, and saved runs: what it shows, and its server. */
export class Dashboard {
  readonly reporter: Reporter;
  readonly observer: Observer;
  /** What the page may ask of the training; may come when there is one. Without them the page has no buttons. */
  controls: Controls | undefined;
  readonly #options: DashboardOptions;
  readonly #state: PageState;
  readonly #streams: EventStreams;
  readonly #folder: RunsFolder;
  /** When the folder of runs is looked at next. */
  #due = 0;
  readonly #predictions: PredictionObserver;
  #server: RunningServer | undefined;

  constructor(options: DashboardOptions) {
    const tell = (event: PageEvent) => this.#tell(event);
    this.#options = options;
    this.#state = { live: options.live ? emptyLive() : null, runs: [] };
    this.#folder = new RunsFolder(options.runs);
    this.#streams = new EventStreams(
      () => this.#state,
      () => this.#lookAround(),
    );
    this.reporter = new PageReporter(tell);
    this.#predictions = new PredictionObserver(tell, () => this.#state.live?.start?.epochs ?? 0);
    this.observer = this.#predictions;
  }

  /**
   * Starts to serve; returns the address, with the token, for whoever may see the page.
   * @throws UserError (exit code environment) where the address cannot be listened on
   */
  async open(): Promise<string> {
    const { host, port } = this.#options;
    this.#server = await serve({ host, port, token: newToken() }, this.#site(), this.#streams);
    return addressOf(this.#server.access);
  }

  /** Tells the pages that there is no more to come, and ends. */
  async close(): Promise<void> {
    this.#tell({ type: 'closed' });
    await this.#server?.close();
  }

  #site(): Site {
    const file = (name: string) => readFileSync(new URL(`./${name}`, import.meta.url), 'utf8');
    return {
      script: file('page.js'),
      style: file('page.css'),
      picture: (number) => this.#predictions.pictures[number],
      run: (id) => {
        const curves = this.#folder.curves(id);
        return curves && JSON.stringify(curves, printableStrings);
      },
      control: (action) => this.#control(action),
    };
  }

  #control(action: Action): boolean {
    const { live } = this.#state;
    const { controls } = this;
    if (controls === undefined || live === null || live.end !== null || live.failed) return false;
    controls[action]();
    this.#lookAround();
    return true;
  }

  /** What does not report itself: the state of the controls, and other runs. */
  #lookAround(): void {
    const { controls } = this;
    if (controls !== undefined && controls.state !== this.#state.live?.controls)
      this.#tell({ type: 'controls', state: controls.state });
    const began = performance.now();
    if (began < this.#due) return;
    const kind = this.#state.live === null ? 'saved' : 'live';
    // The training is shown anyway.
    const hasChanged = this.#folder.look(this.#state.live?.start?.directory, longestLook[kind]);
    const ended = performance.now();
    this.#due = ended + Math.max(lookEvery, (ended - began) / lookBudget[kind]);
    if (hasChanged) this.#tell({ type: 'runs', runs: this.#folder.entries });
  }

  /** Never throws: a training must not end because a page cannot show something of it. */
  #tell(event: PageEvent): void {
    try {
      apply(this.#state, event);
      this.#streams.send(event);
    } catch {
      // The page goes on with what it has.
    }
  }
}

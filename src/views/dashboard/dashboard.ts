import { readFileSync } from 'node:fs';
import type { Callback } from '../../runs/callback.js';
import type { Controls } from '../../runs/controls.js';
import type { Reporter } from '../../runs/reporter.js';
import { printableStrings } from '../printable.js';
import { addressOf, newToken } from './access.js';
import type { Action, Site } from './answer.js';
import { EventStreams } from './event-streams.js';
import { apply, emptyLive, type PageEvent, type PageState } from './live-state.js';
import { PageReporter } from './page-reporter.js';
import { PredictionPictures } from './predictions.js';
import { RunsFolder } from './runs-folder.js';
import { type RunningServer, serve } from './server.js';

/** Time between two looks at the folder of runs while a page is open, ms. */
const lookEvery = 2000;
/** Largest share of the time that looking may take. Small beside a training, which it delays. */
const lookBudget = { live: 1 / 200, saved: 1 / 20 };
/** Longest look, ms: a training's next part waits for it. */
const longestLook = { live: 250, saved: Number.POSITIVE_INFINITY };

export interface DashboardOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** Folder of saved runs, shown beside the training or alone. */
  readonly runs: string;
  /** Whether to show a training in this process. It must then use `reporter` and `callback`. */
  readonly live: boolean;
}

/** The dashboard of a running training and of saved runs: its state and its server. */
export class Dashboard {
  readonly reporter: Reporter;
  readonly callback: Callback;
  /** Controls of the training, to be set once it exists. Without them the page has no buttons. */
  controls: Controls | undefined;
  readonly #options: DashboardOptions;
  readonly #state: PageState;
  readonly #streams: EventStreams;
  readonly #folder: RunsFolder;
  /** Time of the next look at the folder of runs, ms. */
  #due = 0;
  readonly #predictions: PredictionPictures;
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
    this.#predictions = new PredictionPictures(tell, () => this.#state.live?.start?.epochs ?? 0);
    this.callback = this.#predictions;
  }

  /**
   * Starts the server. Returns the URL with the token.
   * @throws UserError (exit code environment) where the address cannot be listened on
   */
  async open(): Promise<string> {
    const { host, port } = this.#options;
    this.#server = await serve({ host, port, token: newToken() }, this.#site(), this.#streams);
    return addressOf(this.#server.access);
  }

  /** Tells the pages that no more events will come, and stops the server. */
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

  /** Polls what sends no events of its own: the state of the controls, and other runs. */
  #lookAround(): void {
    const { controls } = this;
    if (controls !== undefined && controls.state !== this.#state.live?.controls)
      this.#tell({ type: 'controls', state: controls.state });
    const began = performance.now();
    if (began < this.#due) return;
    const kind = this.#state.live === null ? 'saved' : 'live';
    // Without the training's own run, which the page shows already.
    const hasChanged = this.#folder.look(this.#state.live?.start?.directory, longestLook[kind]);
    const ended = performance.now();
    this.#due = ended + Math.max(lookEvery, (ended - began) / lookBudget[kind]);
    if (hasChanged) this.#tell({ type: 'runs', runs: this.#folder.entries });
  }

  /** Never throws: an error of the dashboard must not end the training. */
  #tell(event: PageEvent): void {
    try {
      apply(this.#state, event);
      this.#streams.send(event);
    } catch {
      // The page keeps its last state.
    }
  }
}

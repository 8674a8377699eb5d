import type { DataProgress } from '../../data/open.js';
import type { EpochReport, Reporter, RunEnd, RunStart, StepProgress } from '../../runs/reporter.js';
import type { PageEvent } from './live-state.js';

/** Sends a training's reports to the pages as events. */
export class PageReporter implements Reporter {
  readonly #tell: (event: PageEvent) => void;

  constructor(tell: (event: PageEvent) => void) {
    this.#tell = tell;
  }

  dataProgress(progress: DataProgress): void {
    this.#tell({ type: 'data', progress });
  }

  start(start: RunStart): void {
    this.#tell({ type: 'start', start });
  }

  step(step: StepProgress): void {
    this.#tell({ type: 'step', step });
  }

  epoch(epoch: EpochReport): void {
    this.#tell({ type: 'epoch', epoch });
  }

  note(text: string): void {
    this.#tell({ type: 'message', message: { kind: 'note', text } });
  }

  warning(text: string): void {
    this.#tell({ type: 'message', message: { kind: 'warning', text } });
  }

  end(end: RunEnd): void {
    this.#tell({ type: 'end', end });
  }

  error(text: string): void {
    this.#tell({ type: 'message', message: { kind: 'error', text } });
  }

  /** Does nothing: the dashboard closes the server. */
  close(): void {}
}

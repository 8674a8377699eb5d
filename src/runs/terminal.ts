import cliProgress from 'cli-progress';
import { type SplitName, splitNames } from '../data/dataset.js';
import { counted } from '../data/faults.js';
import type { DataProgress } from '../data/open.js';
import { dataPhases, duration, integer, nats, percent } from '../views/format.js';
import { printable } from '../views/printable.js';
import { ranksText } from '../views/ranks-text.js';
import { metricNames } from './best.js';
import type { SplitMetrics } from './metrics.js';
import type { EpochReport, Reporter, RunEnd, RunStart, StepProgress } from './reporter.js';

/** What the reporters need of stdout. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  hasColors?(): boolean;
}

const styles = { bold: '1', dim: '2', red: '31', green: '32', yellow: '33' } as const;

/** Columns that the lines of a training take. */
const wide = 100;

/** As wide as `100.00%`. */
const percentColumn = (fraction: number) => percent(fraction).padStart(7);
const lossColumn = (loss: number) => nats(loss).padStart(7);

const barOf = (size: number, progress: number): string =>
  `[${'='.repeat(Math.round(size * progress)).padEnd(size)}]`;

/** Reports to a person: lines, and bars if the output is a terminal. Quiet, it shows nothing but errors. */
export class TerminalReporter implements Reporter {
  readonly #out: Output;
  readonly #err: Output;
  readonly #quiet: boolean;
  #bar: { key: string; bar: cliProgress.SingleBar } | undefined;
  #start: RunStart | undefined;

  constructor(out: Output, err: Output, quiet = false) {
    this.#out = out;
    this.#err = err;
    this.#quiet = quiet;
  }

  dataProgress({ phase, done, total }: DataProgress): void {
    const { past, amount } = dataPhases[phase];
    this.#progress(phase, done, total, amount(done, total));
    if (done >= total) this.#line(`${past} ${amount(total)}`);
  }

  start(start: RunStart): void {
    this.#start = start;
    const { train, validation, test } = start.samples;
    const epochs = `${integer(start.epochs)} epoch${start.epochs === 1 ? '' : 's'}`;
    this.#line(this.#style('bold', start.name));
    this.#line(`  model      ${start.layers} layers, ${integer(start.parameters)} parameters`);
    this.#line(
      `  samples    ${integer(train)} train, ${integer(validation)} validation, ${integer(test)} test`,
    );
    this.#line(
      `  training   ${epochs}, batches of ${integer(start.batchSize)}, ` +
        (start.distributed === undefined ? counted(start.threads, 'thread') : ranksText(start.distributed)),
    );
    if (start.distributed !== undefined) this.#line(`  messages   ${start.distributed.carrier}`);
    this.#line(`  directory  ${printable(start.directory)}\n`);
  }

  step(progress: StepProgress): void {
    const { epoch, epochs, step, steps, loss, top1, imagesPerSecond } = progress;
    const left = (steps - step + (epochs - epoch) * steps) * (this.#start?.batchSize ?? 0);
    const text = [
      `${step}/${steps}`,
      `loss ${nats(loss)}`,
      `top-1 ${percent(top1)}`,
      `${integer(imagesPerSecond)} images/s`,
      `${duration(left / imagesPerSecond)} left`,
    ].join('  ');
    this.#progress(`epoch ${epoch}/${epochs}`, step, steps, this.#fitted(text));
  }

  epoch(report: EpochReport): void {
    const { train, validation } = report;
    const total = String(this.#start?.epochs ?? report.epoch);
    const columns = [
      `epoch ${String(report.epoch).padStart(total.length)}/${total}`,
      `train ${lossColumn(train.loss)} ${percentColumn(train.top1)}`,
      `validation ${lossColumn(validation.loss)} ${percentColumn(validation.top1)}`,
      `${integer(report.imagesPerSecond).padStart(7)} images/s`,
      duration(report.seconds).padStart(7),
    ];
    const line = columns.join('  ') + (report.best ? `  ${this.#style('green', 'best')}` : '');
    this.#line(this.#fitted(line));
  }

  note(message: string): void {
    this.#line(`${this.#style('dim', 'note:')} ${printable(message)}`);
  }

  warning(message: string): void {
    this.#line(`${this.#style('yellow', 'warning:')} ${printable(message)}`);
  }

  end({ metrics, best, bestBy, isBest, why, directory, seconds, weightsHash }: RunEnd): void {
    if (why !== null) this.#line(why);
    this.#line(`\n${this.#style('bold', '               loss    top-1    top-5')}`);
    for (const split of splitNames) this.#splitLine(split, metrics[split]);
    const by = `epoch ${best.epoch}, by validation ${metricNames[bestBy]}`;
    if (isBest) {
      this.#line(`These weights are the best too (${by}).`);
    } else {
      this.#line(`Those were the last weights. The best (${by}), which evaluate, predict and report take:`);
      for (const split of ['validation', 'test'] as const) this.#splitLine(split, best[split]);
    }
    this.#line(`\n${duration(seconds)}, weights SHA-256 ${weightsHash}`);
    this.#line(`files in ${printable(directory)}`);
  }

  #splitLine(split: SplitName, { loss, top1, top5 }: SplitMetrics): void {
    this.#line(`${split.padEnd(12)}${lossColumn(loss)}  ${percentColumn(top1)}  ${percentColumn(top5)}`);
  }

  error(message: string): void {
    this.close();
    this.#err.write(`${this.#style('red', 'error:', this.#err)} ${printable(message)}\n`);
  }

  close(): void {
    this.#bar?.bar.stop();
    this.#bar = undefined;
  }

  /** A line above nothing: a bar that stands there is taken away, and the next progress draws it anew. */
  #line(text: string): void {
    if (this.#quiet) return;
    this.close();
    this.#out.write(`${text}\n`);
  }

  /** `name [====    ] text` */
  #progress(name: string, done: number, total: number, text: string): void {
    if (this.#quiet || this.#out.isTTY !== true) return;
    if (this.#bar?.key !== name) {
      this.close();
      const bar = new cliProgress.SingleBar({
        format: (_, { progress }, { text }: { text: string }) => {
          const room = this.#columns - name.length - text.length - ' [] '.length - 1;
          return room < 3 ? `${name} ${text}` : `${name} ${barOf(Math.min(room, 20), progress)} ${text}`;
        },
        stream: this.#out as NodeJS.WriteStream,
        clearOnComplete: true,
        // Lines are cut instead, so a killed run leaves no terminal without line wrapping.
        linewrap: true,
        // Signals are the command's, not a progress bar's.
        gracefulExit: false,
      });
      bar.start(total, done, { text });
      this.#bar = { key: name, bar };
    }
    this.#bar.bar.update(done, { text });
  }

  /** A line of a training, shortened where the terminal has only the usual 80 columns: else it breaks. */
  #fitted(line: string): string {
    return this.#columns < wide ? line.replaceAll(/ +/g, ' ').replace('validation', 'val') : line;
  }

  get #columns(): number {
    return this.#out.columns ?? wide;
  }

  #style(style: keyof typeof styles, text: string, output = this.#out): string {
    const coloured = output.isTTY === true && output.hasColors?.() !== false;
    return coloured ? `\x1b[${styles[style]}m${text}\x1b[0m` : text;
  }
}

import { closeSync, constants } from 'node:fs';
import { type DestinationStream, pino } from 'pino';
import type { DataProgress } from '../data/open.js';
import { openOwnFile } from '../files/open-file.js';
import { readFully } from '../files/transfer.js';
import { unwritable } from '../files/unwritable.js';
import { appendToFile } from '../files/whole-file.js';
import { dataPhases } from '../views/format.js';
import { printableJson } from '../views/printable.js';
import { type EpochReport, type Reporter, type RunEnd, type RunStart, reportToAll } from './reporter.js';
import { type Output, TerminalReporter } from './terminal.js';

type LogFormat = 'auto' | 'pretty' | 'json' | 'none';

export interface LogOptions {
  /** `auto`: lines for people on a terminal, JSON lines elsewhere; `none`: not even errors. */
  readonly format?: LogFormat;
  /** Nothing but errors, on stderr. */
  readonly quiet?: boolean;
  /** Further reporters. */
  readonly also?: readonly Reporter[];
  readonly stdout?: Output;
  readonly stderr?: Output;
}

/** What a command reports to: the user, and a file once there is one. */
export interface RunReporter extends Reporter {
  /**
   * From now on, and for all that was reported before, JSON lines go to `path` too.
   * @param requireClaim throws where the file is no longer this process's
   */
  logTo(path: string, requireClaim?: () => void): void;
}

/** The reporter that the options ask for. Whatever they are, the log file gets every line. */
export function createReporter(options: LogOptions = {}): RunReporter {
  const file = new LogFile();
  const reporters = [userReporter(options), new JsonReporter(file), ...(options.also ?? [])];
  return { ...reportToAll(reporters), logTo: (path, requireClaim) => file.open(path, requireClaim) };
}

function userReporter(options: LogOptions): Reporter {
  const { format = 'auto', quiet = false, stdout = process.stdout, stderr = process.stderr } = options;
  if (format === 'none') return reportToAll([]);
  const pretty = format === 'pretty' || (format === 'auto' && stdout.isTTY === true);
  if (pretty) return new TerminalReporter(stdout, stderr, quiet);
  // Errors go to stderr for people too: with stdout in a file nobody would see them.
  const errors = new TerminalReporter(stdout, stderr, true);
  if (quiet) return errors;
  return reportToAll([new JsonReporter({ write: (line) => void stdout.write(line) }), errors]);
}

/** Reports each event as one line of JSON: pino's fields, `event`, and the event's own fields. */
class JsonReporter implements Reporter {
  readonly #logger: pino.Logger;
  #phase: string | undefined;

  constructor(destination: DestinationStream) {
    this.#logger = pino(
      // Neither the process nor the host's name belongs into a file that people publish.
      { base: null, timestamp: pino.stdTimeFunctions.isoTime },
      { write: (line) => destination.write(printableJson(line)) },
    );
  }

  /** A line when a phase begins and one when it is done: a line for each image would bury the rest. */
  dataProgress(progress: DataProgress): void {
    const done = progress.done >= progress.total;
    if (!done && this.#phase === progress.phase) return;
    this.#phase = done ? undefined : progress.phase;
    this.#logger.info({ event: 'data', ...progress }, `${progress.phase} ${dataPhases[progress.phase].what}`);
  }

  start(start: RunStart): void {
    this.#logger.info({ event: 'start', ...start }, `training ${start.name}`);
  }

  /** Steps are too frequent for a line each. */
  step(): void {}

  epoch(report: EpochReport): void {
    this.#logger.info({ event: 'epoch', ...report }, `epoch ${report.epoch}`);
  }

  note(message: string): void {
    this.#logger.info({ event: 'note' }, message);
  }

  warning(message: string): void {
    this.#logger.warn({ event: 'warning' }, message);
  }

  end(end: RunEnd): void {
    this.#logger.info({ event: 'end', ...end }, 'done');
  }

  /** Never throws: a log that cannot be written must not hide the error, which it is often the cause of. */
  error(message: string): void {
    try {
      this.#logger.error({ event: 'error' }, message);
    } catch {
      // The user's own reporter shows it.
    }
  }

  close(): void {}
}

/** Holds lines until `open` names the file: the data is prepared before the run has a directory. */
class LogFile implements DestinationStream {
  #path: string | undefined;
  #held = '';
  #requireClaim = () => {};

  open(path: string, requireClaim = () => {}): void {
    this.#requireClaim = requireClaim;
    const cutOff = isCutOff(path);
    this.#path = path;
    if (cutOff) this.#append('\n');
    this.#append(this.#held);
    this.#held = '';
  }

  write(line: string): void {
    if (this.#path === undefined) this.#held += line;
    else this.#append(line);
  }

  /** Lines are few and a run may end at any of them, so each is written at once. */
  #append(text: string): void {
    this.#requireClaim();
    appendToFile(this.#path!, text);
  }
}

/** Whether the file's last line has no end: the disk was full. */
function isCutOff(path: string): boolean {
  let file: number | undefined;
  try {
    const opened = openOwnFile(path, constants.O_RDWR | constants.O_CREAT);
    file = opened.file;
    const last = Buffer.alloc(1);
    return opened.size > 0 && readFully(file, last, opened.size - 1) && last[0] !== 0x0a;
  } catch (error) {
    throw unwritable(path, error);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

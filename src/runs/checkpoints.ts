import { flushFile } from '../files/whole-file.js';
import type { Engine } from '../runtime/engine.js';
import type { CheckpointReport } from './callback.js';
import { type Snapshot, takeSnapshot, writeCheckpoint } from './checkpoint.js';
import { type Position, positionText } from './position.js';

/** When to write checkpoints in mid-epoch, beside the one at each epoch's end; never, where neither is given. */
export interface CheckpointEvery {
  /** Steps of an epoch. */
  readonly steps?: number;
  readonly seconds?: number;
}

/** A run's checkpoint file: copied between two steps, written while the training goes on. */
export class Checkpoints {
  readonly #path: string;
  readonly #records: readonly string[];
  readonly #metadata: Readonly<Record<string, string>>;
  readonly #requireClaim: () => void;
  readonly #seconds: number;
  /** Where the training stood at the last checkpoint. */
  #position: Position | undefined;
  #takenAt = performance.now();
  #unwritten: Snapshot | undefined;
  /** Whether the last checkpoint has been written, and nobody has been told. */
  #isNews = false;

  /**
   * @param path of the file
   * @param records files that a resume reads beside it: they are flushed first, so that they are never behind
   * @param requireClaim throws where the files are no longer this process's
   * @param position of the checkpoint that the file holds already
   */
  constructor(
    path: string,
    records: readonly string[],
    metadata: Readonly<Record<string, string>>,
    requireClaim: () => void,
    { seconds = Number.POSITIVE_INFINITY }: CheckpointEvery,
    position?: Position,
  ) {
    this.#path = path;
    this.#records = records;
    this.#metadata = metadata;
    this.#requireClaim = requireClaim;
    this.#seconds = seconds;
    this.#position = position;
  }

  /** Copies the engine's weights and slots, unless the last checkpoint is of this very position. */
  take(engine: Engine, position: Position): void {
    if (position === this.#position) return;
    this.#position = position;
    this.#takenAt = performance.now();
    this.#unwritten = takeSnapshot(engine);
  }

  /** Writes the checkpoint that was taken last, unless it is written. */
  write(): void {
    if (this.#unwritten === undefined) return;
    this.#requireClaim();
    for (const record of this.#records) flushFile(record);
    const metadata = {
      ...this.#metadata,
      epoch: String(this.#position!.epoch),
      position: positionText(this.#position!),
    };
    // The claim is checked again before the rename: a process that takes the run over removes the claim and unfinished files.
    writeCheckpoint(this.#path, this.#unwritten, metadata, this.#requireClaim);
    this.#unwritten = undefined;
    this.#isNews = true;
  }

  /** The checkpoint that was written since the last call; undefined where there is none. */
  news(): CheckpointReport | undefined {
    if (!this.#isNews) return undefined;
    this.#isNews = false;
    const { epoch, done } = this.#position!;
    return { epoch, step: done.steps, path: this.#path };
  }

  /** Milliseconds until the next checkpoint is due by the clock. */
  get dueIn(): number {
    return Math.max(0, 1000 * this.#seconds - (performance.now() - this.#takenAt));
  }
}

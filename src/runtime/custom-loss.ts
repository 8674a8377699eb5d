import type { LossConfig } from '../config/schema.js';
import type { CodeName, CustomCode } from '../graph/custom-code.js';
import { callLoss, createLoss, lossName } from '../graph/custom-loss.js';
import type { CustomLoss as LossFunction } from '../graph/custom-types.js';
import { lanes } from '../kernels/kernels.js';

/** What a lane's loss counts: its label, and the label and share of the sample that it is mixed with, if any. */
export interface LossTerm {
  readonly label: number;
  /** What it is multiplied by: the share of a mixture, the weight of the class. */
  readonly factor: number;
}

/** An own loss on a micro-batch's logits, sample after sample. */
export class CustomLoss {
  readonly #name: CodeName;
  readonly #loss: LossFunction;
  readonly #logits: Float32Array;
  readonly #gradient: Float32Array;
  readonly #sum: Float64Array;

  /**
   * undefined for the loss that needs no own code.
   * @throws UserError where the module gives no loss
   */
  static of(config: LossConfig, classes: number, code: CustomCode | undefined): CustomLoss | undefined {
    if (config.type !== 'custom') return undefined;
    return new CustomLoss(lossName(config), createLoss(config, classes, code), classes);
  }

  private constructor(name: CodeName, loss: LossFunction, classes: number) {
    this.#name = name;
    this.#loss = loss;
    this.#logits = new Float32Array(classes);
    this.#gradient = new Float32Array(classes);
    this.#sum = new Float64Array(classes);
  }

  /**
   * A lane's loss. Not a number where the logits are not: then it is not the loss that is at fault.
   * @param logits `[classes][8]`
   * @param gradient `[classes][8]`, of which this lane is written
   */
  lane(
    lane: number,
    logits: Float32Array,
    terms: readonly LossTerm[],
    gradient: Float32Array,
    training: boolean,
  ): number {
    const classes = this.#logits.length;
    let areFinite = true;
    for (let c = 0; c < classes; c++) {
      this.#logits[c] = logits[c * lanes + lane]!;
      areFinite &&= Number.isFinite(this.#logits[c]);
    }
    this.#sum.fill(areFinite ? 0 : Number.NaN);
    let loss = areFinite ? 0 : Number.NaN;
    for (const { label, factor } of areFinite ? terms : []) {
      this.#gradient.fill(0);
      loss += factor * callLoss(this.#name, this.#loss, this.#logits, label, this.#gradient, training);
      for (let c = 0; c < classes; c++) this.#sum[c]! += factor * this.#gradient[c]!;
    }
    for (let c = 0; c < classes; c++) gradient[c * lanes + lane] = this.#sum[c]!;
    return loss;
  }
}

import type { AugmentationPlan } from '../../compile/memory-plan.js';
import type { AugmentationConfig } from '../../config/schema.js';
import type { Kernels } from '../../kernels/kernels.js';
import { cosineOf } from './affine.js';
import { Draw, type SampleDraws } from './sample-draws.js';
import { countsValues, writeTable } from './tables.js';
import type { TrivialAugment } from './trivial-augment.js';

/** Red's, green's and blue's part of the luma Y (ITU-R BT.601). */
const luma = [0.299, 0.587, 0.114] as const;
/** U = 0.492 (B - Y) and V = 0.877 (R - Y) are turned against each other. */
const [ofBlue, ofRed] = [0.492, 0.877];

/** The part of a turned colour that goes with the angle's sine, `[3, 3]`, row by row. */
const turn = (() => {
  const [red, green, blue] = luma;
  // U' = cos U - sin V and V' = sin U + cos V; R is Y + V / 0.877 and B is Y + U / 0.492. Y stays.
  const ofRedRow = [-red, -green, 1 - blue].map((part) => (ofBlue / ofRed) * part);
  const ofBlueRow = [1 - red, -green, -blue].map((part) => (-ofRed / ofBlue) * part);
  const ofGreenRow = ofRedRow.map((part, i) => -(red * part + blue * ofBlueRow[i]!) / green);
  return [...ofRedRow, ...ofGreenRow, ...ofBlueRow];
})();

/** The matrix, `[3, 3]`, row by row, that multiplies the distance from gray by `saturated` and turns the hue. */
export function writeColourMatrix(matrix: Float32Array, saturated: number, degrees: number): void {
  const [along, across] = [saturated * cosineOf(degrees), saturated * cosineOf(degrees - 90)];
  for (let i = 0; i < 9; i++) {
    const gray = luma[i % 3]!;
    matrix[i] = gray + along * ((i % 4 === 0 ? 1 : 0) - gray) + across * turn[i]!;
  }
}

/** What happens to a sample's colours before it is normalised, but for brightness and contrast. */
export class Colours {
  readonly #config: AugmentationConfig;
  readonly #kernels: Kernels;
  readonly #plan: AugmentationPlan;
  readonly #channels: number;
  readonly #pixels: number;
  readonly #table: Uint8Array;
  readonly #counts: Uint32Array;
  readonly #matrix: Float32Array;
  #isMatrix = false;
  #isTable = false;

  constructor(
    config: AugmentationConfig,
    kernels: Kernels,
    buffer: SharedArrayBuffer,
    plan: AugmentationPlan,
    [channels, height, width]: readonly [channels: number, height: number, width: number],
  ) {
    this.#config = config;
    this.#kernels = kernels;
    this.#plan = plan;
    this.#channels = channels;
    this.#pixels = height * width;
    this.#matrix = new Float32Array(buffer, plan.matrix, 9);
    this.#table = new Uint8Array(buffer, plan.table, 256);
    this.#counts = new Uint32Array(buffer, plan.counts, 256 * channels);
  }

  draw(draws: SampleDraws, { operation, value }: TrivialAugment): void {
    const { saturation, hue, grayscale } = this.#config;
    let saturated = operation === 'colour' ? 1 + value : 1;
    let turned = 0;
    if (saturation !== undefined && draws.happens(Draw.saturation, saturation.probability))
      saturated *= draws.factor(Draw.saturated, saturation.strength);
    if (hue !== undefined && draws.happens(Draw.hue, hue.probability))
      turned = draws.between(Draw.shifted, -360 * hue.strength, 360 * hue.strength);
    if (grayscale !== undefined && draws.happens(Draw.grayscale, grayscale.probability)) saturated = 0;
    this.#isTable =
      operation === 'brightness' ||
      operation === 'contrast' ||
      operation === 'posterize' ||
      operation === 'solarize' ||
      operation === 'autoContrast' ||
      operation === 'equalize';
    this.#isMatrix = saturated !== 1 || turned !== 0;
    if (this.#isMatrix) writeColourMatrix(this.#matrix, saturated, turned);
  }

  get isChanged(): boolean {
    return this.#isMatrix || this.#isTable;
  }

  /** Change the sample at `image`. */
  apply(image: number, trivial: TrivialAugment): void {
    if (this.#isTable) this.#mapBytes(image, trivial);
    if (this.#isMatrix) this.#kernels.recolorBytes(image, this.#pixels, this.#plan.matrix);
  }

  /** Each channel by a table of its own; those that depend on the image's values count them first. */
  #mapBytes(image: number, { operation, value }: TrivialAugment): void {
    const { counts, table } = this.#plan;
    if (countsValues(operation)) {
      for (let c = 0; c < this.#channels; c++)
        this.#kernels.countBytes(image + c * this.#pixels, this.#pixels, counts + 1024 * c);
    }
    for (let c = 0; c < this.#channels; c++) {
      writeTable(this.#table, operation, value, this.#counts, c, this.#pixels);
      this.#kernels.mapBytes(image + c * this.#pixels, this.#pixels, table);
    }
  }
}

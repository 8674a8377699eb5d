import { join } from 'node:path';
import { makeOwnFolder } from '../../files/folder.js';
import { appendToFile } from '../../files/whole-file.js';
import { firstLayer } from '../../graph/first-layer.js';
import type { Callback, ObservedTraining } from '../../runs/callback.js';
import type { EpochReport } from '../../runs/reporter.js';
import type { Engine } from '../../runtime/engine.js';
import { type SummaryValue, summaryEvent, versionEvent } from './event.js';
import { filterImage } from './filter-image.js';
import { histogramOf } from './histogram.js';
import { recordOf } from './record.js';

/** The folder in a run's directory. */
export const tensorBoardFolder = 'tensorboard';

/**
 * Writes what TensorBoard shows: after each epoch loss, top-1 and top-5, learning rate and speed, histograms of each parameter, of its
 * gradient over the last batch (summed over its samples) and of what the optimizer keeps for it, and the first layer's filters. A step
 * is an epoch.
 */
export class TensorBoard implements Callback {
  readonly #warn: (message: string) => void;
  #path: string | undefined;
  /** Whether images can be drawn here, as far as is known. */
  #draws = true;

  /** @param warn tells the user what could not be drawn */
  constructor(warn: (message: string) => void) {
    this.#warn = warn;
  }

  start({ directory }: ObservedTraining): void {
    const folder = join(directory, tensorBoardFolder);
    const seconds = Date.now() / 1000;
    // TensorBoard reads a folder's files in the order of their names. After the time it expects the host's name, which is nobody's business.
    this.#path = join(
      folder,
      `events.out.tfevents.${String(Math.floor(seconds)).padStart(10, '0')}.lockstep`,
    );
    makeOwnFolder(folder);
    this.#append(versionEvent(seconds));
  }

  async epoch(report: EpochReport, { engine, hasGradients }: ObservedTraining): Promise<void> {
    const histograms = engine.network.parameters.flatMap((parameter): SummaryValue[] => [
      ...histogramValue(`weights/${parameter.name}`, engine.tensors.weight(parameter)),
      ...(hasGradients
        ? histogramValue(`gradients/${parameter.name}`, engine.tensors.gradient(parameter))
        : []),
      ...engine.tensors.slots.flatMap((slot) => {
        const values = engine.tensors.slot(slot, parameter);
        // SGD without momentum leaves its velocity at 0.
        return values.some((value) => value !== 0) ? histogramValue(`${slot}/${parameter.name}`, values) : [];
      }),
    ]);
    const values = [...scalars(report), ...histograms, ...(await this.#filters(engine))];
    this.#append(summaryEvent(Date.now() / 1000, report.epoch, values));
  }

  /** Of the first layer. Where they cannot be drawn all else is written, and the user is told once. */
  async #filters(engine: Engine): Promise<SummaryValue[]> {
    if (!this.#draws) return [];
    const first = firstLayer(engine.network);
    if (first === undefined) return [];
    try {
      return [
        {
          tag: `filters/${first.name}`,
          image: await filterImage(first, engine.tensors.weight(first.weight)),
        },
      ];
    } catch (error) {
      this.#draws = false;
      this.#warn(`TensorBoard gets no pictures of filters: ${(error as Error).message}`);
      return [];
    }
  }

  /** A whole record at once: whoever follows the file waits for what is still missing of one. */
  #append(event: Uint8Array): void {
    appendToFile(this.#path!, recordOf(event));
  }
}

const scalars = ({ train, validation, learningRate, imagesPerSecond }: EpochReport): SummaryValue[] => [
  ...(['loss', 'top1', 'top5'] as const).flatMap((measure) => [
    { tag: `${measure}/train`, scalar: train[measure] },
    { tag: `${measure}/validation`, scalar: validation[measure] },
  ]),
  { tag: 'learning_rate', scalar: learningRate },
  { tag: 'images_per_second', scalar: imagesPerSecond },
];

function histogramValue(tag: string, values: Float32Array): SummaryValue[] {
  const histogram = histogramOf(values);
  return histogram === undefined ? [] : [{ tag, histogram }];
}

import type { PackedDataset } from '../../data/dataset.js';
import { sharp } from '../../data/images/sharp.js';
import { openStored, type StoredSplit } from '../../data/stored.js';
import { loadCode } from '../../graph/custom-loading.js';
import { Classifier } from '../../inference/classifier.js';
import { lanes } from '../../kernels/kernels.js';
import { hash } from '../../numerics/random.js';
import { importModule } from '../../platform/node-modules.js';
import type { Callback, ObservedTraining } from '../../runs/callback.js';
import type { EpochReport } from '../../runs/reporter.js';
import type { PageEvent, Predictions } from './live-state.js';
import { samplePicture } from './sample-picture.js';

/** Number of validation samples that are classified after an epoch. */
const shown = 16;
/** Largest share of the training's time, so that trainings with very short epochs are not slowed down. */
const budget = 1 / 200;

interface Chosen {
  /** Path of the file below the dataset's folder. */
  readonly name: string;
  readonly label: number;
  readonly bytes: Uint8Array;
}

/** Classifies a fixed set of validation samples after each epoch, on the main thread, with a copy of the weights. */
export class PredictionPictures implements Callback {
  readonly #tell: (event: PageEvent) => void;
  readonly #epochs: () => number;
  #samples: readonly Chosen[] = [];
  #classifier: Classifier | undefined;
  #pictures: readonly Uint8Array[] = [];
  /** Time from which the next classification is within the budget, ms. */
  #due = 0;

  /** @param epochs returns the training's number of epochs: the last one is always classified */
  constructor(tell: (event: PageEvent) => void, epochs: () => number) {
    this.#tell = tell;
    this.#epochs = epochs;
  }

  /** The samples as PNG. */
  get pictures(): readonly Uint8Array[] {
    return this.#pictures;
  }

  async start(training: ObservedTraining): Promise<void> {
    try {
      await this.#prepare(training);
    } catch (error) {
      this.#giveUp(error);
    }
  }

  /** Continues without predictions: their failure must not end the training. */
  #giveUp(error: unknown): void {
    this.#classifier = undefined;
    const text = `predictions cannot be shown: ${(error as Error).message}`;
    this.#tell({ type: 'message', message: { kind: 'warning', text } });
  }

  async #prepare({ engine, dataset }: ObservedTraining): Promise<void> {
    this.#samples = chooseSamples(dataset);
    this.#pictures = await drawPictures(dataset, this.#samples);
    const code = await loadCode(engine.config, importModule);
    this.#classifier = new Classifier(engine.network, dataset, engine.compiled, undefined, { code });
    const labels = this.#samples.map(({ label }) => label);
    const files = this.#samples.map(({ name }) => name);
    this.#tell({ type: 'pictures', pictures: { classes: dataset.classes, labels, files } });
  }

  epoch({ epoch }: EpochReport, training: ObservedTraining): void {
    const began = performance.now();
    if (this.#classifier === undefined || (began < this.#due && epoch < this.#epochs())) return;
    try {
      this.#classify(this.#classifier, epoch, training);
    } catch (error) {
      this.#giveUp(error);
    }
    const ended = performance.now();
    this.#due = ended + (ended - began) / budget;
  }

  #classify(classifier: Classifier, epoch: number, { engine }: ObservedTraining): void {
    classifier.setWeights(engine.network.weights.map((w) => engine.tensors.modelWeight(w)));
    this.#tell({ type: 'predictions', predictions: { epoch, ...classify(classifier, this.#samples) } });
  }
}

function classify(classifier: Classifier, samples: readonly Chosen[]): Omit<Predictions, 'epoch'> {
  const labels: number[] = [];
  const confidences: number[] = [];
  for (let begin = 0; begin < samples.length; begin += lanes) {
    const group = samples.slice(begin, begin + lanes);
    for (const [lane, { bytes }] of group.entries()) classifier.sample(lane).set(bytes);
    classifier.run();
    for (const probabilities of classifier.probabilities(group.length)) {
      const confidence = probabilities.reduce((most, p) => Math.max(most, p), 0);
      labels.push(probabilities.indexOf(confidence));
      confidences.push(confidence);
    }
  }
  return { labels, confidences };
}

/** Chooses one sample of each class, then a second one, and so on. Depends only on the dataset, so that runs can be compared. */
function chooseSamples(dataset: PackedDataset): Chosen[] {
  const stored = openStored(dataset, 'validation');
  try {
    return choose(stored, shown).map((index) => ({
      name: dataset.nameOf?.('validation', index) ?? `validation ${index}`,
      label: stored.labels[index]!,
      bytes: stored.sample(index),
    }));
  } finally {
    stored.close();
  }
}

function choose({ labels }: Pick<StoredSplit, 'labels'>, count: number): number[] {
  const byClass = new Map<number, number[]>();
  for (const index of shuffled(Array.from(labels, (_, i) => i))) {
    const ofClass = byClass.get(labels[index]!);
    if (ofClass === undefined) byClass.set(labels[index]!, [index]);
    else if (ofClass.length < count) ofClass.push(index);
  }
  const classes = shuffled([...byClass.keys()]).map((label) => byClass.get(label)!);
  const rounds = Array.from({ length: count }, (_, round) =>
    classes.flatMap((ofClass) => ofClass[round] ?? []),
  );
  return rounds
    .flat()
    .slice(0, count)
    .sort((a, b) => labels[a]! - labels[b]! || a - b);
}

const shuffled = (numbers: readonly number[]): number[] =>
  numbers
    .map((number) => ({ number, key: hash(number) }))
    .sort((a, b) => a.key - b.key)
    .map(({ number }) => number);

async function drawPictures(dataset: PackedDataset, samples: readonly Chosen[]): Promise<Uint8Array[]> {
  return Promise.all(
    samples.map(({ bytes }) => {
      const { rgb, width, height } = samplePicture(dataset, bytes);
      return sharp(rgb, { raw: { width, height, channels: 3 } })
        .png()
        .toBuffer();
    }),
  );
}

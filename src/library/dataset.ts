import type { DataInput } from '../config/input.js';
import type { SplitName } from '../data/dataset.js';

/** Images to train with: what a config's `data` says, and what was found there. */
export class Dataset {
  /** As a config has it; without `features` the network's config says what it sees of an image. */
  readonly config: Omit<DataInput, 'features'> & Partial<Pick<DataInput, 'features'>>;
  /** Names in label order. */
  readonly classes: readonly string[];
  readonly samples: Readonly<Record<SplitName, number>>;
  /** What the network sees where neither this dataset nor a config says it: images of one size as they are. */
  readonly ownFeatures: DataInput['features'] | undefined;

  /** @internal */
  constructor(
    config: Dataset['config'],
    classes: readonly string[],
    samples: Readonly<Record<SplitName, number>>,
    ownFeatures?: DataInput['features'],
  ) {
    this.config = config;
    this.classes = classes;
    this.samples = samples;
    this.ownFeatures = ownFeatures;
  }
}

import type { PackedDataset, SplitName } from '../data/dataset.js';
import { openStored } from '../data/stored.js';
import type { Outcomes } from '../evaluation/scores.js';
import { confidentlyWrong, placeOf } from '../evaluation/wrong.js';
import { type PagePicture, pagePicture } from '../pages/pixels.js';
import { interleaved } from '../pictures/sheet.js';

/** A sample that was taken for another class. */
export interface Mistake {
  readonly split: SplitName;
  /** In the packed split. */
  readonly index: number;
  readonly label: string;
  readonly predicted: string;
  /** Probability of the class that was predicted. */
  readonly confidence: number;
  /** As the network saw it, before the normalization; undefined where it sees no images, or they cannot be drawn. */
  readonly picture: PagePicture | undefined;
}

const most = 24;

/**
 * The most confident mistakes, the worst first.
 * @param draws whether their pictures are wanted
 */
export async function mistakesOf(
  outcomes: Outcomes,
  dataset: PackedDataset,
  draws: boolean,
): Promise<Mistake[]> {
  const { labels, predicted, confidence, classes } = outcomes;
  return Promise.all(
    confidentlyWrong(outcomes, most).map(async (i) => {
      const place = placeOf(outcomes, i);
      return {
        ...place,
        label: classes[labels[i]!]!,
        predicted: classes[predicted[i]!]!,
        confidence: confidence[i]!,
        picture: draws ? await pictureOf(dataset, place) : undefined,
      };
    }),
  );
}

async function pictureOf(
  dataset: PackedDataset,
  { split, index }: { split: SplitName; index: number },
): Promise<PagePicture | undefined> {
  if (dataset.sampleType !== 'uint8') return undefined;
  const [, height, width] = dataset.sampleShape as [number, number, number];
  const stored = openStored(dataset, split);
  try {
    return await pagePicture(interleaved(stored.sample(index), width, height));
  } finally {
    stored.close();
  }
}

import type { PackedDataset, SplitName } from '../../data/dataset.js';
import { openStored } from '../../data/stored.js';
import { type MistakenImage, mistakesOf } from '../../evaluation/mistakes.js';
import type { Outcomes } from '../../evaluation/scores.js';
import { type PagePicture, pagePicture } from '../pages/pixels.js';
import { interleaved } from '../pictures/sheet.js';

export interface Mistake extends MistakenImage {
  /** As the network saw it, before the normalization; undefined where it sees no images, or they cannot be drawn. */
  readonly picture: PagePicture | undefined;
}

const most = 24;

/**
 * The most confident mistakes, the worst first.
 * @param draws whether their pictures are wanted
 */
export const pictureMistakes = (
  outcomes: Outcomes,
  dataset: PackedDataset,
  draws: boolean,
): Promise<Mistake[]> =>
  Promise.all(
    mistakesOf(outcomes, dataset, most).map(async (mistake) => ({
      ...mistake,
      picture: draws ? await pictureOf(dataset, mistake) : undefined,
    })),
  );

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

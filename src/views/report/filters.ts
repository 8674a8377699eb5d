import type { Layer } from '../../graph/layer.js';
import type { TrainedModel } from '../../inference/trained-model.js';
import { type PagePicture, pagePicture } from '../pages/pixels.js';
import { filterPictures } from '../pictures/filters.js';

/** The first layer's filters, drawn. */
export interface Filters {
  /** Of the layer's weight: `conv1.weight` */
  readonly name: string;
  /** Filters that the layer has; at most 64 of them are drawn. */
  readonly count: number;
  readonly pictures: readonly PagePicture[];
  /** Whether they are over histograms: a row a channel, a column a bin. */
  readonly ofHistograms: boolean;
}

const most = 64;

/** Of the first layer that has weights, over what it sees: the images, or the maps of the layers before. */
export async function filtersOf(
  { network, weights, format }: TrainedModel,
  layers: readonly Layer[],
): Promise<Filters> {
  const weight = network.parameters[0]!;
  const layer = layers.findIndex(({ parameters }) => parameters.length > 0);
  // A flatten layer only renames the positions of the picture before it.
  const sees =
    layers.slice(0, layer + 1).findLast(({ input }) => input.length === 3)?.input ?? format.sampleShape;
  const [count] = weight.shape as [number];
  const shown = Math.min(most, count);
  const images = filterPictures([shown, ...weight.shape.slice(1)], weights[0]!, sees);
  const pictures = await Promise.all(images.map(pagePicture));
  return { name: weight.name, count, pictures, ofHistograms: sees.length === 1 };
}

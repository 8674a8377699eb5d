import { firstLayer } from '../../graph/first-layer.js';
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
  /** What they are over, where that is flat: histograms, a row a channel and a column a bin, or other values. */
  readonly over: 'maps' | 'histograms' | 'values';
}

const most = 64;

/** Of the first layer that has some, over what it sees: the images, or the maps of the layers before. */
export async function filtersOf({ config, network, weights }: TrainedModel): Promise<Filters | undefined> {
  const first = firstLayer(network);
  if (first === undefined) return undefined;
  const { weight, sees } = first;
  const [count] = weight.shape as [number];
  const shown = Math.min(most, count);
  const flat = config.data.features.type === 'colorHistogram' ? 'histograms' : 'values';
  const over = sees.length === 1 ? flat : 'maps';
  const images = filterPictures(
    [shown, ...weight.shape.slice(1)],
    weights[network.parameters.indexOf(weight)]!,
    sees,
    over === 'histograms',
  );
  const pictures = await Promise.all(images.map(pagePicture));
  return { name: weight.name, count, pictures, over };
}

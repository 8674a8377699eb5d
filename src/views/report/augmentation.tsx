import type { PackedDataset } from '../../data/dataset.js';
import type { SavedRun } from '../../runs/saved-run.js';
import { mixesImages } from '../../runtime/augmentation/mixture.js';
import { share } from '../format.js';
import { type PagePicture, Pixels, previewPicture } from '../pages/pixels.js';
import { Table } from '../pages/table.js';
import { augmentedImages, firstOfEach, type SeenInEpoch } from '../pictures/augmented.js';
import { interleaved } from '../pictures/sheet.js';
import { wordsOf } from './setting-text.js';

/** What augmentation makes of some training images: each image, and beside it what the first epochs see of it. */

const count = { images: 4, epochs: 7 } as const;

interface SeenPicture {
  readonly picture: PagePicture;
  /** The label where it is of two classes: `71.0% cat, 29.0% dog`. */
  readonly label: string | undefined;
}

export interface AugmentedRow {
  readonly name: string;
  readonly original: PagePicture;
  /** undefined of an epoch that does not take the image. */
  readonly epochs: readonly (SeenPicture | undefined)[];
}

/** The rows; or why there are none, a sentence. */
export type Augmented = readonly AugmentedRow[] | string;

/**
 * With the run's own seed, as its training has made them.
 * @param dataset that was evaluated, if any
 * @param isOwn whether it is the run's own
 * @param draws whether pictures can be drawn
 */
export async function augmentedOf(
  { config, summary }: SavedRun,
  dataset: PackedDataset | undefined,
  isOwn: boolean,
  draws: boolean,
): Promise<Augmented> {
  if (Object.keys(config.training.augmentation).length === 0)
    return 'The training has none: every epoch sees the images as they are.';
  const left = 'What it makes of the images is not shown: ';
  if (!draws) return `${left}pictures cannot be drawn here.`;
  if (dataset === undefined) return `${left}no images were evaluated, as a note above says.`;
  if (!isOwn) return `${left}the images that were evaluated are not those that the training saw.`;
  if (summary !== undefined && summary.datasetKey !== dataset.key)
    return `${left}the dataset is not as it was when the run was trained.`;
  const [, height, width] = dataset.sampleShape as [number, number, number];
  const pictureOf = (bytes: Uint8Array) => previewPicture(interleaved(bytes, width, height));
  const epochs = Array.from({ length: count.epochs }, (_, i) => i + 1);
  const images = augmentedImages(config, dataset, chosen, epochs);
  return Promise.all(
    images.map(async ({ label, bytes, epochs }) => ({
      name: dataset.classes[label]!,
      original: await pictureOf(bytes),
      epochs: await Promise.all(
        epochs.map(
          async (seen) =>
            seen && {
              picture: await pictureOf(seen.bytes),
              label: labelOf(seen, label, dataset.classes),
            },
        ),
      ),
    })),
  );
}

/** Images of classes that are spread over all that have some. */
function chosen(labels: Int32Array): number[] {
  const classes = [...new Set(labels)].sort((a, b) => a - b);
  const most = Math.min(count.images, classes.length);
  const some = Array.from({ length: most }, (_, i) => classes[Math.floor((i * classes.length) / most)]!);
  return firstOfEach(labels, some, count.images);
}

function labelOf(
  { share: own, partnerLabel }: SeenInEpoch,
  label: number,
  classes: readonly string[],
): string | undefined {
  if (partnerLabel === undefined || partnerLabel === label || own === 1) return undefined;
  return `${share(own)} ${classes[label]}, ${share(1 - own)} ${classes[partnerLabel]}`;
}

export function Augmentation({ run, augmented }: { run: SavedRun; augmented: Augmented }) {
  if (typeof augmented === 'string') return <p>{augmented}</p>;
  const { augmentation, epochs: all } = run.config.training;
  const mixes = mixesImages(augmentation);
  return (
    <>
      <p>
        Some training images, and what the first epochs see of them, by the run's own seed: what its threads
        made, before it is normalised.
        {all < count.epochs &&
          ` The training has ${all} epoch${all === 1 ? '' : 's'}; later ones would see the rest.`}
        {mixes && ' Below an image that is mixed with another stand the parts that both have in its label.'}
      </p>
      <Table
        caption={`Augmentation: ${Object.keys(augmentation).map(wordsOf).join(', ')}`}
        rows={augmented}
        columns={[
          { name: 'Class', of: ({ name }) => name },
          {
            name: 'Image',
            of: ({ name, original }) => (
              <Seen seen={{ picture: original, label: undefined }} text={`${name}, as it is`} />
            ),
          },
          ...Array.from({ length: count.epochs }, (_, i) => ({
            name: `Epoch ${i + 1}`,
            of: ({ name, epochs }: AugmentedRow) => (
              <Seen seen={epochs[i]} text={`${name} in epoch ${i + 1}`} />
            ),
          })),
        ]}
      />
    </>
  );
}

const Seen = ({ seen, text }: { seen: SeenPicture | undefined; text: string }) =>
  seen === undefined ? (
    <span class="muted">not in this epoch</span>
  ) : (
    <div class="seen">
      <Pixels picture={seen.picture} text={text} />
      {seen.label !== undefined && <span class="muted">{seen.label}</span>}
    </div>
  );

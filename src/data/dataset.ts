/** A packed dataset: images decoded once into one file, which every run with the same features reads. */

export const splitNames = ['train', 'validation', 'test'] as const;
export type SplitName = (typeof splitNames)[number];

/** Calls `of` for each split. */
export function perSplit<T>(of: (name: SplitName) => T): Record<SplitName, T> {
  return { train: of('train'), validation: of('validation'), test: of('test') };
}

/** Where one split lies in the packed file. */
export interface PackedSplit {
  /** Number of samples. */
  readonly samples: number;
  /** Byte offset in the file of the samples, `[samples, ...sampleShape]` without gaps. */
  readonly samplesOffset: number;
  /** Byte offset in the file of the labels, int32 little-endian, `[samples]`. */
  readonly labelsOffset: number;
  /** Byte offset in the file of the samples' CRC-32, uint32 little-endian, `[samples]`. */
  readonly checksumsOffset: number;
}

/** How a sample is stored, and what it means. */
export interface SampleFormat {
  /** Pixels are uint8, `[3, height, width]`, channels R, G, B; histograms are float32, `[3 * bins]`, values float32 of their own shape. */
  readonly sampleType: 'uint8' | 'float32';
  readonly sampleShape: readonly number[];
  /**
   * The worker makes of a pixel x of channel c: (x / 255 - mean[c]) / deviation[c].
   * Mean and deviation are the training split's. Empty for histograms and values.
   */
  readonly normalization: { readonly mean: readonly number[]; readonly deviation: readonly number[] };
}

/** Bytes of a sample. */
export const bytesOfSample = ({
  sampleType,
  sampleShape,
}: Pick<SampleFormat, 'sampleType' | 'sampleShape'>): number =>
  sampleShape.reduce((a, b) => a * b, sampleType === 'uint8' ? 1 : 4);

export interface PackedDataset extends SampleFormat {
  /** Path of the packed file. */
  readonly path: string;
  /** SHA-256 (hex) of what the file was made from: settings, lists, and each image's path and file stamp. */
  readonly key: string;
  /** Names in label order; `class 0`, ... where the dataset has no classes.txt. */
  readonly classes: readonly string[];
  readonly splits: Readonly<Record<SplitName, PackedSplit>>;
  /** Images left out under `--skip-bad-images`, each with its reason. */
  readonly skipped: readonly { readonly file: string; readonly reason: string }[];
  /**
   * Path, below the dataset's folder, of the image that became sample `index` of the packed split. For an image inside a larger file:
   * that file's path, and the image's name in it. Threads get a copy of the dataset without this function.
   */
  readonly nameOf?: (split: SplitName, index: number) => string | undefined;
}

/** The mean colour, a byte a channel: what is seen outside of an image. */
export const meanColour = ({ normalization }: Pick<SampleFormat, 'normalization'>): number[] =>
  normalization.mean.map((mean) => Math.round(mean * 255));

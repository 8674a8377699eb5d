import type { ImageLimits } from '../images/decode.js';
import type { Refusal } from '../images/reasons.js';
import type { ChannelSums } from '../pixel-sums.js';
import type { ByteRange, Encoding } from '../source.js';

/** The messages of an inspection between the image pool and its threads. Pixels never travel in them. */

/** Look at every one of `images`. */
export interface InspectTask {
  readonly images: readonly ByteRange[];
  readonly encoding: Encoding;
  /** Whether no other image is decoded at the same time: then each is judged for good. */
  readonly alone: boolean;
  /** Images of more pixels are refused. */
  readonly limits: ImageLimits;
}

export interface InspectResult {
  /** One for each image. */
  readonly looks: readonly Look[];
  /** Of the good images' pixels, as they are decoded. */
  readonly sums: ChannelSums;
}

/** What an image is; or, where it cannot be decoded, why. */
export type Look = GoodLook | Refusal;

export interface GoodLook {
  /** Pixels, upright. */
  readonly width: number;
  readonly height: number;
  readonly kind: ImageKind;
  /** Whether its EXIF orientation turns or mirrors it. */
  readonly turned: boolean;
  /** Frames or pages; the first is what lockstep takes. */
  readonly frames: number;
  readonly bytes: number;
  /** The first 16 bytes of the SHA-256 of its bytes, hex. */
  readonly hash: string;
  /** Bits of `remarks`. */
  readonly remarks: number;
  /** Where all pixels have one colour: 1 + its number of 24 bits; else 0. */
  readonly color: number;
}

/** What the bytes of an image are, by their content. */
export interface ImageKind {
  /** `jpeg`, `png`, `avif`, ..., as sharp calls it; `raw` for bytes without a format. */
  readonly format: string;
  /** As libvips calls it: `srgb`, `b-w`, `cmyk`, ... */
  readonly space: string;
  /** Among them the one of transparency. */
  readonly channels: number;
  /** Of a channel's value, decoded. */
  readonly bits: number;
  readonly transparency: boolean;
}

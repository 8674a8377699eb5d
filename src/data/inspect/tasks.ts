import type { ImageEncoding, ImageLimits } from '../images/decode.js';
import type { Refusal } from '../images/reasons.js';
import type { ChannelSums } from '../pixel-sums.js';
import type { ByteRange } from '../source.js';

/** The messages of an inspection between the image pool and its threads. They contain no pixels. */

/** Inspect every image of `images`. */
export interface InspectTask {
  readonly images: readonly ByteRange[];
  readonly encoding: ImageEncoding;
  /** Whether no other image is decoded at the same time. Only then is the verdict on a bad image final. */
  readonly alone: boolean;
  /** Images beyond these limits are refused. */
  readonly limits: ImageLimits;
}

export interface InspectResult {
  /** One for each image. */
  readonly looks: readonly Look[];
  /** Sums over the good images' pixels. */
  readonly sums: ChannelSums;
}

/** The result for an image: its properties, or why it cannot be decoded. */
export type Look = GoodLook | Refusal;

export interface GoodLook {
  /** Pixels, upright. */
  readonly width: number;
  readonly height: number;
  readonly kind: ImageKind;
  /** Whether its EXIF orientation turns or mirrors it. */
  readonly turned: boolean;
  /** Frames or pages. lockstep uses the first. */
  readonly frames: number;
  readonly bytes: number;
  /** The first 16 bytes of the SHA-256 of its bytes, hex. */
  readonly hash: string;
  /** Bit set of `remarks`. */
  readonly remarks: number;
  /** 1 + the colour as a 24-bit number where all pixels have the same, else 0. */
  readonly color: number;
}

/** An image's format, recognised by its content. */
export interface ImageKind {
  /** `jpeg`, `png`, `avif`, ..., named as in sharp; `raw` for bytes without a format. */
  readonly format: string;
  /** Colour space, named as in libvips: `srgb`, `b-w`, `cmyk`, ... */
  readonly space: string;
  /** With the alpha channel. */
  readonly channels: number;
  /** Per channel value. */
  readonly bits: number;
  readonly transparency: boolean;
}

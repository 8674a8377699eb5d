import type { PixelImage } from '../data/images/pixel-image.js';

/** An image on its way to a thread. */
export type SentImage =
  /** Path of an image file. */
  | { readonly type: 'file'; readonly file: string }
  /** The bytes of one. */
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  | ({ readonly type: 'pixels' } & PixelImage)
  /** What the network sees, where that is values. */
  | { readonly type: 'values'; readonly values: Float32Array };

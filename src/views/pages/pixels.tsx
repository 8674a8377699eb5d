import { sharp } from '../../data/images/sharp.js';
import type { SheetImage } from '../pictures/sheet.js';

/** A picture in a page: a PNG as a `data:` URL, and its size in pixels. */
export interface PagePicture {
  readonly address: string;
  readonly width: number;
  readonly height: number;
}

/** Larger pictures are reduced to this size, which limits a page with many pictures. A histogram of 256 bins still fits. */
const largest = { width: 256, height: 128 };

export async function pagePicture({ rgb, width, height }: SheetImage): Promise<PagePicture> {
  const { data, info } = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .resize({ ...largest, fit: 'inside', withoutEnlargement: true })
    .png({ compressionLevel: 9 })
    .toBuffer({ resolveWithObject: true });
  const address = `data:image/png;base64,${data.toString('base64')}`;
  return { address, width: info.width, height: info.height };
}

/** Of a picture that is one of many. Up to `exact` pixels wide and high it is a PNG, to the bit; else a lossy WebP, a tenth as large. */
const preview = { side: 96, exact: 48, quality: 80 } as const;

export async function previewPicture(image: SheetImage): Promise<PagePicture> {
  const { rgb, width, height } = image;
  if (Math.max(width, height) <= preview.exact) return pagePicture(image);
  const { data, info } = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .resize({ width: preview.side, height: preview.side, fit: 'inside', withoutEnlargement: true })
    .webp({ quality: preview.quality })
    .toBuffer({ resolveWithObject: true });
  const address = `data:image/webp;base64,${data.toString('base64')}`;
  return { address, width: info.width, height: info.height };
}

/** Smallest height of a picture, pixels. */
const lowest = 24;

/** A picture enlarged by integer factors to about `side` pixels, so that its pixels are sharp. Flat pictures are stretched vertically. */
export const Pixels = (props: {
  picture: PagePicture;
  side?: number;
  /** Text for readers who cannot see the picture; '' where the text beside it says the same. */
  text: string;
}) => {
  const { address, width, height } = props.picture;
  const factor = Math.max(1, Math.round((props.side ?? 96) / Math.max(width, height)));
  const down = Math.max(factor, Math.round(lowest / height));
  return <img class="pixels" src={address} width={width * factor} height={height * down} alt={props.text} />;
};

import { sharp } from '../../data/images/sharp.js';
import type { SheetImage } from '../pictures/sheet.js';

/** A picture in a page: a `data:` address of a PNG, and its size in pixels. */
export interface PagePicture {
  readonly address: string;
  readonly width: number;
  readonly height: number;
}

/** What is larger is made smaller, so that a page with many pictures stays one that can be sent. A histogram of 256 bins stays as it is. */
const largest = { width: 256, height: 128 };

export async function pagePicture({ rgb, width, height }: SheetImage): Promise<PagePicture> {
  const { data, info } = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .resize({ ...largest, fit: 'inside', withoutEnlargement: true })
    .png({ compressionLevel: 9 })
    .toBuffer({ resolveWithObject: true });
  const address = `data:image/png;base64,${data.toString('base64')}`;
  return { address, width: info.width, height: info.height };
}

/** Pixels of a picture's height, at least. */
const lowest = 24;

/** A picture enlarged by whole factors, to about `side` pixels, so that its own pixels are crisp; what is flat is made taller. */
export const Pixels = (props: {
  picture: PagePicture;
  side?: number;
  /** What it shows; '' where the text beside it says so. */
  text: string;
}) => {
  const { address, width, height } = props.picture;
  const factor = Math.max(1, Math.round((props.side ?? 96) / Math.max(width, height)));
  const down = Math.max(factor, Math.round(lowest / height));
  return <img class="pixels" src={address} width={width * factor} height={height * down} alt={props.text} />;
};

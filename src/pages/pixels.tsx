import type { SheetImage } from '../pictures/sheet.js';

/** The image as a `data:` address of a PNG, a pixel each. */
export async function pngAddress({ rgb, width, height }: SheetImage): Promise<string> {
  // Loading it takes 0.1 s, which pages without pictures need not wait for.
  const { default: sharp } = await import('sharp');
  const png = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 9 })
    .toBuffer();
  return `data:image/png;base64,${png.toString('base64')}`;
}

/** A small image enlarged by a whole factor, to about `side` pixels, so that its own pixels are crisp. */
export const Pixels = (props: {
  address: string;
  width: number;
  height: number;
  side?: number;
  /** What it shows; '' where the text beside it says so. */
  text: string;
}) => {
  const factor = Math.max(1, Math.round((props.side ?? 96) / Math.max(props.width, props.height)));
  return (
    <img
      class="pixels"
      src={props.address}
      width={props.width * factor}
      height={props.height * factor}
      alt={props.text}
    />
  );
};

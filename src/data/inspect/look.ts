import { createHash } from 'node:crypto';
import type { DepthEnum, Metadata, Sharp } from 'sharp';
import { type Budget, LookAtAlone } from '../images/budget.js';
import { decodeOpened, type ImageEncoding, type ImageLimits } from '../images/decode.js';
import { explained, type OpenedImage, openImage, strictly } from '../images/open-image.js';
import { readRange } from '../images/read-range.js';
import { refusalOf } from '../images/reasons.js';
import { sharp } from '../images/sharp.js';
import { isDark } from '../images/values.js';
import { addChannel, addSums, type ChannelSums, noSums } from '../pixel-sums.js';
import { remarks } from '../remarks.js';
import type { ByteRange, RawEncoding } from '../source.js';
import type { GoodLook, Look } from './tasks.js';

/** Inspects one image, on a thread of the image pool, by decoding all of it at its own size. */

/** Pixels held at a time. A larger image is decoded in strips; each strip decodes the image again from its beginning. */
const stripPixels = 2 ** 24;

/** Inspects an image, and adds its pixels to `sums` if it is good. Never throws. `budget` is that of `decodeImage`. */
export async function lookAt(
  image: ByteRange,
  encoding: ImageEncoding,
  limits: ImageLimits,
  sums: ChannelSums,
  budget?: Budget,
): Promise<Look> {
  let bytes: Buffer | undefined;
  try {
    bytes = readRange(image, budget?.largestFile);
    const imageSums = noSums();
    const about =
      encoding.type === 'file'
        ? await lookAtFile(bytes, limits, imageSums, budget)
        : lookAtRaw(bytes, encoding, imageSums);
    const color = colorOf(imageSums);
    const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 32);
    addSums(sums, imageSums);
    const remark = about.remarks | (color === 0 ? 0 : remarks.oneColor);
    return { ...about, remarks: remark, color, bytes: bytes.length, hash };
  } catch (error) {
    const reason = bytes === undefined ? error : await explained(error, bytes, limits.maxPixels);
    return refusalOf(reason);
  }
}

const bitsOf: Readonly<Record<keyof DepthEnum, number>> = {
  ...{ char: 8, uchar: 8, short: 16, ushort: 16, int: 32, uint: 32 },
  ...{ float: 32, double: 64, complex: 64, dpcomplex: 128 },
};

type About = Omit<GoodLook, 'bytes' | 'hash' | 'color'>;

async function lookAtFile(
  file: Buffer,
  limits: ImageLimits,
  sums: ChannelSums,
  budget: Budget | undefined,
): Promise<About> {
  const opened = await openImage(file, limits);
  if (budget !== undefined && opened.careful) throw new LookAtAlone();
  const metadata = await sharp(file, { limitInputPixels: limits.maxPixels }).metadata();
  const look = () => addPixelsOf(opened, metadata, limits, sums, budget === undefined);
  const remark = budget === undefined ? await look() : await budget.with(opened.needs, look);
  const { space, channels, hasAlpha } = metadata;
  return {
    ...{ width: metadata.autoOrient.width, height: metadata.autoOrient.height },
    kind: {
      format: formatOf(metadata),
      space,
      channels,
      bits: bitsOf[metadata.depth],
      transparency: hasAlpha,
    },
    turned: (metadata.orientation ?? 1) > 1,
    frames: metadata.pages ?? 1,
    remarks: remark,
  };
}

/** @returns a bit set of `remarks` */
async function addPixelsOf(
  opened: OpenedImage,
  metadata: Metadata,
  limits: ImageLimits,
  sums: ChannelSums,
  alone: boolean,
): Promise<number> {
  if (opened.kind === 'byte' || opened.kind === 'short') {
    const { result, damaged } = await strictly(opened, alone, (image) => sumsOf(image, metadata, limits));
    if (opened.kind === 'byte' || !result.dark) {
      addSums(sums, result.sums);
      return damaged ? remarks.damaged : 0;
    }
  }
  // Other values are converted as in `decodeImage`.
  const { width, height } = metadata.autoOrient;
  const { rgb, remarks: remark } = await decodeOpened(opened, width, height, limits, alone);
  for (let channel = 0; channel < 3; channel++) addChannel(sums, channel, rgb, channel, 3);
  sums.count += rgb.length / 3;
  return remark;
}

/** Decodes like `decodeImage`, but without turning and resizing, which do not change the sums. */
async function sumsOf(image: Sharp, metadata: Metadata, { background }: ImageLimits) {
  const [r, g, b] = background;
  // For a file of several pages, `height` is that of one page.
  const { width, height } = metadata;
  const sums = noSums();
  let dark = true;
  const rows = Math.max(1, Math.floor(stripPixels / width));
  for (let top = 0; top < height; top += rows) {
    const strip = image.clone();
    if (height > rows) strip.extract({ left: 0, top, width, height: Math.min(rows, height - top) });
    const upright = strip.flatten({ background: { r, g, b } }).toColourspace('srgb').raw();
    const { data, info } = await upright.toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) throw new Error(`it has ${info.channels} channels as sRGB, expected 3`);
    for (let channel = 0; channel < 3; channel++) addChannel(sums, channel, data, channel, 3);
    dark &&= isDark(data);
    sums.count += data.length / 3;
  }
  return { sums, dark };
}

/** 1 + the colour as a 24-bit number where all pixels have the same, else 0. */
function colorOf({ count, sum, squares }: ChannelSums): number {
  if (![0, 1, 2].every((c) => BigInt(squares[c]!) * BigInt(count) === BigInt(sum[c]!) ** 2n)) return 0;
  const [r, g, b] = sum.map((value) => value / count) as [number, number, number];
  return 1 + 65_536 * r + 256 * g + b;
}

/** HEIF is a container of two formats, whose files have different extensions. */
function formatOf({ format, compression }: Metadata): string {
  if (format !== 'heif') return format;
  return compression === 'av1' ? 'avif' : 'heic';
}

function lookAtRaw(bytes: Buffer, { type, width, height }: RawEncoding, sums: ChannelSums): About {
  const gray = type === 'gray';
  const pixels = width * height;
  for (let channel = 0; channel < 3; channel++) {
    const begin = gray ? 0 : channel * pixels;
    addChannel(sums, channel, bytes.subarray(begin, begin + pixels), 0, 1);
  }
  sums.count += pixels;
  const kind = {
    ...{ format: 'raw', space: gray ? 'b-w' : 'srgb', channels: gray ? 1 : 3 },
    ...{ bits: 8, transparency: false },
  };
  return { width, height, kind, turned: false, frames: 1, remarks: 0 };
}

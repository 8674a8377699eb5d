import { fileURLToPath } from 'node:url';
import { described, ExitCode, UserError } from '../errors.js';
import { type Shape, sizeOf } from '../graph/shape.js';
import type { SentImage } from './sent-image.js';

/** The forms in which a program gives an image. */

/** Pixels that a program holds itself, as from a canvas or a camera. They are resized as those of an image file are. */
export interface RawPixels {
  /** Row by row from the top left, `[height, width, channels]`, or as `layout` says. Bytes are 0 to 255. */
  readonly pixels: Uint8Array | Uint8ClampedArray | Float32Array;
  readonly width: number;
  readonly height: number;
  /** 1: gray; 3: red, green and blue; 4: and alpha, below which `data.background` shows through. */
  readonly channels: 1 | 3 | 4;
  /** `hwc`: a pixel's channels side by side; `chw`: one channel's plane after the other. By default `hwc`. */
  readonly layout?: 'hwc' | 'chw';
  /** The value of white; only for floats, which must say it. They become bytes first, a half rounded up. */
  readonly white?: 1 | 255;
}

/** What a network sees that was trained on values (`data.features` of type `values`), in the order of its shape, taken as they are. */
export interface RawValues {
  readonly values: Float32Array | readonly number[];
}

/** An image: the path or file URL of an image file, the file's bytes, or raw pixels. For a network that was trained on values: those. */
export type ImageInput = string | URL | Uint8Array | ArrayBuffer | RawPixels | RawValues;

/** An image that cannot be used. */
export class ImageError extends UserError {
  override readonly name = 'ImageError';
  /** Why, on one line, without the image's name. */
  readonly reason: string;

  /** @param image its name */
  constructor(image: string, reason: string) {
    super(`${image} cannot be used: ${reason}`, ExitCode.data, {
      path: image === noName ? undefined : image,
    });
    this.reason = reason;
  }
}

/** Of an image that is no file. */
const noName = 'the image';

/** The image's name in messages. */
export function nameOfImage(image: unknown): string {
  if (image instanceof URL) return image.href;
  return typeof image === 'string' ? image : noName;
}

/** The image, with memory of its own where it has any. What it is, is not looked at. */
export function copyOf(image: ImageInput): ImageInput {
  if (typeof image !== 'object' || image === null) return image;
  if ('pixels' in image) return { ...image, pixels: copied(image.pixels) };
  if (hasValues(image)) return { ...image, values: copied(image.values) };
  return copied(image);
}

function copied<T>(data: T): T {
  if (Array.isArray(data)) return [...data] as T;
  return data instanceof ArrayBuffer || ArrayBuffer.isView(data) ? structuredClone(data) : data;
}

/**
 * An image as it is sent to a thread. Bytes and pixels are copied, so that the caller may use its memory again at once.
 * @param values shape of what the network sees, if it was trained on values
 * @throws ImageError where it is none of the forms that the network takes, or its values are not as many as they must be
 */
export function toSent(image: ImageInput, values?: Shape): SentImage {
  if (values !== undefined) {
    if (hasValues(image)) return toValues(image, values);
    throw refusal(image, `the network takes values of shape [${values.join(', ')}]; give { values }`);
  }
  if (hasValues(image)) throw refusal(image, 'the network takes images, and no values');
  if (typeof image === 'string') return { type: 'file', file: pathOf(image) };
  if (image instanceof URL) return { type: 'file', file: pathOfUrl(image) };
  if (image instanceof ArrayBuffer) return { type: 'bytes', bytes: new Uint8Array(image.slice()) };
  if (image instanceof Uint8Array) return { type: 'bytes', bytes: new Uint8Array(image) };
  if (typeof image === 'object' && image !== null && 'pixels' in image) return toPixels(image);
  throw refusal(
    image,
    `found ${described(image)}; expected the path or URL of a file, its bytes (Uint8Array or ArrayBuffer), or { pixels, width, height, channels }`,
  );
}

/** Whether it is of the form for values. Lists and arrays have a function of that name. */
export const hasValues = (image: ImageInput): image is RawValues =>
  typeof image === 'object' && image !== null && 'values' in image && typeof image.values !== 'function';

function pathOf(path: string): string {
  if (path === '') throw refusal(path, 'found an empty path');
  if (/^(?:https?|data|blob):/i.test(path)) throw refusal(path, notLoaded);
  return path.startsWith('file://') ? pathOfUrl(path) : path;
}

const notLoaded = 'nothing is loaded from a network; fetch it, and give its bytes';

function pathOfUrl(url: URL | string): string {
  if (url instanceof URL && url.protocol !== 'file:') throw refusal(url, notLoaded);
  try {
    return fileURLToPath(url);
  } catch (error) {
    throw refusal(url, (error as Error).message);
  }
}

function toValues(image: RawValues, shape: Shape): SentImage {
  const isList = image.values instanceof Float32Array || Array.isArray(image.values);
  if (!isList) throw refusal(image, `its values are ${described(image.values)}; expected a Float32Array`);
  const values = Float32Array.from(image.values);
  const expected = sizeOf(shape);
  if (values.length !== expected)
    throw refusal(
      image,
      `it has ${values.length} values; expected ${expected}, of shape [${shape.join(', ')}]`,
    );
  const odd = values.findIndex((value) => !Number.isFinite(value));
  if (odd >= 0) throw refusal(image, `its value ${odd} is ${values[odd]}; expected a finite number`);
  return { type: 'values', values };
}

const layouts = ['hwc', 'chw'] as const;

function toPixels(image: RawPixels): SentImage {
  const { pixels, width, height, channels, layout = 'hwc', white } = image;
  const refuse = (what: string): never => {
    throw refusal(image, what);
  };
  for (const [name, size] of Object.entries({ width, height })) {
    if (!Number.isInteger(size) || size < 1)
      refuse(`its ${name} is ${described(size)}; expected an integer from 1`);
  }
  if (![1, 3, 4].includes(channels))
    refuse(
      `its channels are ${described(channels)}; expected 1 (gray), 3 (red, green, blue) or 4 (with alpha)`,
    );
  if (!layouts.includes(layout)) refuse(`its layout is ${described(layout)}; expected hwc or chw`);
  const isFloat = pixels instanceof Float32Array;
  if (!isFloat && !(pixels instanceof Uint8Array) && !(pixels instanceof Uint8ClampedArray)) {
    refuse(`its pixels are ${described(pixels)}; expected a Uint8Array, Uint8ClampedArray or Float32Array`);
  }
  const expected = width * height * channels;
  if (pixels.length !== expected) {
    refuse(
      `it has ${pixels.length} values; expected ${width} x ${height} x ${channels} (width, height, channels) = ${expected}`,
    );
  }
  if (isFloat !== (white !== undefined) || (white !== undefined && white !== 1 && white !== 255)) {
    refuse(
      isFloat
        ? `its pixels are floats, and white is ${described(white)}; expected 1 or 255, the value that is white`
        : 'its pixels are bytes, whose white is 255; leave white out',
    );
  }
  const bytes = isFloat ? toBytes(image, pixels, white!) : new Uint8Array(pixels);
  return {
    type: 'pixels',
    pixels: layout === 'hwc' || channels === 1 ? bytes : interleaved(bytes, channels),
    width,
    height,
    channels,
  };
}

function toBytes(image: RawPixels, values: Float32Array, white: 1 | 255): Uint8Array {
  const odd = values.find((value) => !(value >= 0 && value <= white));
  if (odd !== undefined) throw refusal(image, `it has the value ${odd}; expected 0 to ${white}, its white`);
  const factor = 255 / white;
  return Uint8Array.from(values, (value) => Math.round(value * factor));
}

/** From `[channels, pixels]` to `[pixels, channels]`. */
function interleaved(planar: Uint8Array, channels: number): Uint8Array {
  const pixels = planar.length / channels;
  const out = new Uint8Array(planar.length);
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < pixels; i++) out[i * channels + c] = planar[c * pixels + i]!;
  }
  return out;
}

const refusal = (image: unknown, reason: string) => new ImageError(nameOfImage(image), reason);

import type { Pair, ResolvedLayer } from '../../config/resolved.js';
import { ExitCode, UserError } from '../../errors.js';
import { groupBytes } from '../../kernels/kernels.js';
import { type Shape, showShape, sizeOf } from '../shape.js';
import type { LayerPlace } from '../wiring.js';

/** A layer in messages: `conv1 (model.layers[0])`. */
export const labelOf = (config: ResolvedLayer, { key }: LayerPlace): string =>
  `${config.name ?? config.type} (${key})`;

/** What a sample's tensor may have: its lane groups are addressed by 32 bits. */
const mostValues = 2 ** 32 / groupBytes;
/** Of a layer: parameters, the optimizer's slots and gradients lie in one memory of 4 GiB. */
const mostWeights = 2 ** 27;

/**
 * Whether a layer can be run at all, before tables are made of its sizes.
 * @param tensors shapes of what it holds of a sample
 * @throws UserError (exit code usage) that names the layer
 */
export function requireRoom(label: string, tensors: readonly Shape[], weights: number): void {
  const largest = Math.max(...tensors.map(sizeOf));
  const refuse = (found: number, what: string, most: number) =>
    new UserError(
      `layer ${label} has ${found.toLocaleString('en')} ${what}, expected at most ${most.toLocaleString('en')}; make it smaller`,
      ExitCode.usage,
    );
  if (largest > mostValues) throw refuse(largest, 'values of a sample', mostValues);
  if (weights > mostWeights) throw refuse(weights, 'weights', mostWeights);
}

/** `[channels, height, width]`, or a UserError that names the layer. */
export function requirePicture(
  label: string,
  input: Shape,
): [channels: number, height: number, width: number] {
  if (input.length === 3) return [...input] as [number, number, number];
  throw new UserError(
    `layer ${label} needs an input of channels x height x width, but gets ${showShape(input)} values; ` +
      'put it before flatten and dense layers, and use pixel features',
    ExitCode.usage,
  );
}

/** `[features]`, or a UserError that names the layer. */
export function requireFlat(label: string, input: Shape): number {
  if (input.length === 1) return input[0]!;
  throw new UserError(
    `layer ${label} needs a flat input, but gets ${showShape(input)}; put a flatten layer before it (${sizeOf(input)} features)`,
    ExitCode.usage,
  );
}

/** How many windows fit along height and width; a UserError where none does. */
export function windowCounts(label: string, picture: Shape, window: Pair, stride: Pair): Pair {
  const [, height, width] = picture as [number, number, number];
  if (window[0] <= height && window[1] <= width) {
    return [
      Math.floor((height - window[0]) / stride[0]) + 1,
      Math.floor((width - window[1]) / stride[1]) + 1,
    ];
  }
  throw new UserError(
    `layer ${label} gets an input of ${showShape(picture)} (channels x height x width, padding counted), but its window of ` +
      `${window[0]} x ${window[1]} needs at least that height and width; make the window smaller or pool less before it`,
    ExitCode.usage,
  );
}

/** Byte offset of each input of a window, from its first: `[channels][kernelHeight][kernelWidth]`, a dilation apart. */
export function offsetTable(
  picture: Shape,
  kernelHeight: number,
  kernelWidth: number,
  [down, across]: Pair,
): Uint32Array {
  const [channels, height, width] = picture as [number, number, number];
  const table = new Uint32Array(channels * kernelHeight * kernelWidth);
  let at = 0;
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < kernelHeight; i++) {
      for (let j = 0; j < kernelWidth; j++)
        table[at++] = ((c * height + i * down) * width + j * across) * groupBytes;
    }
  }
  return table;
}

/**
 * How far apart the planes of `positions` groups should lie for a kernel that reads all planes at one place: not at a multiple of 1 KiB,
 * where they would crowd a few sets of the cache (measured: 17 GFLOP/s instead of 50 with 64 planes of 16 x 16).
 */
export const planeDistance = (positions: number): number =>
  positions % 32 === 0 ? positions + 2 : positions;

/** Byte offset of each output's plane for each of `columns` kernel columns, from column 0's: `[columns][outputs]`, modulo 2^32. */
export function planeTable(outputs: number, apart: number, columns: number): Uint32Array {
  return Uint32Array.from(
    { length: columns * outputs },
    (_, t) => ((t % outputs) * apart - Math.floor(t / outputs)) * groupBytes,
  );
}

/** @throws UserError (exit code usage) where the groups do not divide the channels. @param advice what to do then */
export function requireGroups(label: string, channels: number, groups: number, advice: string): void {
  if (channels % groups === 0) return;
  throw new UserError(
    `layer ${label} has ${groups} groups, but gets ${channels} channels, which cannot be cut into so many; ${advice}`,
    ExitCode.usage,
  );
}

import { ExitCode, UserError } from '../../errors.js';
import { groupBytes } from '../../kernels/kernels.js';
import { type Shape, showShape, sizeOf } from '../shape.js';

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

/** How many windows fit along one axis; a UserError where none does. */
export function windowCount(
  label: string,
  axis: 'height' | 'width',
  length: number,
  window: number,
  stride: number,
): number {
  if (window <= length) return Math.floor((length - window) / stride) + 1;
  throw new UserError(
    `layer ${label} has a window of ${axis} ${window}, but its input (with padding) has a ${axis} of ${length}; ` +
      'make the window smaller or pool less before it',
    ExitCode.usage,
  );
}

/** Byte offset of each input of a window, from its first: `[channels][kernelHeight][kernelWidth]`. */
export function offsetTable(picture: Shape, kernelHeight: number, kernelWidth: number): Uint32Array {
  const [channels, height, width] = picture as [number, number, number];
  const table = new Uint32Array(channels * kernelHeight * kernelWidth);
  let at = 0;
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < kernelHeight; i++) {
      for (let j = 0; j < kernelWidth; j++) table[at++] = ((c * height + i) * width + j) * groupBytes;
    }
  }
  return table;
}

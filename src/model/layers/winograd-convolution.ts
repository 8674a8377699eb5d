import { groupBytes, type Kernels } from '../../kernels/kernels.js';
import type { ConvAlgorithm, Convolution } from './convolution.js';
import { planeDistance } from './geometry.js';

/** Products of a tile along a row, whatever its width, and down the columns. See `kernels/assembly/winograd.ts`. */
const points = 6;
const rowPoints = 4;

/** A picture with its padding, and what a kernel makes of it, a row or column a pixel. */
interface Correlation {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly top: number;
  readonly left: number;
  readonly outputs: number;
  readonly rows: number;
  readonly columns: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
}

/**
 * By Winograd's minimal filtering. Undefined for convolutions that it does not fit, or where it would save less than a fifth of the
 * products.
 */
export function winogradConvolution(conv: Convolution): ConvAlgorithm | undefined {
  const { channels, height, width, outputs, rows, columns, kernelHeight, kernelWidth, top, left } = conv;
  const step = points + 1 - kernelWidth;
  const tiles = Math.ceil(columns / step);
  const fits =
    conv.strideHeight === 1 &&
    conv.strideWidth === 1 &&
    kernelWidth > 1 &&
    step > 1 &&
    top < kernelHeight &&
    left < kernelWidth;
  if (!fits || points * tiles > 0.8 * columns * kernelWidth) return undefined;

  const forward = correlationOf(conv);
  // Input gradients are a convolution of dy with the kernels turned around.
  const back = correlationOf({
    channels: outputs,
    height: rows,
    width: columns,
    top: kernelHeight - 1 - top,
    left: kernelWidth - 1 - left,
    outputs: channels,
    rows: height,
    columns: width,
    kernelHeight,
    kernelWidth,
  });
  const picture = transformOf(channels, height + 2 * top, tiles, kernelHeight);
  const gradientPlane = outputs * rows * tiles * groupBytes;
  const weightPlane = outputs * picture.terms * 4;

  return {
    tables: [forward.table, back.table, picture.table],
    scratch: [
      points * weightPlane,
      points * gradientPlane,
      picture.bytes,
      256,
      ...forward.scratch,
      ...back.scratch,
    ],

    bind(kernels, at) {
      const [forwardTable, backTable, table] = at.tables as [number, number, number];
      const [gradientSums, gradients, v, block, ...scratch] = at.scratch as [
        number,
        number,
        number,
        number,
        ...number[],
      ];
      const convolve = forward.bind(kernels, forwardTable, scratch);
      const turned = back.bind(kernels, backTable, scratch.slice(forward.scratch.length));
      const rowBytes = kernelWidth * 4;
      const inputBytes = kernelHeight * rowBytes;
      const outputBytes = channels * inputBytes;
      return {
        prepare() {
          convolve.pack(at.weight, outputBytes, inputBytes, rowBytes, 4);
          if (at.dx !== 0) turned.pack(at.weight + inputBytes - 4, inputBytes, outputBytes, -rowBytes, -4);
        },
        forward: () => convolve.run(at.x, at.bias, at.y),
        weightGradient(dw, accumulate) {
          const inside = v + top * tiles * groupBytes;
          kernels.winogradInput(
            at.x,
            channels,
            height,
            width,
            left,
            step,
            tiles,
            inside,
            picture.channel,
            picture.plane,
          );
          kernels.winogradGradient(at.dy, outputs * rows, columns, step, gradients, gradientPlane);
          for (let point = 0; point < points; point++) {
            kernels.convWeightGradient(
              gradients + point * gradientPlane,
              v + point * picture.plane,
              0,
              groupBytes,
              table,
              picture.terms,
              gradientSums + point * weightPlane,
              outputs,
              1,
              rows * tiles,
              0,
              block,
              kernels.joined,
            );
          }
          kernels.unpackWinograd(gradientSums, outputs * picture.terms, kernelWidth, dw, accumulate);
        },
        inputGradient: () => turned.run(at.dy, 0, at.dx),
      };
    },
  };
}

interface BoundCorrelation {
  /** Take weights; steps in bytes from one output, input, kernel row and column to the next. */
  pack(weight: number, outputStep: number, inputStep: number, rowStep: number, columnStep: number): void;
  run(x: number, bias: number, y: number): void;
}

interface CorrelationPlan {
  readonly table: Uint32Array;
  readonly scratch: readonly number[];
  bind(kernels: Kernels, table: number, scratch: readonly number[]): BoundCorrelation;
}

/** Below this many channels, sums over them alone are too short to pay for the transforms. */
const gridChannels = 32;

const correlationOf = (size: Correlation): CorrelationPlan =>
  size.kernelHeight === 3 && size.channels >= gridChannels ? overGrid(size) : alongRows(size);

/** Winograd's along the rows, and kernel rows as they are. */
function alongRows(size: Correlation): CorrelationPlan {
  const { channels, height, width, top, left, outputs, rows, columns, kernelHeight, kernelWidth } = size;
  const step = points + 1 - kernelWidth;
  const tiles = Math.ceil(columns / step);
  const { table, terms, channel, plane, bytes } = transformOf(
    channels,
    height + 2 * top,
    tiles,
    kernelHeight,
  );
  return {
    table,
    scratch: [bytes, points * outputs * terms * 4, points * outputs * tiles * groupBytes],

    bind(kernels, table, [v, panels, sums]: [number, number, number]) {
      const inside = v + top * tiles * groupBytes;
      return {
        pack(weight, outputStep, inputStep, rowStep, columnStep) {
          kernels.packWinograd(
            weight,
            outputStep,
            inputStep,
            rowStep,
            columnStep,
            outputs,
            channels,
            kernelHeight,
            kernelWidth,
            panels,
          );
        },
        run(x, bias, y) {
          kernels.winogradInput(x, channels, height, width, left, step, tiles, inside, channel, plane);
          kernels.winogradSums(
            v,
            plane,
            table,
            terms,
            panels,
            bias,
            sums,
            y,
            outputs,
            rows,
            columns,
            step,
            tiles,
            kernels.joined,
          );
        },
      };
    },
  };
}

/** Winograd's along the rows and down the columns. */
function overGrid(size: Correlation): CorrelationPlan {
  const { channels, height, width, top, left, outputs, rows, columns, kernelWidth } = size;
  const step = points + 1 - kernelWidth;
  const tiles = Math.ceil(columns / step);
  const all = rowPoints * points;
  const plane = outputs * channels * 4 + 64; // planes a power of two apart would crowd the cache
  return {
    table: Uint32Array.from({ length: channels }, (_, c) => c * tiles * groupBytes),
    scratch: [
      5 * (left + width + step + points) * groupBytes,
      all * channels * tiles * groupBytes,
      all * plane,
      all * outputs * tiles * groupBytes,
    ],

    bind(kernels, table, [lines, v, panels, sums]: [number, number, number, number]) {
      return {
        pack(weight, outputStep, inputStep, rowStep, columnStep) {
          kernels.packWinogradGrid(
            weight,
            outputStep,
            inputStep,
            rowStep,
            columnStep,
            outputs,
            channels,
            kernelWidth,
            panels,
            plane,
          );
        },
        run(x, bias, y) {
          kernels.winogradGrid(
            x,
            channels,
            height,
            width,
            top,
            left,
            table,
            panels,
            bias,
            lines,
            v,
            sums,
            y,
            outputs,
            rows,
            columns,
            step,
            tiles,
            plane,
            kernels.joined,
          );
        },
      };
    },
  };
}

/** The transform of a picture with its padding above and below: sizes in bytes, and which values a tile's sum takes. */
function transformOf(channels: number, height: number, tiles: number, kernelHeight: number) {
  const channel = planeDistance(height * tiles) * groupBytes;
  const terms = channels * kernelHeight;
  const table = new Uint32Array(terms);
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < kernelHeight; i++) table[c * kernelHeight + i] = c * channel + i * tiles * groupBytes;
  }
  const plane = channels * channel;
  return { channel, plane, terms, table, bytes: points * plane };
}

import { groupBytes, type Kernels } from '../../kernels/kernels.js';
import { type Scratch, savedScratch, scratch } from '../operator.js';
import { planeDistance } from './geometry.js';

/** Products of a tile along a row, whatever its width, and down the columns. See `kernels/winograd/rows.as.ts`. */
export const points = 6;
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

interface BoundCorrelation {
  /** Where `run` leaves the picture's transform along the rows, as `transformOf` plans it; undefined where it makes another. */
  readonly transform: number | undefined;
  /** Take weights; steps in bytes from one output, input, kernel row and column to the next. */
  pack(weight: number, outputStep: number, inputStep: number, rowStep: number, columnStep: number): void;
  run(x: number, bias: number, y: number): void;
}

interface CorrelationPlan {
  /** Whether `run` leaves the picture's transform along the rows. */
  readonly leavesTransform: boolean;
  readonly table: Uint32Array;
  readonly scratch: readonly Scratch[];
  bind(kernels: Kernels, table: number, scratch: readonly number[]): BoundCorrelation;
}

/** Below this many channels, sums over them alone are too short to pay for the transforms. */
const gridChannels = 32;

export const correlationOf = (size: Correlation): CorrelationPlan =>
  size.kernelHeight === 3 && size.channels >= gridChannels ? overGrid(size) : alongRows(size);

/** Winograd's along the rows, and kernel rows as they are. */
function alongRows(size: Correlation): CorrelationPlan {
  const { channels, height, width, top, left, outputs, rows, columns, kernelHeight, kernelWidth } = size;
  const step = points + 1 - kernelWidth;
  const tiles = Math.ceil(columns / step);
  const { table, terms, channel, plane, bytes } = transformOf(
    channels,
    rows + kernelHeight - 1,
    tiles,
    kernelHeight,
  );
  return {
    leavesTransform: true,
    table,
    scratch: [
      savedScratch(bytes),
      scratch(points * outputs * terms * 4),
      scratch(points * outputs * tiles * groupBytes),
    ],

    bind(kernels, table, [v, panels, sums]: [number, number, number]) {
      const inside = v + top * tiles * groupBytes;
      return {
        transform: v,
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
    leavesTransform: false,
    table: Uint32Array.from({ length: channels }, (_, c) => c * tiles * groupBytes),
    scratch: [
      scratch(5 * (left + width + step + points) * groupBytes),
      scratch(all * channels * tiles * groupBytes),
      scratch(all * plane),
      scratch(all * outputs * tiles * groupBytes),
    ],

    bind(kernels, table, [lines, v, panels, sums]: [number, number, number, number]) {
      return {
        transform: undefined,
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
export function transformOf(channels: number, height: number, tiles: number, kernelHeight: number) {
  const channel = planeDistance(height * tiles) * groupBytes;
  const terms = channels * kernelHeight;
  const table = new Uint32Array(terms);
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < kernelHeight; i++) table[c * kernelHeight + i] = c * channel + i * tiles * groupBytes;
  }
  const plane = channels * channel;
  return { channel, plane, terms, table, bytes: points * plane };
}

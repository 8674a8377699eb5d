import { groupBytes, lanes } from '../../kernels/kernels.js';
import { scratch } from '../operator.js';
import type { Correlation, CorrelationPlan, WeightGradientPlan, WinogradForm } from './winograd-form.js';

/** Points of a tile in both directions, and outputs in one. See `kernels/winograd/points.as.ts`. */
const points = 36;
const step = 4;

/** Below this many channels or outputs, sums over them are too short to pay for the transforms. */
const fewest = 16;

/** Winograd's filtering along the rows and down the columns, in tiles of 4 x 4 outputs: for 3 x 3 kernels. */
export const overGrid: WinogradForm = { pays, correlation, weightGradient };

const tilesOf = ({ rows, columns }: Correlation) => ({
  tiles: Math.ceil(columns / step),
  tileRows: Math.ceil(rows / step),
});

export const gridTilesOf = (size: Correlation): number => tilesOf(size).tiles * tilesOf(size).tileRows;

/** Where it saves a fifth of the products. */
function pays(size: Correlation): boolean {
  const { channels, outputs, rows, columns, kernelHeight, kernelWidth } = size;
  return (
    kernelHeight === 3 &&
    kernelWidth === 3 &&
    Math.min(channels, outputs) >= fewest &&
    points * gridTilesOf(size) <= 0.8 * rows * columns * 9
  );
}

/** Rows of tiles at a time, of up to so many tiles. */
function stripOf(size: Correlation, most: number): number {
  const { tiles, tileRows } = tilesOf(size);
  return Math.min(tileRows, Math.max(1, Math.floor(most / tiles)));
}

/** Bytes of a plane for each point: planes a power of two apart would crowd the cache. */
const planesOf = (bytes: number) => points * (bytes + 64);

/** Of a strip's transforms and sums: they stay in the second-level cache. A matter of speed, never of the sums. */
const stripBytes = 2 ** 19;

function correlation(size: Correlation): CorrelationPlan {
  const { channels, height, width, top, left, outputs, rows, columns } = size;
  const stripRows = stripOf(size, stripBytes / (points * (channels + outputs) * groupBytes));
  const channel = stripRows * tilesOf(size).tiles * groupBytes;
  const panel = outputs * channels * 4 + 64;
  return {
    table: Uint32Array.from({ length: channels }, (_, c) => c * channel),
    scratch: [
      scratch(7 * (left + width + 6) * groupBytes),
      scratch(planesOf(channels * channel)),
      scratch(points * panel),
      scratch(planesOf(outputs * channel)),
      scratch(24 * groupBytes),
    ],

    bind(kernels, table, [lines, v, panels, sums, half]: [number, number, number, number, number]) {
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
            panels,
            panel,
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
            panel,
            bias,
            lines,
            v,
            sums,
            half,
            y,
            outputs,
            rows,
            columns,
            stripRows,
            kernels.joined,
          );
        },
      };
    },
  };
}

/** Tiles whose positions, 8 samples each, are added up before the next: **the bits depend on it**. */
const tilesOfSum = 8;
/** Channels, and outputs, of which all points are summed before the next: the sums of 36 points stay in the second-level cache. */
const block = 32;

function weightGradient(size: Correlation): WeightGradientPlan {
  const { channels, height, width, outputs, rows, columns, top, left } = size;
  const { tiles, tileRows } = tilesOf(size);
  const stripRows = stripOf(size, tilesOfSum);
  const terms = stripRows * tiles * lanes;
  const blocks = stripRows < tileRows ? Math.ceil(channels / block) * Math.ceil(outputs / block) : 1;
  return {
    table: Uint32Array.from({ length: terms }, (_, t) => t * groupBytes),
    scratch: [
      (6 * (left + width + 6) + 60) * lanes * groupBytes + groupBytes,
      planesOf(Math.ceil(channels / lanes) * terms * groupBytes),
      planesOf(Math.ceil(outputs / lanes) * terms * groupBytes),
      blocks * planesOf(block * block * 4),
      27 * 16,
    ],

    bind(kernels, { x, dy, table, scratch }) {
      const [lines, v, d, sums, half] = scratch as [number, number, number, number, number];
      return (dw, accumulate) =>
        kernels.winogradGridGradient(
          x,
          channels,
          height,
          width,
          top,
          left,
          dy,
          outputs,
          rows,
          columns,
          table,
          lines,
          v,
          d,
          sums,
          half,
          dw,
          stripRows,
          block,
          accumulate,
          kernels.joined,
        );
    },
  };
}

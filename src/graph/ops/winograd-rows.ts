import { groupBytes } from '../../kernels/kernels.js';
import { savedScratch, scratch } from '../operator.js';
import { planeDistance } from './geometry.js';
import type { Correlation, CorrelationPlan, WeightGradientPlan, WinogradForm } from './winograd-form.js';

/** Products of a tile, whatever its width. See `kernels/winograd/rows.as.ts`. */
const points = 6;

/** Winograd's filtering along the rows, with kernel rows as they are: for kernels 2 to 5 wide. */
export const alongRows: WinogradForm = { pays, correlation, weightGradient };

/** Outputs of a tile, and tiles of a row. */
function tilesOf({ columns, kernelWidth }: Correlation) {
  const step = points + 1 - kernelWidth;
  return { step, tiles: Math.ceil(columns / step) };
}

/** Where it saves a fifth of the products. */
function pays(size: Correlation): boolean {
  const { step, tiles } = tilesOf(size);
  const { columns, kernelWidth } = size;
  return kernelWidth > 1 && step > 1 && points * tiles <= 0.8 * columns * kernelWidth;
}

function correlation(size: Correlation): CorrelationPlan {
  const { channels, height, width, top, left, outputs, rows, columns, kernelHeight, kernelWidth } = size;
  const { step, tiles } = tilesOf(size);
  const { table, terms, channel, plane } = transformOf(size);
  return {
    table,
    scratch: [
      savedScratch(points * plane),
      scratch(points * outputs * terms * 4),
      scratch(points * outputs * tiles * groupBytes),
    ],

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

/** Of the picture's transform that the forward pass leaves. */
function weightGradient(size: Correlation): WeightGradientPlan {
  const { outputs, rows, columns, kernelWidth } = size;
  const { step, tiles } = tilesOf(size);
  const { table, terms, plane } = transformOf(size);
  const gradientPlane = outputs * rows * tiles * groupBytes;
  const weightPlane = outputs * terms * 4;
  return {
    table,
    scratch: [points * weightPlane, points * gradientPlane, 256],

    bind(kernels, { dy, table, scratch, forward }) {
      const [sums, gradients, block] = scratch as [number, number, number];
      const [v] = forward as [number];
      return (dw, accumulate) => {
        kernels.winogradGradient(dy, outputs * rows, columns, step, gradients, gradientPlane);
        for (let point = 0; point < points; point++) {
          kernels.convWeightGradient(
            gradients + point * gradientPlane,
            v + point * plane,
            0,
            groupBytes,
            table,
            terms,
            sums + point * weightPlane,
            outputs,
            1,
            rows * tiles,
            0,
            block,
            kernels.joined,
          );
        }
        kernels.unpackWinograd(sums, outputs * terms, kernelWidth, dw, accumulate);
      };
    },
  };
}

/** The transform of a picture with its padding above and below: sizes in bytes, and which values a tile's sum takes. */
function transformOf(size: Correlation) {
  const { channels, rows, kernelHeight } = size;
  const { tiles } = tilesOf(size);
  const channel = planeDistance((rows + kernelHeight - 1) * tiles) * groupBytes;
  const terms = channels * kernelHeight;
  const table = new Uint32Array(terms);
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < kernelHeight; i++) table[c * kernelHeight + i] = c * channel + i * tiles * groupBytes;
  }
  return { channel, plane: channels * channel, terms, table };
}

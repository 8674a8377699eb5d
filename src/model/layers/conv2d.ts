import type { ResolvedConv2d } from '../../config/resolve.js';
import { groupBytes } from '../../kernels/kernels.js';
import type { Layer } from '../layer.js';
import { type Shape, sizeOf } from '../shape.js';
import { labelOf, offsetTable, requirePicture, windowCounts } from './geometry.js';

/**
 * Convolution (cross-correlation, as PyTorch's Conv2d): y[o] = b[o] + sum over c, i, j of w[o][c][i][j] * x[c][row + i][column + j].
 *
 * Forward and input gradient are one kernel, `weightedSums`. For the input gradient, dy is spread out by the stride and framed with
 * zeros, and the weights are turned by 180 degrees over height and width, with input and output channels exchanged.
 */
export function conv2d(config: ResolvedConv2d, input: Shape, index: number): Layer {
  const label = labelOf(config, index);
  const [channels, height, width] = requirePicture(label, input);
  const [kernelHeight, kernelWidth] = config.kernelSize;
  const [strideHeight, strideWidth] = config.stride;
  const [top, left] = config.padding;
  const outputs = config.outChannels;
  const padded = [channels, height + 2 * top, width + 2 * left] as const;
  const [rows, columns] = windowCounts(label, padded, config.kernelSize, config.stride);
  const framed = [outputs, padded[1] + kernelHeight - 1, padded[2] + kernelWidth - 1] as const;
  const isPadded = top + left > 0;

  const kernel = kernelHeight * kernelWidth;
  const terms = channels * kernel;
  const fanIn = terms;
  const fanOut = outputs * kernel;
  const weightBytes = outputs * terms * 4;

  return {
    label: config.name,
    input,
    output: [outputs, rows, columns],
    parameters: [
      {
        name: `${config.name}.weight`,
        shape: [outputs, channels, kernelHeight, kernelWidth],
        init: config.weightInit,
        fanIn,
        fanOut,
        channels,
      },
      { name: `${config.name}.bias`, shape: [outputs], init: config.biasInit, fanIn, fanOut, channels },
    ],
    multiplyAdds: outputs * rows * columns * terms,
    isView: false,
    forwardInPlace: false,
    backwardInPlace: false,
    backwardReads: { x: !isPadded, y: false },
    tables: [offsetTable(padded, kernelHeight, kernelWidth), offsetTable(framed, kernelHeight, kernelWidth)],
    scratch: [
      weightBytes,
      weightBytes,
      sizeOf(framed) * groupBytes,
      isPadded ? sizeOf(padded) * groupBytes : 0,
      isPadded ? sizeOf(padded) * groupBytes : 0,
      256,
    ],

    bind(kernels, at) {
      const [weight, bias] = at.parameters as [number, number];
      const [weightGradient, biasGradient] = at.gradients as [number, number];
      const [table, framedTable] = at.tables as [number, number];
      const [panels, turnedPanels, frame, pad, padGradient, sums] = at.scratch as [
        number,
        number,
        number,
        number,
        number,
        number,
      ];
      const x = isPadded ? pad : at.x;
      const dx = isPadded ? padGradient : at.dx;
      const xRow = padded[2] * strideHeight * groupBytes;
      const xColumn = strideWidth * groupBytes;
      const frameRow = framed[2] * groupBytes;
      return {
        prepare() {
          kernels.packPanels(weight, outputs, terms * 4, 1, 0, terms, 4, panels);
          if (at.dx === 0) return;
          const last = weight + (kernel - 1) * 4;
          kernels.packPanels(last, channels, kernel * 4, outputs, terms * 4, kernel, -4, turnedPanels);
        },
        forward() {
          if (isPadded)
            kernels.embed(at.x, x, channels, height, width, padded[1], padded[2], top, left, 1, 1);
          kernels.weightedSums(x, xRow, xColumn, table, terms, panels, 0, bias, at.y, outputs, rows, columns);
        },
        backward(gradients, accumulate) {
          kernels.convWeightGradient(
            at.dy,
            x,
            xRow,
            xColumn,
            table,
            terms,
            gradients + weightGradient,
            outputs,
            rows,
            columns,
            accumulate,
            sums,
            kernels.joined,
          );
          kernels.biasGradient(at.dy, gradients + biasGradient, outputs, rows * columns, accumulate);
          if (at.dx === 0) return;
          kernels.embed(
            at.dy,
            frame,
            outputs,
            rows,
            columns,
            framed[1],
            framed[2],
            kernelHeight - 1,
            kernelWidth - 1,
            strideHeight,
            strideWidth,
          );
          kernels.weightedSums(
            frame,
            frameRow,
            groupBytes,
            framedTable,
            outputs * kernel,
            turnedPanels,
            0,
            0,
            dx,
            channels,
            padded[1],
            padded[2],
          );
          if (isPadded) kernels.crop(dx, at.dx, channels, height, width, padded[1], padded[2], top, left);
        },
      };
    },
  };
}

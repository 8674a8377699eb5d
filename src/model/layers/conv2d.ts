import type { ResolvedConv2d } from '../../config/resolve.js';
import { groupBytes } from '../../kernels/kernels.js';
import type { Layer } from '../layer.js';
import { type Shape, sizeOf } from '../shape.js';
import { labelOf, offsetTable, planeDistance, planeTable, requirePicture, windowCounts } from './geometry.js';

/** Convolution (cross-correlation, as PyTorch's Conv2d): y[o] = b[o] + sum over c, i, j of w[o][c][i][j] * x[c][row + i][column + j]. */
export function conv2d(config: ResolvedConv2d, input: Shape, index: number): Layer {
  const label = labelOf(config, index);
  const [channels, height, width] = requirePicture(label, input);
  const [kernelHeight, kernelWidth] = config.kernelSize;
  const [strideHeight, strideWidth] = config.stride;
  const [top, left] = config.padding;
  const outputs = config.outChannels;
  const padded = [channels, height + 2 * top, width + 2 * left] as const;
  const [rows, columns] = windowCounts(label, padded, config.kernelSize, config.stride);
  const isPadded = top + left > 0;
  const positions = rows * columns;
  const apart = planeDistance(positions);

  const terms = channels * kernelHeight * kernelWidth;
  const fans = { fanIn: terms, fanOut: outputs * kernelHeight * kernelWidth, channels };
  const weightBytes = outputs * terms * 4;
  const shape = [outputs, channels, kernelHeight, kernelWidth];

  return {
    label: config.name,
    input,
    output: [outputs, rows, columns],
    parameters: [
      { name: `${config.name}.weight`, shape, init: config.weightInit, ...fans },
      { name: `${config.name}.bias`, shape: [outputs], init: config.biasInit, ...fans },
    ],
    multiplyAdds: outputs * rows * columns * terms,
    isView: false,
    forwardInPlace: false,
    backwardInPlace: false,
    backwardReads: { x: !isPadded, y: false },
    tables: [
      offsetTable(padded, kernelHeight, kernelWidth),
      planeTable(outputs, apart, Math.ceil(kernelWidth / strideWidth)),
    ],
    scratch: [
      weightBytes,
      weightBytes,
      isPadded ? sizeOf(padded) * groupBytes : 0,
      256,
      apart > positions ? outputs * apart * groupBytes : 0,
    ],

    bind(kernels, at) {
      const [weight, bias] = at.parameters as [number, number];
      const [weightGradient, biasGradient] = at.gradients as [number, number];
      const [table, planes] = at.tables as [number, number];
      const [panels, inputPanels, pad, sums, planesApart] = at.scratch as [
        number,
        number,
        number,
        number,
        number,
      ];
      const dy = apart > positions ? planesApart : at.dy;
      const x = isPadded ? pad : at.x;
      const xRow = padded[2] * strideHeight * groupBytes;
      const xColumn = strideWidth * groupBytes;
      return {
        prepare() {
          kernels.packPanels(weight, outputs, terms, panels);
          if (at.dx === 0) return;
          kernels.packInputPanels(
            weight,
            outputs,
            channels,
            kernelHeight,
            kernelWidth,
            strideWidth,
            inputPanels,
          );
        },
        forward() {
          if (isPadded) kernels.embed(at.x, x, channels, height, width, padded[1], padded[2], top, left);
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
          kernels.biasGradient(at.dy, gradients + biasGradient, outputs, positions, accumulate);
          if (at.dx === 0) return;
          if (dy !== at.dy) kernels.spreadPlanes(at.dy, dy, outputs, positions, apart);
          kernels.convInputGradient(
            dy,
            rows,
            columns,
            outputs,
            planes,
            inputPanels,
            kernelHeight,
            kernelWidth,
            strideHeight,
            strideWidth,
            at.dx,
            channels,
            height,
            width,
            top,
            left,
          );
        },
      };
    },
  };
}

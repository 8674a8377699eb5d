import { groupBytes } from '../../kernels/kernels.js';
import { savedScratch, scratch } from '../operator.js';
import { sizeOf } from '../shape.js';
import type { ConvAlgorithm, Convolution } from './convolution.js';
import { offsetTable, planeDistance, planeTable } from './geometry.js';

/**
 * Convolution without a transform, as an indirect GEMM (Dukhan 2019): sums over a table of the inputs' offsets, see `weightedSums`. For any
 * kernel and stride.
 * @param backward whether gradients are wanted too; else nothing is set aside for them
 */
export function indirectGemm(conv: Convolution, backward: boolean): ConvAlgorithm {
  const { channels, height, width, outputs, rows, columns, kernelHeight, kernelWidth, padded, terms } = conv;
  const { strideHeight, strideWidth, top, left } = conv;
  const positions = rows * columns;
  const apart = planeDistance(positions);
  const isPadded = top + left > 0;
  const weightBytes = outputs * terms * 4;
  const ifBackward = (bytes: number) => scratch(backward ? bytes : 0);
  return {
    tables: [
      offsetTable(padded, kernelHeight, kernelWidth),
      planeTable(outputs, apart, Math.ceil(kernelWidth / strideWidth)),
    ],
    scratch: [
      scratch(weightBytes),
      ifBackward(weightBytes),
      savedScratch(isPadded ? sizeOf(padded) * groupBytes : 0),
      ifBackward(256),
      ifBackward(apart > positions ? outputs * apart * groupBytes : 0),
    ],

    bind(kernels, at) {
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
          kernels.packPanels(at.weight, outputs, terms, panels);
          if (at.dx === 0) return;
          kernels.packInputPanels(
            at.weight,
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
          kernels.weightedSums(
            x,
            xRow,
            xColumn,
            table,
            terms,
            panels,
            0,
            at.bias,
            at.y,
            outputs,
            rows,
            columns,
            kernels.joined,
          );
        },
        weightGradient(dw, accumulate) {
          kernels.convWeightGradient(
            at.dy,
            x,
            xRow,
            xColumn,
            table,
            terms,
            dw,
            outputs,
            rows,
            columns,
            accumulate,
            sums,
            kernels.joined,
          );
        },
        inputGradient() {
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

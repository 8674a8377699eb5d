import { groupBytes } from '../../kernels/kernels.js';
import { backwardScratch, savedScratch, scratch } from '../operator.js';
import { sizeOf } from '../shape.js';
import { type ConvAlgorithm, type Convolution, type Gradients, isPadded } from './convolution.js';
import { offsetTable } from './geometry.js';
import { inputGradientOf } from './input-gradient.js';
import { isPointwise, pointwise } from './pointwise.js';

/**
 * Convolution without a transform, as an indirect GEMM (Dukhan 2019): sums over a table of the inputs' offsets, see `weightedSums`, of a 1 x 1
 * kernel over tiles of positions, see `pointwiseSums`. For any kernel, stride and dilation.
 * @param gradients which gradients are wanted too; for others no buffer is set aside
 */
export function indirectGemm(conv: Convolution, gradients: Gradients): ConvAlgorithm {
  const { channels, height, width, outputs, rows, columns, kernelHeight, kernelWidth, padded, terms } = conv;
  const { strideHeight, strideWidth, dilationHeight, dilationWidth, top, left } = conv;
  const isCopied = isPadded(conv);
  const single = isPointwise(conv) ? pointwise(conv) : undefined;
  const back = inputGradientOf(conv);
  const ifBackward = (bytes: number) => backwardScratch(gradients === 'none' ? 0 : bytes);
  return {
    tables: [
      offsetTable(padded, kernelHeight, kernelWidth, [dilationHeight, dilationWidth]),
      single?.table ?? new Uint32Array(),
      ...(gradients !== 'none' ? back.tables : []),
    ],
    scratch: [
      scratch(outputs * terms * 4),
      savedScratch(isCopied ? sizeOf(padded) * groupBytes : 0),
      scratch(single?.tileBytes ?? 0),
      ifBackward(256),
      ...back.scratch.map(({ bytes }) => ifBackward(bytes)),
    ],

    bind(kernels, at) {
      const [table, singleTable, ...backTables] = at.tables as [number, number, ...number[]];
      const [panels, pad, tile, sums, ...buffers] = at.scratch as [
        number,
        number,
        number,
        number,
        ...number[],
      ];
      const x = isCopied ? pad : at.x;
      const xRow = padded[2] * strideHeight * groupBytes;
      const xColumn = strideWidth * groupBytes;
      const { weight, dy, dx } = at;
      const ofSingle = single?.bind(kernels, { ...at, panels, table: singleTable, tile });
      const gradient = back.bind(kernels, { weight, dy, dx, tables: backTables, scratch: buffers });
      return {
        prepare() {
          kernels.packPanels(weight, outputs, terms, panels);
          if (dx !== 0) gradient.prepare();
        },
        forward() {
          if (ofSingle) return ofSingle();
          if (isCopied) kernels.embed(at.x, x, channels, height, width, padded[1], padded[2], top, left);
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
            dy,
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
        inputGradient: gradient.run,
      };
    },
  };
}

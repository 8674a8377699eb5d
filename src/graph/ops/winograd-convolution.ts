import { backwardScratch } from '../operator.js';
import type { ConvAlgorithm, Convolution, Gradients } from './convolution.js';
import type { WinogradForm } from './winograd-form.js';
import { gridTilesOf, overGrid } from './winograd-grid.js';
import { alongRows } from './winograd-rows.js';

function formOf(conv: Convolution): WinogradForm | undefined {
  const fits =
    conv.strideHeight === 1 &&
    conv.strideWidth === 1 &&
    conv.dilationHeight === 1 &&
    conv.dilationWidth === 1 &&
    conv.top < conv.kernelHeight &&
    conv.left < conv.kernelWidth;
  return fits ? [overGrid, alongRows].find(({ pays }) => pays(conv)) : undefined;
}

/** How many tiles of 4 x 4 outputs a convolution runs over; undefined where it does not. */
export const tilesOfConvolution = (conv: Convolution): number | undefined =>
  formOf(conv) === overGrid ? gridTilesOf(conv) : undefined;

/**
 * By Winograd's minimal filtering. Undefined for convolutions that it does not fit, or where it does not pay.
 * @param gradients which gradients are wanted too; for others no buffer is set aside
 */
export function winogradConvolution(conv: Convolution, gradients: Gradients): ConvAlgorithm | undefined {
  const { channels, height, width, outputs, rows, columns, kernelHeight, kernelWidth, top, left } = conv;
  const form = formOf(conv);
  if (form === undefined) return undefined;

  const forward = form.correlation(conv);
  // Input gradients are a convolution of dy with the kernels turned around.
  const back = form.correlation({
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
  const ofWeights = form.weightGradient(conv);
  const ends = [forward.scratch.length, forward.scratch.length + back.scratch.length] as const;

  return {
    tables: [forward.table, back.table, ofWeights.table],
    scratch: [
      ...forward.scratch,
      ...back.scratch.map(({ bytes }) => backwardScratch(gradients === 'none' ? 0 : bytes)),
      ...ofWeights.scratch.map((bytes) => backwardScratch(gradients === 'all' ? bytes : 0)),
    ],

    bind(kernels, at) {
      const [forwardTable, backTable, table] = at.tables as [number, number, number];
      const ofForward = at.scratch.slice(0, ends[0]);
      const convolve = forward.bind(kernels, forwardTable, ofForward);
      const turned = back.bind(kernels, backTable, at.scratch.slice(...ends));
      const { x, dy } = at;
      const scratch = at.scratch.slice(ends[1]);
      const rowBytes = kernelWidth * 4;
      const inputBytes = kernelHeight * rowBytes;
      const outputBytes = channels * inputBytes;
      return {
        prepare() {
          convolve.pack(at.weight, outputBytes, inputBytes, rowBytes, 4);
          if (at.dx !== 0) turned.pack(at.weight + inputBytes - 4, inputBytes, outputBytes, -rowBytes, -4);
        },
        forward: () => convolve.run(x, at.bias, at.y),
        weightGradient: ofWeights.bind(kernels, { x, dy, table, scratch, forward: ofForward }),
        inputGradient: () => turned.run(dy, 0, at.dx),
      };
    },
  };
}

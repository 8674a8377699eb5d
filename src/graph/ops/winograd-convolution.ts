import { groupBytes } from '../../kernels/kernels.js';
import { backwardScratch } from '../operator.js';
import type { ConvAlgorithm, Convolution } from './convolution.js';
import { correlationOf, points, transformOf } from './winograd-correlation.js';

/**
 * By Winograd's minimal filtering. Undefined for convolutions that it does not fit, or where it would save less than a fifth of the
 * products.
 * @param backward whether gradients are wanted too; else nothing is set aside for them
 */
export function winogradConvolution(conv: Convolution, backward: boolean): ConvAlgorithm | undefined {
  const { channels, height, width, outputs, rows, columns, kernelHeight, kernelWidth, top, left } = conv;
  const step = points + 1 - kernelWidth;
  const tiles = Math.ceil(columns / step);
  const fits =
    conv.strideHeight === 1 &&
    conv.strideWidth === 1 &&
    conv.dilationHeight === 1 &&
    conv.dilationWidth === 1 &&
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
  const picture = transformOf(channels, rows + kernelHeight - 1, tiles, kernelHeight);
  const gradientPlane = outputs * rows * tiles * groupBytes;
  const weightPlane = outputs * picture.terms * 4;
  const ifBackward = (bytes: number) => backwardScratch(backward ? bytes : 0);

  return {
    tables: [forward.table, back.table, picture.table],
    scratch: [
      ifBackward(points * weightPlane),
      ifBackward(points * gradientPlane),
      ifBackward(forward.leavesTransform ? 0 : picture.bytes),
      ifBackward(256),
      ...forward.scratch,
      ...back.scratch.map(({ bytes }) => ifBackward(bytes)),
    ],

    bind(kernels, at) {
      const [forwardTable, backTable, table] = at.tables as [number, number, number];
      const [gradientSums, gradients, ownTransform, block, ...buffers] = at.scratch as [
        number,
        number,
        number,
        number,
        ...number[],
      ];
      const convolve = forward.bind(kernels, forwardTable, buffers);
      const v = convolve.transform ?? ownTransform;
      const turned = back.bind(kernels, backTable, buffers.slice(forward.scratch.length));
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
          if (convolve.transform === undefined) {
            const { channel, plane } = picture;
            const inside = v + top * tiles * groupBytes;
            kernels.winogradInput(at.x, channels, height, width, left, step, tiles, inside, channel, plane);
          }
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

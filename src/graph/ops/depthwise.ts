import { groupBytes } from '../../kernels/kernels.js';
import { backwardScratch } from '../operator.js';
import type { ConvAlgorithm, Convolution } from './convolution.js';

/** Depthwise: a group a channel, of one output or several, `multiplier`. No sum runs over channels, so it is bound by loads and stores. */
export function depthwise(conv: Convolution): ConvAlgorithm {
  const { channels, height, width, outputs, rows, columns, kernelHeight, kernelWidth, top, left } = conv;
  const { strideHeight, strideWidth, dilationHeight, dilationWidth } = conv;
  const multiplier = outputs / channels;
  const plane = height * width * groupBytes;
  const outputPlane = rows * columns * groupBytes;
  const kernelBytes = kernelHeight * kernelWidth * 4;
  const window = [
    kernelHeight,
    kernelWidth,
    strideHeight,
    strideWidth,
    dilationHeight,
    dilationWidth,
    top,
    left,
  ] as const;
  const isDense = strideHeight === 1 && strideWidth === 1;
  return {
    tables: [],
    scratch: [backwardScratch(3 * groupBytes)],

    bind(kernels, at) {
      const [sums] = at.scratch as [number];
      // Calls with many arguments are bound once, with them: to spread them at each call would make an array.
      const each = Array.from({ length: multiplier }, (_, m) => {
        const weight = at.weight + m * kernelBytes;
        const ofOutputs = multiplier * outputPlane;
        const bias = at.bias && at.bias + m * 4;
        // Of no bias the next plane's is none either.
        const biasStep = at.bias && multiplier * 4;
        const dy = at.dy + m * outputPlane;
        const size = [channels, height, width, rows, columns] as const;
        const turned = [channels, rows, columns, height, width] as const;
        return {
          forward: kernels.depthwiseSums.bind(
            undefined,
            ...([at.x, plane, at.y + m * outputPlane, ofOutputs, weight, multiplier * kernelBytes] as const),
            ...([kernelWidth * 4, 4, bias, biasStep, 0, ...size, ...window] as const),
          ),
          // At stride 1 the gradient is a convolution of dy with the kernels turned around.
          inputGradient: isDense
            ? kernels.depthwiseSums.bind(
                undefined,
                ...([dy, ofOutputs, at.dx, plane, weight + kernelBytes - 4] as const),
                ...([
                  multiplier * kernelBytes,
                  -kernelWidth * 4,
                  -4,
                  0,
                  0,
                  m > 0 ? 1 : 0,
                  ...turned,
                ] as const),
                ...([kernelHeight, kernelWidth, 1, 1, dilationHeight, dilationWidth] as const),
                ...([
                  (kernelHeight - 1) * dilationHeight - top,
                  (kernelWidth - 1) * dilationWidth - left,
                ] as const),
              )
            : kernels.depthwiseInputGradient.bind(
                undefined,
                ...([dy, ofOutputs, at.dx, plane, weight, multiplier * kernelBytes, m > 0 ? 1 : 0] as const),
                ...([...size, ...window] as const),
              ),
        };
      });
      return {
        prepare() {},
        forward() {
          for (let m = 0; m < multiplier; m++) each[m]!.forward();
        },
        weightGradient(dw, accumulate) {
          kernels.depthwiseWeightGradient(
            at.dy,
            at.x,
            dw,
            sums,
            accumulate,
            outputs,
            multiplier,
            height,
            width,
            rows,
            columns,
            kernelHeight,
            kernelWidth,
            strideHeight,
            strideWidth,
            dilationHeight,
            dilationWidth,
            top,
            left,
          );
        },
        inputGradient() {
          for (let m = 0; m < multiplier; m++) each[m]!.inputGradient();
        },
      };
    },
  };
}

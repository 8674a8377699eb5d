import { groupBytes } from '../../kernels/kernels.js';
import type { ConvAlgorithm, Convolution } from './convolution.js';

/**
 * A convolution in groups, one after the other: each by the algorithm of a convolution of its size, with buffers of its own.
 * @param algorithmOf chooses that algorithm
 */
export function grouped(
  conv: Convolution,
  algorithmOf: (group: Convolution) => ConvAlgorithm,
): ConvAlgorithm {
  const { groups, height, width, rows, columns, terms, padded } = conv;
  const channels = conv.channels / groups;
  const outputs = conv.outputs / groups;
  const algorithm = algorithmOf({
    ...conv,
    groups: 1,
    channels,
    outputs,
    padded: [channels, padded[1], padded[2]],
  });
  const buffers = algorithm.scratch.map((buffer) => ({
    ...buffer,
    bytes: Math.ceil(buffer.bytes / 64) * 64,
  }));
  const xStep = channels * height * width * groupBytes;
  const yStep = outputs * rows * columns * groupBytes;
  const weightStep = outputs * terms * 4;
  return {
    tables: algorithm.tables,
    scratch: buffers.map((buffer) => ({ ...buffer, bytes: buffer.bytes * groups })),

    bind(kernels, at) {
      const bound = Array.from({ length: groups }, (_, g) =>
        algorithm.bind(kernels, {
          x: at.x + g * xStep,
          y: at.y + g * yStep,
          dy: at.dy && at.dy + g * yStep,
          dx: at.dx && at.dx + g * xStep,
          weight: at.weight + g * weightStep,
          bias: at.bias && at.bias + g * outputs * 4,
          tables: at.tables,
          scratch: at.scratch.map((address, i) => address + g * buffers[i]!.bytes),
        }),
      );
      return {
        prepare() {
          for (let g = 0; g < groups; g++) bound[g]!.prepare();
        },
        forward() {
          for (let g = 0; g < groups; g++) bound[g]!.forward();
        },
        weightGradient(dw, accumulate) {
          for (let g = 0; g < groups; g++) bound[g]!.weightGradient(dw + g * weightStep, accumulate);
        },
        inputGradient() {
          for (let g = 0; g < groups; g++) bound[g]!.inputGradient();
        },
      };
    },
  };
}

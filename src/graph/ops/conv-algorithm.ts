import type { ConvAlgorithm, Convolution } from './convolution.js';
import { indirectGemm } from './indirect-gemm.js';
import { winogradConvolution } from './winograd-convolution.js';

/**
 * How a convolution runs: by its shape alone, as the choice decides the bits.
 * @param backward whether its gradients are wanted too
 */
export const chooseAlgorithm = (conv: Convolution, backward: boolean): ConvAlgorithm =>
  winogradConvolution(conv, backward) ?? indirectGemm(conv, backward);

import type { ActivationType } from '../../config/activations.js';
import type { Kernels } from '../kernels.js';

/** dx from dy and what the forward pass kept, for `count` lane groups. */
export type ActivationBackward = (
  kept: number,
  dy: number,
  dx: number,
  count: number,
  option: number,
) => void;

/** Those that keep their slope share a kernel. */
export function backwardOf(kernels: Kernels, type: ActivationType): ActivationBackward {
  switch (type) {
    case 'silu':
    case 'gelu':
    case 'hardSwish':
      return kernels.slopeBackward;
    default:
      return kernels[`${type}Backward`];
  }
}

import type { ResolvedDropout } from '../../config/resolved.js';
import { groupBytes, lanes } from '../../kernels/kernels.js';
import { hash, mix, Purpose } from '../../numerics/random.js';
import { type Operator, plainOperator, savedScratch, scratch } from '../operator.js';
import { type Shape, sizeOf } from '../shape.js';
import type { LayerPlace } from '../wiring.js';

/** Dropout (Srivastava et al. 2014): what is dropped is a function of (seed, layer, epoch, sample, element). */
export function dropout(config: ResolvedDropout, input: Shape, place: LayerPlace): Operator {
  const count = sizeOf(input);
  const threshold = Math.floor(config.rate * 0x1_0000_0000);
  const scale = 1 / (1 - config.rate);
  return {
    ...plainOperator,
    label: 'dropout',
    input,
    output: input,
    backwardReads: { x: false, y: false },
    forwardInPlace: true,
    backwardInPlace: true,
    scratch: [savedScratch(count * groupBytes), scratch(lanes * 4)],

    bind(kernels, at, context, words) {
      const [mask, keys] = at.scratch as [number, number];
      let epoch = -1;
      let key = 0;
      return {
        forward() {
          if (epoch !== context.epoch) {
            epoch = context.epoch;
            key = hash(context.seed, Purpose.dropout, place.number, epoch);
          }
          for (let lane = 0; lane < lanes; lane++) words[keys / 4 + lane] = mix(key, context.samples[lane]!);
          // In evaluation nothing lies below the threshold, and everything is kept as it is.
          kernels.dropoutForward(
            at.x,
            at.y,
            mask,
            keys,
            count,
            context.training ? threshold : 0,
            context.training ? scale : 1,
          );
        },
        backward: () => kernels.dropoutBackward(mask, at.dy, at.dx, count),
      };
    },
  };
}

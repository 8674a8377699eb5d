import { exp, log } from './exp-log';
import { GROUP } from './vector';

/**
 * Softmax and cross entropy, fused: loss = ln(sum of e^(z - max)) - (z[label] - max), dz = softmax(z) - [label].
 * Taking off the largest logit first keeps every exponential in (0, 1].
 *
 * @param logits `[classes]` lane groups
 * @param labels 8 int32; lanes from `samples` on are padding: their dz is 0
 * @param dz `[classes]` lane groups: the gradient of the sum over the samples
 * @param losses 8 float32, nats; `ranks` 8 int32: how many classes come before the label (0: top-1). Of equal logits the first
 *   class comes first. Undefined for padding.
 */
export function crossEntropy(
  logits: usize, labels: usize, samples: i32, classes: i32, dz: usize, losses: usize, ranks: usize,
): void {
  for (let half: usize = 0; half < 32; half += 16) {
    const first = logits + half, end = first + <usize>classes * GROUP;
    let top = v128.load(first);
    for (let z = first + GROUP; z < end; z += GROUP) top = f32x4.pmax(top, v128.load(z));

    const label = v128.load(labels + half);
    let at = i32x4.splat(0), sum = f32x4.splat(0), own = sum;
    const one = i32x4.splat(1);
    for (let z = first, e = dz + half; z < end; z += GROUP, e += GROUP) {
      const v = v128.load(z), power = exp(f32x4.sub(v, top));
      v128.store(e, power);
      sum = f32x4.add(sum, power);
      own = v128.bitselect(v, own, i32x4.eq(at, label));
      at = i32x4.add(at, one);
    }
    const loss = f32x4.sub(log(sum), f32x4.sub(own, top));
    v128.store(losses + half, loss);

    let rank = i32x4.splat(0);
    at = i32x4.splat(0);
    const lane = i32x4.add(i32x4(0, 1, 2, 3), i32x4.splat(<i32>(half >> 2)));
    const real = i32x4.lt_s(lane, i32x4.splat(samples));
    for (let z = first, e = dz + half; z < end; z += GROUP, e += GROUP) {
      const v = v128.load(z), mine = i32x4.eq(at, label);
      const before = v128.or(f32x4.gt(v, own), v128.and(f32x4.eq(v, own), i32x4.lt_s(at, label)));
      rank = i32x4.sub(rank, before); // a true lane is -1
      const share = f32x4.sub(f32x4.div(v128.load(e), sum), v128.and(f32x4.splat(1), mine));
      v128.store(e, v128.and(share, real));
      at = i32x4.add(at, one);
    }
    // NaN compares with nothing: a sample that has one is no hit.
    v128.store(ranks + half, v128.bitselect(rank, i32x4.splat(classes), f32x4.eq(loss, loss)));
  }
}

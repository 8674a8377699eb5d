import { exp, log } from '../shared/exp-log.as';
import { GROUP } from '../shared/vector.as';

/** What a class weighs in the target of four samples: its share of the target, times its weight; plain, 1 of the label and 0 else. */
// @ts-ignore: decorator
@inline
function target(
  plain: bool, at: v128, label: v128, own: v128, partner: v128, others: v128, spread: v128, weight: usize,
): v128 {
  if (plain) return v128.and(own, i32x4.eq(at, label));
  const shares = f32x4.add(v128.and(own, i32x4.eq(at, label)), v128.and(others, i32x4.eq(at, partner)));
  return f32x4.mul(f32x4.add(spread, shares), v128.load32_splat(weight));
}

/**
 * Softmax and cross entropy, fused, with a target t[k] for each class k:
 *
 *     t[k] = weights[k] * (smoothing / classes + (1 - smoothing) * (share * [k = label] + (1 - share) * [k = partner]))
 *     loss = -sum of t[k] * ln(p[k]),  p = softmax(z);  dz[k] = p[k] * (sum of t) - t[k]
 *
 * as torch.nn.CrossEntropyLoss defines it, before its mean. Taking off the largest logit first keeps every exponential in (0, 1].
 *
 * @param logits `[classes]` lane groups
 * @param labels 8 int32, then the labels of the samples that they are mixed with, 8 int32, and the shares of the first, 8 float32;
 *   lanes from `samples` on are padding: their dz is 0
 * @param weights `[classes]` float32; 0 where all are 1, nothing is smoothed and nothing mixed: the same bits in less time
 * @param dz `[classes]` lane groups: the gradient of the sum over the samples
 * @param losses 8 float32, nats; `classesBefore` 8 int32: how many classes come before the label (0: top-1). Of equal logits the first
 *   class comes first. Undefined for padding.
 */
export function crossEntropy(
  logits: usize, labels: usize, weights: usize, smoothing: f32, samples: i32, classes: i32, dz: usize, losses: usize, classesBefore: usize,
): void {
  if (weights) entropy(false, logits, labels, weights, smoothing, samples, classes, dz, losses, classesBefore);
  else entropy(true, logits, labels, 0, 0, samples, classes, dz, losses, classesBefore);
}

// @ts-ignore: decorator
@inline
function entropy(
  plain: bool, logits: usize, labels: usize, weights: usize, smoothing: f32, samples: i32, classes: i32, dz: usize, losses: usize,
  classesBefore: usize,
): void {
  const spread = f32x4.splat(smoothing / <f32>classes), sharp = f32x4.splat(1 - smoothing), one = i32x4.splat(1);
  for (let half: usize = 0; half < 32; half += 16) {
    const first = logits + half, end = first + <usize>classes * GROUP;
    let top = v128.load(first);
    for (let z = first + GROUP; z < end; z += GROUP) top = f32x4.pmax(top, v128.load(z));

    const label = v128.load(labels + half), partner = plain ? label : v128.load(labels + half, 32);
    const share = plain ? f32x4.splat(1) : v128.load(labels + half, 64);
    const own = f32x4.mul(sharp, share), others = f32x4.mul(sharp, f32x4.sub(f32x4.splat(1), share));
    let at = i32x4.splat(0), sum = f32x4.splat(0), total = sum, aim = sum, mine = sum;
    for (let z = first, e = dz + half, w = weights; z < end; z += GROUP, e += GROUP, w += 4) {
      const logit = v128.load(z), v = f32x4.sub(logit, top), power = exp(v);
      v128.store(e, power);
      sum = f32x4.add(sum, power);
      const t = target(plain, at, label, own, partner, others, spread, w);
      if (!plain) {
        total = f32x4.add(total, t);
        aim = f32x4.add(aim, f32x4.mul(t, v));
      }
      mine = v128.bitselect(logit, mine, i32x4.eq(at, label));
      at = i32x4.add(at, one);
    }
    const loss = plain
      ? f32x4.sub(log(sum), f32x4.sub(mine, top))
      : f32x4.sub(f32x4.mul(total, log(sum)), aim);
    v128.store(losses + half, loss);

    let count = i32x4.splat(0);
    at = i32x4.splat(0);
    const lane = i32x4.add(i32x4(0, 1, 2, 3), i32x4.splat(<i32>(half >> 2)));
    const real = i32x4.lt_s(lane, i32x4.splat(samples));
    for (let z = first, e = dz + half, w = weights; z < end; z += GROUP, e += GROUP, w += 4) {
      const logit = v128.load(z);
      const before = v128.or(f32x4.gt(logit, mine), v128.and(f32x4.eq(logit, mine), i32x4.lt_s(at, label)));
      count = i32x4.sub(count, before); // a true lane is -1
      const p = f32x4.div(v128.load(e), sum);
      v128.store(e, v128.and(f32x4.sub(plain ? p : f32x4.mul(p, total), target(plain, at, label, own, partner, others, spread, w)), real));
      at = i32x4.add(at, one);
    }
    // NaN compares with nothing: a sample that has one is no hit.
    v128.store(classesBefore + half, v128.bitselect(count, i32x4.splat(classes), f32x4.eq(loss, loss)));
  }
}

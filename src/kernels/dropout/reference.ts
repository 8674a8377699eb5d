import { lanes } from '../kernels.js';
import { tensor } from '../plain.js';

/** lowbias32, https://github.com/skeeto/hash-prospector */
function mixed(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/** 0 where the hash of a lane's key and the element is below the threshold, else `scale`. */
export const dropoutMask = (keys: ArrayLike<number>, count: number, threshold: number, scale: number) =>
  tensor([count, lanes], (i, lane) =>
    mixed(keys[lane!]! ^ Math.imul(i!, 0x9e3779b9)) < threshold ? 0 : Math.fround(scale),
  );

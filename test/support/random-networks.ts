import { type Shape, sizeOf } from '#lockstep/graph/shape.js';
import { hash } from '#lockstep/numerics/random.js';

export const drawnClasses = 4;

const plainActivations = ['relu', 'tanh', 'silu', 'sigmoid'].map((type) => ({ type }));

/** Whole numbers and choices from a seed. */
export class Dice {
  readonly #seed: number;
  #rolls = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  below(n: number): number {
    return hash(this.#seed, this.#rolls++) % n;
  }
  pick<T>(of: readonly T[]): T {
    return of[this.below(of.length)]!;
  }
}

/** A network that ends in `drawnClasses` values. */
export interface Drawn {
  readonly shape: Shape;
  readonly layers: readonly object[];
}

/**
 * A network drawn at random: a chain with branches, sums and joins, norms, views, dropout, convolutions of several kinds and pools.
 * @param activations those that it may have
 */
export function draw(seed: number, activations: readonly object[] = plainActivations): Drawn {
  const dice = new Dice(seed);
  const shape = dice.pick<Shape>([[3, 6, 6], [1, 8, 7], [4, 5, 9], [12]]);
  interface Read {
    readonly name: string;
    readonly shape: Shape;
    reads: number;
  }
  const layers: object[] = [];
  const tensors: Read[] = [{ name: 'input', shape, reads: 0 }];
  const put = (layer: object, inputs: readonly Read[], shape: Shape): Read => {
    const name = `layer${layers.length}`;
    for (const input of inputs) input.reads++;
    layers.push({ ...layer, name, inputs: inputs.map((input) => input.name) });
    tensors.push({ name, shape, reads: 0 });
    return tensors.at(-1)!;
  };
  const activation = () => dice.pick(activations);
  const norm = () =>
    dice.pick([
      { type: 'batchNorm' },
      { type: 'batchNorm' },
      { type: 'groupNorm', groups: 1 },
      { type: 'layerNorm' },
    ]);
  const concat = (from: Read) => {
    const [channels, ...picture] = from.shape as [number, ...number[]];
    const alike = tensors.filter(({ shape: [, ...rest] }) => rest.join() === picture.join());
    const other = dice.pick(alike);
    return put({ type: 'concat' }, [from, other], [channels + other.shape[0]!, ...picture]);
  };
  const add = (from: Read) => {
    const alike = tensors.filter((tensor) => tensor.shape.join() === from.shape.join());
    return put({ type: 'add' }, [from, dice.pick(alike), dice.pick(alike)], from.shape);
  };
  for (let left = 3 + dice.below(9); left > 0; left--) {
    const from = dice.below(10) < 7 ? tensors.at(-1)! : dice.pick(tensors);
    const [channels, height, width] = from.shape as [number, number, number];
    const isFlat = from.shape.length === 1;
    const kind = dice.below(14);
    if (kind < 3) put(activation(), [from], from.shape);
    else if (kind < 5) put(norm(), [from], from.shape);
    else if (kind < 7) put({ type: 'dropout', rate: 0.4 }, [from], from.shape);
    else if (kind < 9) dice.below(3) === 0 ? concat(from) : add(from);
    else if (isFlat) put({ type: 'dense', outFeatures: 12 }, [from], [12]);
    else if (kind < 10) put({ type: 'flatten' }, [from], [sizeOf(from.shape)]);
    else if (kind < 11) put({ type: 'zeroPad', top: 1, left: 2 }, [from], [channels, height + 1, width + 2]);
    else {
      const outChannels = dice.pick([channels, 3]);
      // As large as the input: whole, of dilated kernels, depthwise with an output a channel or two, or in two groups.
      const conv = dice.pick([
        { outChannels, kernelSize: 3, padding: 1 },
        { outChannels, kernelSize: [2, 3], padding: 'same', dilation: [1, 2], bias: false },
        { outChannels: channels, kernelSize: 3, padding: 'same', groups: channels },
        { outChannels: 2 * channels, kernelSize: [3, 1], padding: [1, 0], groups: channels, bias: false },
        { outChannels: 4, kernelSize: 3, padding: 1, groups: channels % 2 === 0 ? 2 : 1 },
      ]);
      const y = put({ type: 'conv2d', ...conv }, [from], [conv.outChannels, height, width]);
      if (kind < 12 || Math.min(height, width) < 2) continue;
      const activated = put(activation(), [y], y.shape);
      const pool = dice.pick(['maxPool', 'averagePool', 'globalAveragePool']);
      if (pool === 'globalAveragePool') put({ type: pool }, [activated], [conv.outChannels]);
      else {
        const padding = dice.below(2);
        const pooled = [height, width].map((side) => Math.floor(side / 2 + padding));
        put({ type: pool, window: 2, padding }, [activated], [conv.outChannels, ...pooled]);
      }
    }
  }
  const ends = tensors
    .filter(({ reads }, i) => reads === 0 && (i > 0 || tensors.length === 1))
    .map((end) => put({ type: 'flatten' }, [end], [sizeOf(end.shape)]))
    .map((flat) => put({ type: 'dense', outFeatures: drawnClasses }, [flat], [drawnClasses]));
  const last = ends.length > 1 ? put({ type: 'add' }, ends, [drawnClasses]) : ends[0]!;
  const ending = dice.below(4);
  if (ending === 1) put({ type: 'batchNorm' }, [last], [drawnClasses]);
  else if (ending === 2) add(last);
  else if (ending === 3) put(activation(), [last], [drawnClasses]);
  return { shape, layers };
}

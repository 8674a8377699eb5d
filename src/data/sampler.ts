import type { SamplerType } from '../config/schema.js';
import { hash, Purpose } from '../numerics/random.js';
import { permutationOf } from './permutation.js';

/** The order of an epoch's samples: a function of (seed, epoch, position) and the dataset, without state. */
export interface Sampler {
  /** Index in the split of the sample at `position` of the epoch. */
  at(position: number): number;
  /** The 32-bit key of the sample's random numbers. It differs where a sample occurs several times in an epoch. By default its index. */
  keyAt?(position: number): number;
}

/** The samples of a split by their class. */
export interface ClassIndex {
  /** Indices of the samples, class after class. */
  readonly samples: Int32Array;
  /** Where each class begins in `samples`, and the end of the last: `[classes + 1]`. */
  readonly starts: Int32Array;
}

/** @param byClass needed by the balanced sampler only */
export function createSampler(
  type: SamplerType,
  samples: number,
  seed: number,
  epoch: number,
  byClass?: ClassIndex,
): Sampler {
  switch (type) {
    case 'sequential':
      return sequential;
    case 'shuffled':
      return shuffled(samples, seed, epoch);
    case 'balanced':
      return balanced(samples, seed, epoch, byClass!);
  }
}

const sequential: Sampler = { at: (position) => position };

const order = (samples: number, seed: number, epoch: number) =>
  permutationOf(samples, (key) => hash(seed, Purpose.shuffle, epoch, key));

function shuffled(samples: number, seed: number, epoch: number): Sampler {
  const permutation = order(samples, seed, epoch);
  return { at: (position) => permutation.at(position) };
}

/**
 * An epoch as long as the split, with every class equally often. A class's t-th turn takes its sample t mod size, in an order drawn for
 * the epoch: a small class is repeated, and each epoch takes another part of a large one.
 */
function balanced(
  samples: number,
  seed: number,
  epoch: number,
  { samples: indices, starts }: ClassIndex,
): Sampler {
  const permutation = order(samples, seed, epoch);
  const classes = Array.from({ length: starts.length - 1 }, (_, label) => label)
    .map((label) => ({ first: starts[label]!, size: starts[label + 1]! - starts[label]!, label }))
    .filter(({ size }) => size > 0)
    .map(({ first, size, label }) => ({
      first,
      size,
      permutation: permutationOf(size, (key) => hash(seed, Purpose.balance, epoch, label, key)),
    }));
  const classAt = (drawn: number) => classes[drawn % classes.length]!;
  const turnAt = (drawn: number) => Math.floor(drawn / classes.length);
  const at = (position: number) => {
    const drawn = permutation.at(position);
    const { first, size, permutation: within } = classAt(drawn);
    return indices[first + within.at(turnAt(drawn) % size)]!;
  };
  return {
    at,
    keyAt: (position) => {
      const drawn = permutation.at(position);
      const round = Math.floor(turnAt(drawn) / classAt(drawn).size);
      return round === 0 ? at(position) : hash(at(position), round);
    },
  };
}

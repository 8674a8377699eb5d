import { type Block, type Box, type Chain, exitOf } from './boxes.js';

/**
 * The ways of edges that do not go straight down. Each chain has lanes beside it, from top to bottom, and each block lanes across, above
 * and below its two chains: an edge leaves its box to the right, takes the lane beside it, through the lanes across out of blocks and into
 * others, and enters its box from the right. Nothing else is in these places, so that no edge runs through a box.
 */

/** A place in a chain; all that it lies in come before it. */
export interface Place {
  readonly chain: Chain;
  readonly index: number;
}
export type Path = readonly Place[];

/** What an edge that is no straight one leads to: a box, or the top of a block. */
export interface SideEdge {
  readonly from: number;
  readonly path: Path;
  readonly to: Box | Block;
}

/** The lanes that an edge takes on its way: beside a chain, between two places of it; across a block. */
export type Leg =
  | { readonly beside: Chain; readonly first: number; readonly last: number }
  | { readonly across: Block; readonly at: 'top' | 'bottom' };

/** Of each box the way to it. */
export function pathsOf(chain: Chain, above: Path = []): Map<number, Path> {
  return new Map(
    chain.flatMap((item, index): [number, Path][] => {
      const path = [...above, { chain, index }];
      const own: [number, Path] = [exitOf(item).id, path];
      return item.type === 'box'
        ? [own]
        : [...pathsOf(item.body, path), ...pathsOf(item.shortcut, path), own];
    }),
  );
}

export const sideEdges = (chain: Chain, above: Path = []): SideEdge[] =>
  chain.flatMap((item, index): SideEdge[] => {
    const path = [...above, { chain, index }];
    if (item.type === 'box') return item.sides.map((from) => ({ from, path, to: item }));
    const own = item.isFed ? [] : [{ from: item.from, path, to: item }];
    return [...own, ...sideEdges(item.body, path), ...sideEdges(item.shortcut, path)];
  });

/** The lanes from a box to what reads it, in their order. */
export function legsOf(from: Path, { path, to }: SideEdge): Leg[] {
  let common = 0;
  while (from[common + 1] !== undefined && from[common + 1]!.chain === path[common + 1]?.chain) common++;
  // From the body of a block into its shortcut.
  const isAcross = from[common]!.index === path[common]!.index;
  const legs: Leg[] = [];
  for (let depth = from.length - 1; depth > common; depth--) {
    const { chain, index } = from[depth]!;
    const isUp = isAcross && depth === common + 1;
    legs.push({ beside: chain, first: index, last: isUp ? -1 : chain.length });
    legs.push({ across: blockAt(from[depth - 1]!), at: isUp ? 'top' : 'bottom' });
  }
  if (!isAcross) {
    legs.push({ beside: from[common]!.chain, first: from[common]!.index, last: path[common]!.index });
  }
  for (let depth = common + 1; depth < path.length; depth++) {
    if (!isAcross || depth > common + 1) legs.push({ across: blockAt(path[depth - 1]!), at: 'top' });
    legs.push({ beside: path[depth]!.chain, first: -1, last: path[depth]!.index });
  }
  return to.type === 'block' ? [...legs, { across: to, at: 'top' }] : legs;
}

const blockAt = ({ chain, index }: Place) => chain[index] as Block;

/** Which lane each source of edges has, from 0: beside each chain, and across each block. */
export class Lanes {
  readonly #beside = new Map<Chain, Map<number, { first: number; last: number; lane: number }>>();
  readonly #across = { top: new Map<Block, number[]>(), bottom: new Map<Block, number[]>() };

  constructor(ways: readonly { readonly from: number; readonly legs: readonly Leg[] }[]) {
    for (const { from, legs } of ways) for (const leg of legs) this.#take(from, leg);
    for (const spans of this.#beside.values()) spread([...spans.values()]);
  }

  #take(from: number, leg: Leg): void {
    if ('across' in leg) {
      const taken = getOr(this.#across[leg.at], leg.across, () => []);
      if (!taken.includes(from)) taken.push(from);
      return;
    }
    const [first, last] = [Math.min(leg.first, leg.last), Math.max(leg.first, leg.last)];
    const span = getOr(
      getOr(this.#beside, leg.beside, () => new Map()),
      from,
      () => ({ first, last, lane: 0 }),
    );
    span.first = Math.min(span.first, first);
    span.last = Math.max(span.last, last);
  }

  beside(chain: Chain, from: number): number {
    return this.#beside.get(chain)!.get(from)!.lane;
  }

  across(block: Block, at: 'top' | 'bottom', from: number): number {
    return this.#across[at].get(block)!.indexOf(from);
  }

  countBeside(chain: Chain): number {
    return Math.max(0, ...[...(this.#beside.get(chain)?.values() ?? [])].map(({ lane }) => lane + 1));
  }

  countAcross(block: Block, at: 'top' | 'bottom'): number {
    return this.#across[at].get(block)?.length ?? 0;
  }

  /** Whether an edge passes beside the chain from the item at `index` to the next. */
  isCrossed(chain: Chain, index: number): boolean {
    const spans = [...(this.#beside.get(chain)?.values() ?? [])];
    return spans.some(({ first, last }) => first <= index && last > index);
  }
}

/** A lane for each, the first one that is free. */
function spread(spans: { first: number; last: number; lane: number }[]): void {
  const ends: number[] = [];
  for (const span of spans.sort((a, b) => a.first - b.first)) {
    const free = ends.findIndex((end) => end < span.first);
    span.lane = free < 0 ? ends.length : free;
    ends[span.lane] = span.last;
  }
}

function getOr<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}

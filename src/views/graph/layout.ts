import { type Block, type Box, type Chain, exitOf } from './boxes.js';
import { foldedAt } from './fold.js';
import { Lanes, type Leg, legsOf, pathsOf, sideEdges } from './lanes.js';
import { besides, gap, lane, padding, port, Sizes, titleHeight } from './sizes.js';

/**
 * Where each box of a network lies, and the ways of its edges: chains from top to bottom; of a block the body, beside it the shortcut, and
 * below both their sum.
 */

export type Point = readonly [x: number, y: number];

export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}
export interface PlacedBox extends Rectangle {
  readonly box: Box;
}
/** Around the chains of a block. */
export interface Frame extends Rectangle {
  readonly title: string;
}
/** Upright and level lines from box to box. */
export interface Edge {
  readonly from: number;
  readonly to: number;
  readonly points: readonly Point[];
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly PlacedBox[];
  readonly frames: readonly Frame[];
  readonly edges: readonly Edge[];
}

const columnGap = 30;
/** Around all, for an edge that goes over to the next column. */
const margin = gap / 2 + 1;

/**
 * @param boxWidth of every box
 * @param columns that the network is folded into at most: it goes on at the top of the next one
 */
export function layOut(chain: Chain, boxWidth: number, columns: number): Layout {
  const lanes = lanesOf([chain]).lanes;
  const sizes = new Sizes(lanes, boxWidth);
  const heights = chain.map((item) => sizes.item(item).height + gap);
  const mayCut = chain.map((_, index) => !lanes.isCrossed(chain, index));
  const parts = foldedAt(heights, mayCut, columns).map(([first, end]) => chain.slice(first, end));
  return new Placing(parts, boxWidth).layout;
}

/** Of an edge that goes by lanes. */
interface Way {
  readonly from: number;
  readonly to: Box | Block;
  readonly legs: readonly Leg[];
}

function lanesOf(parts: readonly Chain[]) {
  const paths = new Map(parts.flatMap((part) => [...pathsOf(part)]));
  const ways = parts
    .flatMap((part) => sideEdges(part))
    .map(({ from, path, to }) => ({ from, to, legs: legsOf(paths.get(from)!, { from, path, to }) }));
  return { ways, lanes: new Lanes(ways) };
}

class Placing {
  readonly layout: Layout;
  readonly #sizes: Sizes;
  readonly #lanes: Lanes;
  readonly #ways: readonly Way[];
  readonly #boxes = new Map<number, PlacedBox>();
  readonly #frames = new Map<Block, Frame>();
  readonly #edges: Edge[] = [];
  /** x of the first lane beside a chain, and of the line that goes straight down in it. */
  readonly #besides = new Map<Chain, number>();
  readonly #spines = new Map<Chain, number>();

  constructor(parts: readonly Chain[], boxWidth: number) {
    ({ lanes: this.#lanes, ways: this.#ways } = lanesOf(parts));
    this.#sizes = new Sizes(this.#lanes, boxWidth);
    let x = margin;
    let height = 0;
    let before: { readonly exit: PlacedBox; readonly spine: number } | undefined;
    for (const part of parts) {
      const extent = this.#sizes.chain(part);
      const spine = x + extent.left;
      this.#placeChain(part, spine, margin);
      this.#connect(part, before?.exit.box.id, before && over(before.spine, before.exit.bottom, x, spine));
      before = { exit: this.#boxes.get(exitOf(part.at(-1)!).id)!, spine };
      x += extent.left + extent.right + columnGap;
      height = Math.max(height, extent.height);
    }
    for (const way of this.#ways) if (way.to.type === 'box') this.#edge(way.from, way.to.id, this.#way(way));
    this.layout = {
      width: Math.ceil(x - columnGap + margin),
      height: Math.ceil(height + 2 * margin),
      boxes: [...this.#boxes.values()],
      frames: [...this.#frames.values()],
      edges: this.#edges,
    };
  }

  #placeChain(chain: Chain, spine: number, top: number): void {
    const { right } = this.#sizes.chain(chain);
    this.#spines.set(chain, spine);
    this.#besides.set(chain, spine + right - lane * this.#lanes.countBeside(chain));
    let y = top;
    for (const item of chain) {
      if (item.type === 'box') this.#placeBox(item, spine, y);
      else this.#placeBlock(item, spine, y);
      y += this.#sizes.item(item).height + gap;
    }
  }

  #placeBox(box: Box, spine: number, top: number): void {
    const { left, right, height } = this.#sizes.box(box);
    this.#boxes.set(box.id, { box, left: spine - left, right: spine + right, top, bottom: top + height });
  }

  #placeBlock(block: Block, spine: number, top: number): void {
    const { left, right, height } = this.#sizes.item(block);
    const { body, shortcut, sum, title } = block;
    const start = top + this.#sizes.frame(block).chains;
    const sumTop = top + height - this.#sizes.box(sum).height;
    this.#frames.set(block, {
      title,
      left: spine - left,
      right: spine + right,
      top,
      bottom: sumTop - gap / 2,
    });
    this.#placeChain(body, spine, start);
    const beside = spine + this.#sizes.chain(body).right + besides + this.#sizes.chain(shortcut).left;
    this.#placeChain(shortcut, beside, start);
    this.#placeBox(sum, spine, sumTop);
  }

  /**
   * The edges that go straight down, and those of blocks.
   * @param feed the box that the first item reads
   * @param way from there
   */
  #connect(chain: Chain, feed: number | undefined, way: readonly Point[] = []): void {
    const spine = this.#spines.get(chain)!;
    let [from, start] = [feed, way];
    for (const item of chain) {
      if (item.type === 'block') this.#connectBlock(item, spine, from, start);
      else if (item.isFed && from !== undefined) {
        this.#edge(from, item.id, [...start, [spine, this.#boxes.get(item.id)!.top]]);
      }
      const exit = this.#boxes.get(exitOf(item).id)!;
      from = exit.box.id;
      start = [[spine, exit.bottom]];
    }
  }

  #connectBlock(block: Block, spine: number, feed: number | undefined, start: readonly Point[]): void {
    const { body, shortcut, isFed } = block;
    const from = isFed ? feed! : block.from;
    const split = this.#frames.get(block)!.top + this.#sizes.frame(block).split;
    const entry = isFed
      ? start
      : [...this.#way(this.#ways.find(({ to }) => to === block)!), [spine, split] as const];
    const beside = this.#spines.get(shortcut)!;
    this.#connect(body, from, entry);
    const sum = this.#boxes.get(block.sum.id)!;
    const into: readonly Point[] = [
      [beside, (sum.top + sum.bottom) / 2],
      [sum.right, (sum.top + sum.bottom) / 2],
    ];
    const across: readonly Point[] = [...entry, [spine, split], [beside, split]];
    if (shortcut.length === 0) this.#edge(from, sum.box.id, [...across, ...into]);
    else {
      this.#connect(shortcut, from, across);
      const last = this.#boxes.get(exitOf(shortcut.at(-1)!).id)!;
      this.#edge(last.box.id, sum.box.id, [[beside, last.bottom], ...into]);
    }
    const last = this.#boxes.get(exitOf(body.at(-1)!).id)!;
    this.#edge(last.box.id, sum.box.id, [
      [spine, last.bottom],
      [spine, sum.top],
    ]);
  }

  /** By the lanes, to the right side of a box, or down into a block. */
  #way({ from, to, legs }: Way): Point[] {
    const source = this.#boxes.get(from)!;
    let [x, y] = [source.right, source.bottom - port.out];
    const points: Point[] = [[x, y]];
    for (const leg of legs) {
      if ('beside' in leg) x = this.#besides.get(leg.beside)! + lane * this.#lanes.beside(leg.beside, from);
      else y = this.#acrossAt(leg.across, leg.at) + lane * this.#lanes.across(leg.across, leg.at, from);
      points.push([x, y]);
    }
    if (to.type === 'block') return [...points, [this.#spineOf(to), y]];
    const { right, top } = this.#boxes.get(to.id)!;
    const into = top + port.first + port.next * to.sides.indexOf(from);
    return [...points, [x, into], [right, into]];
  }

  #spineOf = ({ body }: Block) => this.#spines.get(body)!;

  /** y of the first lane across a block. */
  #acrossAt(block: Block, at: 'top' | 'bottom'): number {
    const { top, bottom } = this.#frames.get(block)!;
    return at === 'top' ? top + titleHeight : bottom - this.#sizes.frame(block).end + padding / 2;
  }

  #edge(from: number, to: number, points: readonly Point[]): void {
    this.#edges.push({ from, to, points });
  }
}

/** From the end of a column through the gap to its right to above the next one, whose left end is `x`. */
const over = (before: number, bottom: number, x: number, spine: number): readonly Point[] => [
  [before, bottom],
  [before, bottom + gap / 2],
  [x - columnGap / 2, bottom + gap / 2],
  [x - columnGap / 2, margin - gap / 2],
  [spine, margin - gap / 2],
];

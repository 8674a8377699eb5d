import type { Block, Box, Chain } from './boxes.js';
import type { Lanes } from './lanes.js';

/** Sizes in the picture of a network, units: of boxes, of blocks, of chains of them. */

export const lineHeight = 15;
/** Between a box's border and its text. */
export const inset = 7;
/** Between two items of a chain. */
export const gap = 20;
/** From one lane to the next. */
export const lane = 7;
/** Between a chain and the first lane beside it. */
export const besides = 10;
/** Of a frame: its title, and what is between its border and what is in it. */
export const titleHeight = 17;
export const padding = 9;
/** Of edges on a box's right side: the first one that comes in, the next below it, and the one that goes out, above the lower end. */
export const port = { first: 6, next: 5, out: 6 };

/** Widths to the left and the right of the line that goes straight down, and the height. */
export interface Extent {
  readonly left: number;
  readonly right: number;
  readonly height: number;
}

export class Sizes {
  readonly #lanes: Lanes;
  readonly #half: number;
  readonly #blocks = new Map<Block, Extent>();

  /** @param boxWidth of every box */
  constructor(lanes: Lanes, boxWidth: number) {
    this.#lanes = lanes;
    this.#half = boxWidth / 2;
  }

  box({ lines, sides }: Box): Extent {
    // The last line is of the output and the parameters.
    const text = (lines.length + 1) * lineHeight + inset + 2;
    const ports = sides.length === 0 ? 0 : port.first + port.next * sides.length + port.out;
    return { left: this.#half, right: this.#half, height: Math.max(text, ports) };
  }

  item(item: Box | Block): Extent {
    return item.type === 'box' ? this.box(item) : this.#block(item);
  }

  chain(items: Chain): Extent {
    const extents = items.map((item) => this.item(item));
    const lanes = this.#lanes.countBeside(items);
    return {
      left: Math.max(0, ...extents.map(({ left }) => left)),
      right: Math.max(0, ...extents.map(({ right }) => right)) + (lanes > 0 ? besides + lanes * lane : 0),
      height: extents.reduce((sum, { height }) => sum + height, gap * Math.max(0, items.length - 1)),
    };
  }

  /** From the top of a block to where its edge splits, and to its chains; and from their end to the end of the frame. */
  frame(block: Block): { readonly split: number; readonly chains: number; readonly end: number } {
    const split = titleHeight + lane * this.#lanes.countAcross(block, 'top');
    return {
      split,
      chains: split + gap / 2,
      end: padding + lane * this.#lanes.countAcross(block, 'bottom'),
    };
  }

  #block(block: Block): Extent {
    const known = this.#blocks.get(block);
    if (known !== undefined) return known;
    const [body, shortcut] = [this.chain(block.body), this.chain(block.shortcut)];
    const { chains, end } = this.frame(block);
    const extent = {
      left: body.left + padding,
      right: body.right + besides + shortcut.left + shortcut.right + padding,
      height: chains + Math.max(body.height, shortcut.height) + end + gap / 2 + this.box(block.sum).height,
    };
    this.#blocks.set(block, extent);
    return extent;
  }
}

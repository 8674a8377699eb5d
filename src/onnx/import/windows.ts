import type { Pair } from '../../config/resolved.js';
import type { Node } from './node.js';

/** Where the windows of a convolution or pool lie. */
export interface Windows {
  readonly size: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  /** A window with its dilation. */
  readonly extent: Pair;
  /** Rows and columns around the picture: above, to the left, below, to the right. */
  readonly borders: readonly [top: number, left: number, bottom: number, right: number];
  /** Windows down and across. */
  readonly counts: Pair;
}

/** Reads the attributes that Conv, MaxPool and AveragePool share. @param size if the node need not say it */
export function windowsOf(node: Node, [height, width]: Pair, size?: Pair): Windows {
  const window = pairOf(node, 'kernel_shape', size);
  const stride = pairOf(node, 'strides', [1, 1]);
  const dilation = pairOf(node, 'dilations', [1, 1]);
  const extent = window.map((side, i) => (side - 1) * dilation[i]! + 1) as Pair;
  const borders = bordersOf(node, [height, width], extent, stride);
  const [top, left, bottom, right] = borders;
  if (borders.some((border) => border < 0))
    throw node.refusal(`its pads are negative: ${borders.join(', ')}`);
  const padded = [top + height + bottom, left + width + right];
  const places = padded.map((side, i) => (side - extent[i]!) / stride[i]!);
  const counts = places.map((place) => Math.floor(place) + 1) as Pair;
  if (counts.some((count) => !(count >= 1)))
    throw node.refusal(
      `its window of ${extent.join(' x ')} is larger than its input, ${padded.join(' x ')} with padding`,
    );
  // Rounded up, the last window begins within the picture or the padding before it, and goes beyond the end.
  const isCut = places.some(
    (place, i) =>
      Math.ceil(place) > Math.floor(place) &&
      Math.ceil(place) * stride[i]! < [height + top, width + left][i]!,
  );
  if (node.numberOf('ceil_mode', 0) !== 0 && isCut)
    throw node.refusal(
      "its ceil_mode makes windows that go beyond the picture; lockstep's pools leave out what fills no whole window",
    );
  return { size: window, stride, dilation, extent, borders, counts };
}

function pairOf(node: Node, name: string, otherwise: Pair | undefined): Pair {
  const values = node.integers(name) ?? otherwise;
  if (values?.length === 2 && values.every((value) => value >= 1)) return [values[0]!, values[1]!];
  throw node.refusal(
    `its ${name} is [${values?.join(', ') ?? ''}]; expected two numbers, of the height and the width of images`,
  );
}

function bordersOf(node: Node, sides: Pair, extent: Pair, stride: Pair): Windows['borders'] {
  const auto = node.text('auto_pad', 'NOTSET');
  if (auto === 'VALID') return [0, 0, 0, 0];
  if (auto === 'SAME_UPPER' || auto === 'SAME_LOWER') {
    const [down, across] = sides.map((side, i) => {
      const all = Math.max((Math.ceil(side / stride[i]!) - 1) * stride[i]! + extent[i]! - side, 0);
      const less = Math.floor(all / 2);
      return auto === 'SAME_UPPER' ? [less, all - less] : [all - less, less];
    }) as [Pair, Pair];
    return [down[0], across[0], down[1], across[1]];
  }
  const pads = node.integers('pads') ?? [0, 0, 0, 0];
  if (auto !== 'NOTSET' || pads.length !== 4)
    throw node.refusal(
      `its padding is ${auto} [${pads.join(', ')}]; expected four numbers, top, left, bottom and right`,
    );
  return pads as unknown as Windows['borders'];
}

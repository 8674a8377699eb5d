/**
 * The ten shapes and five textures that the generated classes are made of.
 *
 * Coordinates: the shape's centre is at 0, its edge at a distance of about 1, and y points down. Only + - * / and sqrt are used, which
 * IEEE rounds the same everywhere, so a picture has the same pixels on every machine.
 */

/** A signed distance: negative inside, positive outside, and accurate only near the edge. */
type Field = (x: number, y: number) => number;

const length = (x: number, y: number) => Math.sqrt(x * x + y * y);

export const shapes = {
  circle: (x, y) => length(x, y) - 0.9,
  square: (x, y) => Math.max(Math.abs(x), Math.abs(y)) - 0.78,
  triangle: (x, y) => Math.max(y - 0.6, 0.88 * Math.abs(x) - 0.47 * y - 0.47),
  star,
  cross: (x, y) => {
    const long = Math.max(Math.abs(x), Math.abs(y));
    const short = Math.min(Math.abs(x), Math.abs(y));
    return Math.max(long - 0.95, short - 0.32);
  },
  ring: (x, y) => Math.abs(length(x, y) - 0.68) - 0.27,
  moon: (x, y) => Math.max(length(x, y) - 0.95, 0.72 - length(x - 0.5, y)),
  heart: (x, y) => {
    const side = Math.abs(x);
    return Math.min(Math.SQRT1_2 * (side + Math.abs(y) - 0.8), length(side - 0.4, y + 0.4) - 0.5657);
  },
  hourglass: (x, y) => Math.max(Math.abs(y) - 0.9, 0.8 * (Math.abs(x) - 0.9 * Math.abs(y) - 0.08)),
  leaf: (x, y) => length(Math.abs(x) + 0.6, y) - 1.12,
} satisfies Record<string, Field>;

/** 1 where a point has the second colour, else 0. `inside` is the distance to the shape's edge. */
type Texture = (x: number, y: number, inside: number) => number;

export const textures = {
  plain: () => 0,
  striped: (x) => half(1.7 * x),
  dotted: (x, y) => (length(fraction(2 * x + 0.5) - 0.5, fraction(2 * y + 0.5) - 0.5) < 0.32 ? 1 : 0),
  checkered: (x, y) => (half(1.1 * x) === half(1.1 * y) ? 1 : 0),
  rimmed: (_x, _y, inside) => (inside < 0.2 ? 1 : 0),
} satisfies Record<string, Texture>;

const fraction = (x: number) => x - Math.floor(x);
const half = (x: number) => (fraction(x) < 0.5 ? 1 : 0);

/** A five-pointed star: its wedge folded onto one edge (Inigo Quilez, sdStar5). */
function star(x: number, y: number): number {
  const [cos36, sin36] = [0.809016994375, 0.587785252292];
  let px = Math.abs(x);
  let py = -y;
  const first = 2 * Math.max(cos36 * px - sin36 * py, 0);
  px -= first * cos36;
  py += first * sin36;
  const second = 2 * Math.max(-cos36 * px - sin36 * py, 0);
  px = Math.abs(px + second * cos36);
  py += second * sin36 - 1;
  const inner = 0.45;
  const bx = inner * sin36;
  const by = inner * cos36 - 1;
  const along = Math.min(Math.max((px * bx + py * by) / (bx * bx + by * by), 0), 1);
  const distance = length(px - bx * along, py - by * along);
  return py * bx - px * by < 0 ? -distance : distance;
}

import { cosineOfHalfTurn } from '../../numerics/exact-math.js';

/**
 * A map from the points of an image that is made to those of the image that it is made of: (x, y) to
 * (xx * x + xy * y + x0, yx * x + yy * y + y0), in pixels from the upper left corner. Each method is one more change of the image,
 * after those that were before.
 */
export class Affine {
  /** `[xx, xy, x0, yx, yy, y0]` */
  readonly map: Float64Array;
  readonly #width: number;
  readonly #height: number;

  constructor(height: number, width: number, map: Float64Array = new Float64Array(6)) {
    this.map = map;
    this.#height = height;
    this.#width = width;
    this.reset();
  }

  /** No change. */
  reset(): void {
    this.map.fill(0);
    this.map[0] = 1;
    this.map[4] = 1;
  }

  /** The part of the image at (x, y), of so many columns and rows, fills it. */
  crop(x: number, y: number, columns: number, rows: number): void {
    this.#then(columns / this.#width, 0, x, 0, rows / this.#height, y);
  }

  /** Larger by `factor`, about the centre. */
  zoom(factor: number): void {
    this.#thenAboutCentre(1 / factor, 0, 0, 1 / factor);
  }

  /** Clockwise, about the centre. */
  rotate(degrees: number): void {
    const [cosine, sine] = [cosineOf(degrees), cosineOf(degrees - 90)];
    this.#thenAboutCentre(cosine, sine, -sine, cosine);
  }

  /** Rows move to the right by `slope` pixels for each that they lie below the centre. */
  shearRows(slope: number): void {
    this.#thenAboutCentre(1, -slope, 0, 1);
  }

  /** Columns move down by `slope` pixels for each that they lie right of the centre. */
  shearColumns(slope: number): void {
    this.#thenAboutCentre(1, 0, -slope, 1);
  }

  move(down: number, right: number): void {
    this.#then(1, 0, -right, 0, 1, -down);
  }

  mirror(): void {
    this.#then(-1, 0, this.#width, 0, 1, 0);
  }

  invert(): void {
    this.#then(1, 0, 0, 0, -1, this.#height);
  }

  /** As `#then`, with the centre where it is. */
  #thenAboutCentre(xx: number, xy: number, yx: number, yy: number): void {
    const x = this.#width / 2;
    const y = this.#height / 2;
    this.#then(xx, xy, x - (xx * x + xy * y), yx, yy, y - (yx * x + yy * y));
  }

  #then(xx: number, xy: number, x0: number, yx: number, yy: number, y0: number): void {
    const { map } = this;
    for (let row = 0; row < 6; row += 3) {
      const x = map[row]!;
      const y = map[row + 1]!;
      map[row] = x * xx + y * yx;
      map[row + 1] = x * xy + y * yy;
      map[row + 2] = x * x0 + y * y0 + map[row + 2]!;
    }
  }
}

/** Of any angle. */
export function cosineOf(degrees: number): number {
  const turns = Math.abs(degrees) / 360;
  const part = 2 * (turns - Math.floor(turns));
  return cosineOfHalfTurn(part > 1 ? 2 - part : part);
}

/** Of an angle between -90 and 90 degrees. */
export const tangentOf = (degrees: number): number => cosineOf(degrees - 90) / cosineOf(degrees);

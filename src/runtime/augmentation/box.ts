import type { SampleDraws } from './sample-draws.js';

const proposals = 10;
const drawsOfProposal = 4;

/** Rows [top, bottom) and columns [left, right) of an image. */
export class Box {
  top = 0;
  bottom = 0;
  left = 0;
  right = 0;

  set(top: number, bottom: number, left: number, right: number): void {
    this.top = top;
    this.bottom = bottom;
    this.left = left;
    this.right = right;
  }

  /** Rows from `top` and columns from `left` on, as far as they lie in the image. */
  setWithin(top: number, left: number, rows: number, columns: number, height: number, width: number): void {
    this.set(
      Math.max(0, top),
      Math.min(height, top + rows),
      Math.max(0, left),
      Math.min(width, left + columns),
    );
  }

  /**
   * A random rectangle, anywhere in the image: of ten proposals the first that fits in.
   * @param draw first of the 40 numbers that it may take
   * @param scale of its area, in parts of the image's
   * @param logRatio bounds of the logarithm of its width to its height
   * @param spare 1 where it must be less high and less wide than the image
   * @returns false where none fits in
   */
  propose(
    draws: SampleDraws,
    draw: number,
    height: number,
    width: number,
    scale: readonly [number, number],
    logRatio: readonly [number, number],
    spare: 0 | 1,
  ): boolean {
    for (let i = 0; i < proposals; i++) {
      const first = draw + drawsOfProposal * i;
      const area = height * width * draws.between(first, scale[0], scale[1]);
      const aspect = draws.exponential(first + 1, logRatio[0], logRatio[1]);
      const rows = Math.round(Math.sqrt(area / aspect));
      const columns = Math.round(Math.sqrt(area * aspect));
      if (rows > 0 && columns > 0 && rows + spare <= height && columns + spare <= width) {
        const top = draws.below(first + 2, height - rows + 1);
        const left = draws.below(first + 3, width - columns + 1);
        this.set(top, top + rows, left, left + columns);
        return true;
      }
    }
    return false;
  }

  /** The largest rectangle in the middle of the image whose width is between `ratio` times its height. */
  setCentral(height: number, width: number, [narrow, wide]: readonly [number, number]): void {
    const rows = width / height < narrow ? Math.min(height, Math.round(width / narrow)) : height;
    const columns = width / height > wide ? Math.min(width, Math.round(height * wide)) : width;
    const [top, left] = [(height - rows) >> 1, (width - columns) >> 1];
    this.set(top, top + rows, left, left + columns);
  }
}

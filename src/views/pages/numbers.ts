import { integer, nats, percent } from '../format.js';

/** Numbers as a page shows them: as everywhere, and a dash for what has no value. */

export const none = '–';

/** A fraction of 1: `75.40%` */
export const percentText = (fraction: number | null | undefined): string =>
  typeof fraction === 'number' ? percent(fraction) : none;

/** A loss, nats: `0.8210`, `1.1e+33` */
export const natsText = (loss: number | null | undefined): string =>
  typeof loss === 'number' ? nats(loss) : none;

/** `22,535` */
export const countText = (count: number | null | undefined): string =>
  typeof count === 'number' ? integer(count) : none;

import { integer } from '../run/format.js';

/** Numbers as a page shows them. */

export const none = '–';

/** A fraction of 1: `75.40%` */
export const percentText = (fraction: number | null | undefined, digits = 2): string =>
  typeof fraction === 'number' ? `${(100 * fraction).toFixed(digits)}%` : none;

/** A loss, nats: `0.8210`, `1.1e+33` */
export const natsText = (loss: number | null | undefined): string => {
  if (typeof loss !== 'number') return none;
  return loss < 1e4 ? loss.toFixed(4) : loss.toExponential(1);
};

/** `22,535` */
export const countText = (count: number | null | undefined): string =>
  typeof count === 'number' ? integer(count) : none;

/** Bytes: `203.4 MB` */
export const megabytesText = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** At most 4 digits that count: `0.02717`, `1.2e-7` */
export function shortText(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size < 1e-4 || size >= 1e6) return value.toExponential(1);
  return String(Number(value.toPrecision(4)));
}

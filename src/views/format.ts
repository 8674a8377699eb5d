import type { DataProgress } from '../data/open.js';

/**
 * Numbers as people see them, in the terminal, on pages and in Markdown: each kind of number has one form, with its digits. Files for
 * programs (JSON, csv) hold numbers as they are, and accuracies there are fractions of 1.
 */

/** A count, and images/s: `65,406` */
export const integer = (value: number): string => Math.round(value).toLocaleString('en-US');

/** A fraction of 1, such as an accuracy or a probability of a class: `8.89%`, two digits: one image of 10,000. */
export const percent = (fraction: number): string => `${(100 * fraction).toFixed(2)}%`;

/** What one fraction is above another, in percentage points, with a real minus: `+1.20`, `−0.30`, `0.00` */
export function points(difference: number): string {
  const text = (100 * Math.abs(difference)).toFixed(2);
  if (Number(text) === 0) return text;
  return `${difference < 0 ? '−' : '+'}${text}`;
}

/** A share of something measured, such as time, which differs from run to run: `31.4%` */
export const share = (fraction: number): string => `${(100 * fraction).toFixed(1)}%`;

/** How sure an interval is: `95%`, `99.9%` */
export const levelText = (level: number): string => `${Number((100 * level).toFixed(4))}%`;

/** The p of a test, two digits that count: `0.032`, `< 0.0001` */
export const pValue = (p: number): string => (p < 1e-4 ? '< 0.0001' : p.toPrecision(2));

/** A loss in nats: `3.8771`, `1.1e+33` */
export const nats = (loss: number): string => (loss < 1e4 ? loss.toFixed(4) : loss.toExponential(1));

/** A learning rate, four digits that count, whatever its size: `0.02717`, `0.03000`, `1.235e-7` */
export function learningRateText(value: number): string {
  if (value === 0) return '0';
  return value < 1e-4 || value >= 1e4 ? value.toExponential(3) : value.toPrecision(4);
}

/** Shown where there is no value. */
export const none = '–';

const orNone =
  (text: (value: number) => string) =>
  (value: number | null | undefined): string =>
    typeof value === 'number' ? text(value) : none;

/** As `percent`, `nats` and `integer`, and a dash for what has no value. */
export const percentText = orNone(percent);
export const natsText = orNone(nats);
export const countText = orNone(integer);

const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];

/** `2.4 MB`, of powers of 1000 */
export function bytesText(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

/** `4.2 s`, `3 min 20 s`, `2 h 05 min`; `?` when it is not known. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return '?';
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const two = (value: number) => String(value).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

/** What a phase of making a dataset counts, how it shows that, and what it has done at its end. */
export const dataPhases: Readonly<
  Record<DataProgress['phase'], { past: string; what: string; amount(done: number, total?: number): string }>
> = {
  drawing: { past: 'drew', ...counted('images') },
  decoding: { past: 'decoded', ...counted('images') },
  downloading: { past: 'downloaded', what: 'files', amount: megabytes },
  unpacking: { past: 'unpacked', ...counted('files') },
  inspecting: { past: 'inspected', ...counted('images') },
  evaluating: { past: 'evaluated', ...counted('images') },
};

function counted(what: string) {
  const amount = (done: number, total?: number) =>
    `${total === undefined ? integer(done) : `${done}/${total}`} ${what}`;
  return { what, amount };
}

/** `12.3/170.1 MB` */
function megabytes(done: number, total?: number): string {
  const of = (bytes: number) => (bytes / 1e6).toFixed(1);
  return `${of(done)}${total === undefined ? '' : `/${of(total)}`} MB`;
}

import { remarks } from '../remarks.js';

/** Converts channel values of more than 8 bits to bytes. docs/data.md states the rule: "Values of more than 8 bits". */

/** Values that may be white. A file does not say which, so its largest value decides. */
const scales = [
  { most: 1, remark: remarks.floatsToOne },
  { most: 255, remark: remarks.valuesTo255 },
  { most: 65_535, remark: remarks.valuesTo65535 },
] as const;

/** Converts floats and 32-bit integers. Throws an Error with the reason where their range is none of the scales. */
export function bytesOfValues(values: Float32Array, isFloat: boolean): { bytes: Uint8Array; remark: number } {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  let finite = true;
  for (const value of values) {
    finite &&= Number.isFinite(value);
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const scale = scales.find((each) => most <= each.most && (isFloat || each.most > 1));
  if (scale === undefined || least < 0 || !finite) {
    const found = finite ? `from ${least} to ${most}` : 'not all finite';
    throw new Error(`its values are ${found}; expected 0 to 1, to 255 or to 65,535 (convert it to 8 bits)`);
  }
  const factor = 255 / scale.most;
  return { bytes: Uint8Array.from(values, (value) => Math.round(value * factor)), remark: scale.remark };
}

/** Whether a 16-bit image, converted to bytes, is so dark that 65,535 may not be its white: no 16-bit value is above about 4,000. */
export const isDark = (rgb: Uint8Array): boolean => !rgb.some((value) => value > 15);

/** For a dark image's 16-bit values: the values as bytes where none is above 255, else perhaps the remark that it is dark. */
export function bytesOfShorts(values: Uint16Array): { bytes?: Uint8Array; remark: number } {
  let most = 0;
  for (const value of values) if (value > most) most = value;
  if (most > 255) return { remark: most <= 4095 ? remarks.dark : 0 };
  // A black image is black by either rule, so it needs no remark.
  return { bytes: Uint8Array.from(values), remark: most === 0 ? 0 : remarks.shortsTo255 };
}

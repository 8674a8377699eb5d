import { remarks } from '../remarks.js';

/** Channels' values of other kinds than 8 bits, made bytes by a stated rule: docs/data.md, "Values of more than 8 bits". */

/** What white may be. A file does not say it, so the largest value does. */
const scales = [
  { most: 1, remark: remarks.floatsToOne },
  { most: 255, remark: remarks.valuesTo255 },
  { most: 65_535, remark: remarks.valuesTo65535 },
] as const;

/** Of floats and numbers of 32 bits. Throws an Error with the reason where they are of another range. */
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

/** Whether an image of 16 bits is so dark as bytes that 65,535 may not be its white: no value is above some 4,000. */
export const isDark = (rgb: Uint8Array): boolean => !rgb.some((value) => value > 15);

/** Values of 16 bits that are dark as bytes: the bytes that they are, or that the image is dark. */
export function bytesOfShorts(values: Uint16Array): { bytes?: Uint8Array; remark: number } {
  let most = 0;
  for (const value of values) if (value > most) most = value;
  if (most > 255) return { remark: most <= 4095 ? remarks.dark : 0 };
  // Black is black by either rule.
  return { bytes: Uint8Array.from(values), remark: most === 0 ? 0 : remarks.shortsTo255 };
}

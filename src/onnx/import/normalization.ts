import type { SampleFormat } from '../../data/dataset.js';
import { type Affine, refusal } from './draft.js';
import { shortest } from './shortest.js';

type Normalization = SampleFormat['normalization'];

/** What a file says, or its user, of the values of the graph's input: a pixel x of 0 to 255 is there (x / 255 - mean) / deviation. */
export type InputMeaning = Normalization | undefined;

/** What white is in an input that holds pixels as they are. */
export const ranges = [1, 255] as const;
export const ofRange = (white: number): Normalization => ({
  mean: [0, 0, 0],
  deviation: [1, 1, 1].map((one) => one / white),
});

/**
 * What the network sees of a pixel: the input's meaning, and then the graph's arithmetic.
 * @param said by the file beside its graph: it has all digits, and is taken where it is the same to float32
 * @returns undefined where nobody says what the input holds
 * @throws UserError (exit code usage) where the graph computes with pixels and nobody says whether white is 1 or 255, or lockstep has no such
 *   normalization
 */
export function normalizationFrom(
  { scale, shift, isOfBytes }: Affine,
  meaning: InputMeaning,
  said: Normalization | undefined,
): Normalization | undefined {
  const isUntouched = scale.every((by) => by === 1) && shift.every((by) => by === 0);
  const outside = meaning ?? (isOfBytes ? ofRange(255) : undefined);
  if (outside === undefined) {
    if (isUntouched) return undefined;
    throw refusal(
      'its graph begins with a normalization of the pixels, and nothing says whether they are from 0 to 1 or from 0 to 255: give --range 1 or --range 255',
    );
  }
  const exact = {
    mean: scale.map((by, c) => outside.mean[c]! - (shift[c]! * outside.deviation[c]!) / by),
    deviation: scale.map((by, c) => outside.deviation[c]! / by),
  };
  const short = { mean: exact.mean.map(shortest), deviation: exact.deviation.map(shortest) };
  const found =
    [said, short].find((other) => other !== undefined && isSame(other, exact)) ??
    (isWritten(short) ? short : exact);
  if (
    found.mean.every((mean) => mean >= 0 && mean <= 1) &&
    found.deviation.every((by) => by > 0 && by < 1e30)
  )
    return found;
  const text = (numbers: readonly number[]) =>
    `[${numbers.map((number) => number.toPrecision(4)).join(', ')}]`;
  throw refusal(
    `its pixels are normalized by a mean of ${text(found.mean)} and a deviation of ${text(found.deviation)}, of values from 0 to 1; lockstep has means from 0 to 1 and deviations above 0: is --range right?`,
  );
}

/** Whether the numbers have so few digits that somebody wrote them: 0.485 is meant where float32 has 0.48500001. */
const isWritten = ({ mean, deviation }: Normalization) =>
  [...mean, ...deviation].every((value) => Number(value.toPrecision(5)) === value);

/** Whether two give the same float32 factors of a byte. */
function isSame(a: Normalization, b: Normalization): boolean {
  const factors = ({ mean, deviation }: Normalization) =>
    mean.flatMap((own, c) => [1 / (255 * deviation[c]!), -own / deviation[c]! + 0].map(Math.fround));
  return factors(a).join() === factors(b).join();
}

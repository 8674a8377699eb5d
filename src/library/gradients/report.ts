import { ExitCode, UserError } from '../../errors.js';
import type { CheckOptions, GradientReport } from './check.js';
import { type Compared, precisions } from './compare.js';

/** What a check found. */
export interface Found {
  readonly what: string;
  readonly precision: 'float64' | 'float32';
  readonly compared: readonly Compared[];
  readonly faults: readonly string[];
}

/** @throws UserError (exit code training) with `throws`, where it does not pass */
export function reportOf(
  options: CheckOptions,
  { what, precision, compared, faults }: Found,
): GradientReport {
  const { tolerance = precisions[precision].tolerance, throws = false } = options;
  const errorOf = ({ beyond, scale }: Compared) =>
    beyond === 0 ? 0 : Number.isFinite(beyond) ? beyond / scale : Number.POSITIVE_INFINITY;
  let worst: Compared | undefined;
  for (const each of compared) if (worst === undefined || errorOf(each) > errorOf(worst)) worst = each;
  const error = worst === undefined ? 0 : errorOf(worst);
  const passed = error <= tolerance && faults.length === 0;
  const place = worst && { place: worst.place, gradient: worst.gradient, difference: worst.difference };
  const about = { error, tolerance, worst: place, compared: compared.length };
  const message = [
    `${what}: ${passed ? 'the gradients agree' : error > tolerance ? 'the gradients do not agree' : 'not as it should be'}`,
    ...(place === undefined
      ? []
      : [
          error === 0
            ? `${compared.length} values in ${precision}; all errors are within rounding`
            : `${compared.length} values in ${precision}; largest error ${error.toExponential(1)} (${tolerance} passes), at ${place.place}: ` +
              `gradient ${place.gradient}, difference ${place.difference}`,
        ]),
    ...faults,
  ].join('\n');
  if (!passed && throws) throw new UserError(message, ExitCode.training);
  return { passed, ...about, faults, message };
}

import { ExitCode, UserError } from '../../errors.js';
import { callCode, firstNotFinite } from '../../graph/custom-code.js';
import type { CustomLoss } from '../../graph/custom-types.js';
import { hash } from '../../numerics/random.js';
import type { LossCheck } from './check.js';
import { type Compared, compare, fillNormal, precisions } from './compare.js';
import type { Found } from './report.js';

/** An own loss's gradient, of random logits and each label in turn. */

const name = { text: 'the loss' };

export function checkLoss(check: LossCheck): Found {
  const { seed = 1, samples = 3, most = 200, precision = 'float64', classes } = check;
  const faults = new Set<string>();
  const compared: Compared[] = [];
  const kind = precision === 'float64' ? Float64Array : Float32Array;
  try {
    const loss = makeLoss(check);
    for (let sample = 0; sample < Math.max(samples, Math.min(classes, most)); sample++) {
      const [logits, gradient] = [new kind(classes), new kind(classes)];
      fillNormal(logits, hash(seed, sample), 2);
      const label = sample % classes;
      for (const training of [true, false]) {
        const call = (into: typeof gradient) => {
          into.fill(0);
          return lossOf(
            callCode(name, 'it', ExitCode.training, () => loss({ logits, label, gradient: into, training })),
          );
        };
        const before = logits.slice();
        call(gradient);
        if (logits.some((value, k) => value !== before[k]))
          faults.add('it writes to logits, which it may only read');
        if (firstNotFinite(gradient) >= 0) faults.add(`gradient is not finite, of the label ${label}`);
        const other = new kind(classes);
        const objective = () => {
          const value = call(other);
          return { value, size: Math.abs(value) + 1 };
        };
        const tensor = { name: `logits of label ${label}`, values: logits, gradient };
        compared.push(...compare(tensor, objective, precisions[precision], most));
      }
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    faults.add(error.message);
  }
  return { what: name.text, precision, compared, faults: [...faults] };
}

function makeLoss({ loss, options = {}, classes }: LossCheck): CustomLoss {
  const made: unknown = callCode(name, 'its factory', ExitCode.usage, () =>
    loss(structuredClone(options), { classes }),
  );
  if (typeof made === 'function') return made as CustomLoss;
  throw new UserError('its factory returned no function', ExitCode.usage);
}

function lossOf(value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new UserError(`it returned ${String(value)}, expected a finite number`, ExitCode.training);
}

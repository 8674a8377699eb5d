import type { CustomLossConfig } from '../config/schema.js';
import { ExitCode } from '../errors.js';
import {
  type CodeName,
  type CustomCode,
  callCode,
  codeError,
  factoryOf,
  firstNotFinite,
  nameOf,
  requireFinite,
} from './custom-code.js';
import type { CustomLoss } from './custom-types.js';

export const lossName = (config: CustomLossConfig): CodeName => nameOf('loss', config);

/** @throws UserError (exit code usage) where the module's factory throws, or gives no function */
export function createLoss(
  config: CustomLossConfig,
  classes: number,
  code: CustomCode | undefined,
): CustomLoss {
  const factory = factoryOf(code, config);
  const made = callCode(lossName(config), 'its factory', ExitCode.usage, () =>
    factory(structuredClone(config.options), { classes }),
  );
  if (typeof made === 'function') return made as CustomLoss;
  throw codeError(
    lossName(config),
    `its factory returned ${made === null ? 'null' : typeof made}, expected a function of a sample's logits and label`,
    ExitCode.usage,
  );
}

/**
 * A sample's loss. @param gradient written; zeros at first
 * @throws UserError (exit code training) where the loss throws, or of finite logits gives something else than finite numbers
 */
export function callLoss(
  name: CodeName,
  loss: CustomLoss,
  logits: Float32Array,
  label: number,
  gradient: Float32Array,
  training: boolean,
): number {
  const value: unknown = callCode(name, 'the loss', ExitCode.training, () =>
    loss({ logits, label, gradient, training }),
  );
  if (typeof value !== 'number')
    throw codeError(
      name,
      `it returned ${value === null ? 'null' : typeof value}, expected the sample's loss, a number`,
      ExitCode.training,
    );
  if (Number.isFinite(value) && firstNotFinite(gradient) < 0) return value;
  requireFinite(name, 'its loss', [value]);
  requireFinite(name, 'gradient', gradient);
  return value;
}

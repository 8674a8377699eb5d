import { described, ExitCode, UserError } from '../errors.js';

/** Pixels that images are brought to: of both sides, or of each. */
export type ImageSize = number | readonly [height: number, width: number];

/** @throws UserError (exit code usage) for what is no size; whether its numbers will do is the config's to say */
export function sidesOf(size: ImageSize): readonly [height: number, width: number] {
  if (typeof size === 'number') return [size, size];
  if (Array.isArray(size) && size.length === 2 && size.every((side) => typeof side === 'number'))
    return [size[0], size[1]];
  const found = Array.isArray(size) ? JSON.stringify(size) : described(size);
  throw new UserError(`size: found ${found}; expected a number, or [height, width]`, ExitCode.usage, {
    path: 'size',
  });
}

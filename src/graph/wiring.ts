import { pathText } from '../config/path.js';
import type { ResolvedLayer } from '../config/resolve.js';
import { ExitCode, UserError } from '../errors.js';

/** What a layer reads where it reads the network's input. */
export const sampleNode = -1;
/** Its name in a layer's `inputs`. */
const sampleName = 'input';

/** Of each layer, the numbers of those that it reads: by default the one before, `sampleNode` for the network's input. */
export type Wiring = readonly (readonly number[])[];

/** @throws UserError (exit code usage) for a name that no earlier layer has, and for a layer that is read by none */
export function wireLayers(layers: readonly ResolvedLayer[]): Wiring {
  const numbers = new Map([[sampleName, sampleNode]]);
  const wiring = layers.map(({ name, inputs }, index) => {
    const own = inputs?.map((input, i) => {
      const number = numbers.get(input);
      if (number !== undefined) return number;
      const known = [...numbers.keys()].map((known) => `"${known}"`).join(', ');
      throw refusal(
        ['model', 'layers', index, 'inputs', i],
        `found "${input}"; expected the name of an earlier layer: ${known}`,
      );
    });
    if (name !== undefined) numbers.set(name, index);
    return own ?? [index - 1];
  });
  for (const index of layers.keys()) {
    if (index === layers.length - 1 || readersOf(wiring, index).length > 0) continue;
    throw refusal(['model', 'layers', index], 'no other layer reads it; name it in the inputs of one');
  }
  return wiring;
}

/** The layers that read one, in their order. */
export const readersOf = (wiring: Wiring, layer: number): number[] =>
  wiring.flatMap((inputs, reader) => inputs.filter((input) => input === layer).map(() => reader));

const refusal = (path: readonly (string | number)[], message: string) =>
  new UserError(`${pathText([...path])}: ${message}`, ExitCode.usage);

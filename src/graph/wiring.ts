import { type Path, pathText } from '../config/path.js';
import type { ResolvedLayer, ResolvedResidual } from '../config/resolved.js';
import { ExitCode, UserError } from '../errors.js';

/** What a layer reads where it reads the network's input. */
export const sampleNode = -1;
/** Its name in a layer's `inputs`. */
const sampleName = 'input';

/** Where a layer stands. */
export interface LayerPlace {
  /** Among all layers, those of blocks included, in the order in which they run. */
  readonly number: number;
  /** In the config: `model.layers[3].body[1]` */
  readonly key: string;
}

/** A layer and the numbers of those that it reads, `sampleNode` for the network's input. A residual block reads the ends of its body and its shortcut. */
export interface WiredLayer extends LayerPlace {
  readonly config: ResolvedLayer;
  readonly inputs: readonly number[];
}

/**
 * The layers in the order in which they run, those that a block holds before the block. Each reads the one before unless it says more.
 * @throws UserError (exit code usage) for a name that no earlier layer has, and for a layer that is read by none
 */
export function wireLayers(layers: readonly ResolvedLayer[]): WiredLayer[] {
  const wired: WiredLayer[] = [];
  const numbers = new Map([[sampleName, sampleNode]]);

  /** Layers one after the other, the first reading `from`; the number of the last. */
  const chain = (layers: readonly ResolvedLayer[], path: Path, from: number): number => {
    let last = from;
    for (const [index, layer] of layers.entries()) last = put(layer, [...path, index], last);
    return last;
  };
  const put = (config: ResolvedLayer, path: Path, before: number): number => {
    const named = config.inputs?.map((input, i) => numberOf(input, [...path, 'inputs', i])) ?? [before];
    const inputs = config.type === 'residual' ? ends(config, path, named) : named;
    const number = wired.push({ config, inputs, number: wired.length, key: pathText(path) }) - 1;
    if (config.name !== undefined) numbers.set(config.name, number);
    return number;
  };
  const ends = ({ body, shortcut = [] }: ResolvedResidual, path: Path, inputs: readonly number[]) => {
    if (inputs.length > 1) throw refusal(pathText([...path, 'inputs']), tooManyInputs(inputs.length));
    const [from] = inputs as [number];
    return [chain(body, [...path, 'body'], from), chain(shortcut, [...path, 'shortcut'], from)];
  };
  const numberOf = (input: string, path: Path): number => {
    const number = numbers.get(input);
    if (number !== undefined) return number;
    const known = [...numbers.keys()].map((known) => `"${known}"`).join(', ');
    throw refusal(pathText(path), `found "${input}"; expected the name of an earlier layer: ${known}`);
  };

  chain(layers, ['model', 'layers'], sampleNode);
  for (const { number, key } of wired.slice(0, -1)) {
    if (readersOf(wired, number).length > 0) continue;
    throw refusal(key, 'no other layer reads it; name it in the inputs of one');
  }
  return wired;
}

/** The layers that read one, in their order. */
export const readersOf = (wired: readonly WiredLayer[], layer: number): number[] =>
  wired.flatMap(({ inputs, number }) => inputs.filter((input) => input === layer).map(() => number));

const tooManyInputs = (found: number) => `found ${found}; residual takes one input`;

const refusal = (key: string, message: string) =>
  new UserError(`${key}: ${message}`, ExitCode.usage, { path: key });

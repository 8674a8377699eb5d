import type { ResolvedLayer } from '../../config/resolved.js';
import type { ConfigLayer } from '../../graph/network.js';
import { type Shape, showShape, sizeOf } from '../../graph/shape.js';
import { readersOf, sampleNode } from '../../graph/wiring.js';
import { ownCodeText } from '../layer-rows.js';
import { wordsOf } from '../report/setting-text.js';

/** A network as what is drawn of it: boxes one below the other, and residual blocks of two such chains and a sum. */

export interface Box {
  readonly type: 'box';
  /** Number of its first layer, or `sampleNode`. */
  readonly id: number;
  /** A layer each: `conv1 conv2d 3 x 3`. */
  readonly lines: readonly { readonly name: string; readonly kind: string }[];
  /** `16 x 32 x 32` */
  readonly output: string;
  readonly parameters: number;
  readonly role: 'weights' | 'join' | 'other';
  /** Whether it reads what is above it in its chain. */
  readonly isFed: boolean;
  /** Boxes elsewhere that it reads, in their order. */
  readonly sides: readonly number[];
}

export interface Block {
  readonly type: 'block';
  readonly title: string;
  readonly body: Chain;
  /** Empty where the block's input itself is added. */
  readonly shortcut: Chain;
  /** Reads the ends of both. */
  readonly sum: Box;
  /** Whether it reads what is above it in its chain; else the box `from`. */
  readonly isFed: boolean;
  readonly from: number;
}

export type Chain = readonly (Box | Block)[];

/** The box that what is below reads. */
export const exitOf = (item: Box | Block): Box => (item.type === 'box' ? item : item.sum);

/** Layers that keep the shape, and have a line in the box before them. */
const followers = new Set<ResolvedLayer['type']>([
  ...(['batchNorm', 'groupNorm', 'layerNorm', 'prelu', 'dropout'] as const),
  ...(['sigmoid', 'silu', 'relu', 'tanh', 'gelu', 'leakyRelu', 'elu', 'hardSwish', 'relu6'] as const),
]);

/** @param configs of the network, blocks with their layers in them; `layers`: the same as `configLayers` has them */
export function networkBoxes(
  configs: readonly ResolvedLayer[],
  layers: readonly ConfigLayer[],
  input: Shape,
): Chain {
  /** Of each layer that has been put, the box that gives its output. */
  const boxOf = new Map([[sampleNode, sampleNode]]);
  let next = 0;

  const chain = (own: readonly ResolvedLayer[], from: number): Chain => {
    const items: (Box | Block)[] = [];
    let before = from;
    for (const config of own) {
      const block = config.type === 'residual' ? blockOf(config, before) : undefined;
      const layer = layers[next++]!;
      const last = items.at(-1);
      if (block !== undefined) {
        const sum: Box = { ...boxOfLayer(layer, before, boxOf), isFed: true, sides: [] };
        boxOf.set(layer.number, sum.id);
        items.push({ ...block, sum });
      } else if (last !== undefined && joins(layer, before, layers)) {
        items[items.length - 1] = withLine(last, layer);
        boxOf.set(layer.number, exitOf(last).id);
      } else {
        items.push(boxOfLayer(layer, before, boxOf));
        boxOf.set(layer.number, layer.number);
      }
      before = layer.number;
    }
    return items;
  };
  const blockOf = (config: Extract<ResolvedLayer, { type: 'residual' }>, before: number) => {
    const [named] = config.inputs ?? [];
    const from = named === undefined ? before : numberOf(named, layers);
    return {
      type: 'block' as const,
      title: config.name ?? 'residual',
      body: chain(config.body, from),
      shortcut: chain(config.shortcut ?? [], from),
      isFed: from === before,
      from: boxOf.get(from)!,
    };
  };

  const sample: Box = {
    type: 'box',
    id: sampleNode,
    lines: [{ name: 'input', kind: '' }],
    output: showShape(input),
    parameters: 0,
    role: 'other',
    isFed: false,
    sides: [],
  };
  return [sample, ...chain(configs, sampleNode)];
}

const numberOf = (name: string, layers: readonly ConfigLayer[]): number =>
  layers.find(({ config }) => config.name === name)?.number ?? sampleNode;

/** Whether a layer has a line in the box of the one before: it reads that one, and nothing else does. */
const joins = ({ config, inputs, number }: ConfigLayer, before: number, layers: readonly ConfigLayer[]) =>
  followers.has(config.type) &&
  inputs[0] === before &&
  readersOf(layers, before).every((reader) => reader === number);

function withLine(item: Box | Block, layer: ConfigLayer): Box | Block {
  if (item.type === 'block') return { ...item, sum: withLine(item.sum, layer) as Box };
  const parameters = item.parameters + parametersOf(layer);
  return { ...item, lines: [...item.lines, lineOf(layer)], parameters };
}

/** @param before number of the layer above it */
function boxOfLayer(layer: ConfigLayer, before: number, boxOf: ReadonlyMap<number, number>): Box {
  const { config, inputs, operator, number } = layer;
  const { type } = config;
  const isFed = inputs.includes(before);
  const others = isFed ? inputs.toSpliced(inputs.indexOf(before), 1) : inputs;
  return {
    type: 'box',
    id: number,
    lines: [lineOf(layer)],
    output: showShape(operator.output),
    parameters: parametersOf(layer),
    role:
      type === 'conv2d' || type === 'dense'
        ? 'weights'
        : type === 'add' || type === 'concat' || type === 'residual'
          ? 'join'
          : 'other',
    isFed,
    sides: others.map((input) => boxOf.get(input)!),
  };
}

const parametersOf = ({ operator }: ConfigLayer): number =>
  operator.parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);

const lineOf = (layer: ConfigLayer) => ({
  name: layer.config.type === 'residual' ? '' : (layer.config.name ?? ''),
  kind: kindOf(layer),
});

/** What a layer is, in few letters; of a stride of 2 `/2`. */
function kindOf({ config, operator }: ConfigLayer): string {
  const by = ([height, width]: readonly number[]) => `${height} x ${width}`;
  const stride = (pair: readonly number[], usual: readonly number[]) =>
    String(pair) === String(usual) ? '' : ` /${pair[0] === pair[1] ? pair[0] : by(pair)}`;
  switch (config.type) {
    case 'conv2d': {
      const { groups, kernelSize, dilation } = config;
      const isDepthwise = groups > 1 && groups === operator.input[0];
      return [
        `${isDepthwise ? 'depthwise' : 'conv2d'} ${by(kernelSize)}${stride(config.stride, [1, 1])}`,
        ...(groups > 1 && !isDepthwise ? [`${groups} groups`] : []),
        ...(Math.max(...dilation) > 1 ? [`dilated ${by(dilation)}`] : []),
      ].join(', ');
    }
    case 'maxPool':
    case 'averagePool':
      return `${wordsOf(config.type)} ${by(config.window)}${stride(config.stride, config.window)}`;
    case 'groupNorm':
      return `group norm, ${config.groups} groups`;
    case 'dropout':
      return `dropout ${config.rate}`;
    case 'residual':
      return 'sum';
    case 'custom':
      return `own ${ownCodeText(config)}`;
    default:
      return wordsOf(config.type);
  }
}

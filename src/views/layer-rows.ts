import type { ResolvedLayer } from '../config/resolved.js';
import type { ConfigLayer } from '../graph/network.js';
import { showShape, sizeOf } from '../graph/shape.js';
import { countText } from './format.js';
import { wordsOf } from './report/setting-text.js';
import type { TextColumn } from './text-table.js';

/** The layers of a network, one a row, as a report and the library show them. */

export interface LayerRow {
  readonly number: string;
  readonly kind: string;
  readonly settings: string;
  readonly input: string;
  readonly output: string;
  readonly parameters: number;
  readonly multiplyAdds: number;
}

/** The config's layers with shapes and costs; the last row is the sum. */
export function layerRows(layers: readonly ConfigLayer[]): LayerRow[] {
  const rows = layers.map(({ config, key, operator }): LayerRow => {
    const { name, type } = config;
    return {
      number: numberOf(key),
      kind: name === undefined ? wordsOf(type) : `${name} (${wordsOf(type)})`,
      settings: settingsOf(config),
      input: showShape(operator.input),
      output: showShape(operator.output),
      parameters: operator.parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
      multiplyAdds: operator.multiplyAdds,
    };
  });
  const sum = (of: (row: LayerRow) => number) => rows.reduce((total, row) => total + of(row), 0);
  const all: LayerRow = {
    number: '',
    kind: 'all layers',
    settings: '',
    input: rows[0]!.input,
    output: rows.at(-1)!.output,
    parameters: sum((row) => row.parameters),
    multiplyAdds: sum((row) => row.multiplyAdds),
  };
  return [...rows, all];
}

const countOrNothing = (count: number) => (count === 0 ? '' : countText(count));

export const layerColumns: readonly TextColumn<LayerRow>[] = [
  { name: 'Layer', of: (row) => `${row.number} ${row.kind}`.trim(), text: true },
  { name: 'Settings', of: (row) => row.settings, text: true },
  { name: 'Input', of: (row) => row.input },
  { name: 'Output', of: (row) => row.output },
  { name: 'Parameters', of: (row) => countOrNothing(row.parameters) },
  { name: 'Multiply-adds', of: (row) => countOrNothing(row.multiplyAdds) },
];

/** From 1, as people count; of one in a block `4 body 2`. */
const numberOf = (key: string): string =>
  key
    .replace('model.layers', '')
    .replace(/\[(\d+)\]/g, (_, index) => ` ${Number(index) + 1} `)
    .replaceAll('.', '')
    .trim();

/** `swish.js`, or `swish of layers.js` */
export const ownCodeText = (code: { readonly module: string; readonly export: string }): string =>
  `${code.export === 'default' ? '' : `${code.export} of `}${/[^/\\]*$/.exec(code.module)![0]}`;

function settingsOf(layer: ResolvedLayer): string {
  const by = ([height, width]: readonly number[]) => `${height} x ${width}`;
  const different = (name: string, pair: readonly number[], usual: readonly number[]) =>
    String(pair) === String(usual) ? [] : [`${name} ${by(pair)}`];
  switch (layer.type) {
    case 'conv2d':
      return [
        `kernel ${by(layer.kernelSize)}`,
        ...different('stride', layer.stride, [1, 1]),
        ...(layer.padding === 'same' ? ['padding same'] : different('padding', layer.padding, [0, 0])),
        ...different('dilation', layer.dilation, [1, 1]),
        ...(layer.groups > 1 ? [`${layer.groups} groups`] : []),
        ...(layer.bias ? [] : ['no bias']),
      ].join(', ');
    case 'maxPool':
    case 'averagePool':
      return [
        `window ${by(layer.window)}`,
        ...different('stride', layer.stride, layer.window),
        ...different('padding', layer.padding, [0, 0]),
      ].join(', ');
    case 'zeroPad':
      return (['top', 'right', 'bottom', 'left'] as const)
        .filter((side) => layer[side] > 0)
        .map((side) => `${side} ${layer[side]}`)
        .join(', ');
    case 'groupNorm':
      return `${layer.groups} groups`;
    case 'custom':
      return ownCodeText(layer);
    case 'dropout':
      return `rate ${layer.rate}`;
    default:
      return '';
  }
}

import type { ResolvedLayer } from '../../config/resolve.js';
import type { ConfigLayer } from '../../graph/network.js';
import { showShape, sizeOf } from '../../graph/shape.js';
import { countText } from '../format.js';
import { Table } from '../pages/table.js';
import { wordsOf } from './setting-text.js';

interface Row {
  readonly number: string;
  readonly kind: string;
  readonly settings: string;
  readonly input: string;
  readonly output: string;
  readonly parameters: number;
  readonly multiplyAdds: number;
}

/** The config's layers, one per row, with shapes and costs; the last row is the sum. */
export function NetworkTable({ layers }: { layers: readonly ConfigLayer[] }) {
  const rows = layers.map(({ config, key, operator }): Row => {
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
  const sum = (of: (row: Row) => number) => rows.reduce((total, row) => total + of(row), 0);
  const all: Row = {
    number: '',
    kind: 'all layers',
    settings: '',
    input: rows[0]!.input,
    output: rows.at(-1)!.output,
    parameters: sum((row) => row.parameters),
    multiplyAdds: sum((row) => row.multiplyAdds),
  };
  return (
    <Table
      caption="Layers from input to output. Shapes: channels x height x width, or features; multiply-adds: of one image's forward pass"
      rows={[...rows, all]}
      columns={[
        { name: 'Layer', of: (row) => `${row.number} ${row.kind}`.trim() },
        { name: 'Settings', of: (row) => row.settings },
        { name: 'Input', of: (row) => row.input, numeric: true },
        { name: 'Output', of: (row) => row.output, numeric: true },
        {
          name: 'Parameters',
          of: (row) => (row.parameters === 0 ? '' : countText(row.parameters)),
          numeric: true,
        },
        {
          name: 'Multiply-adds',
          of: (row) => (row.multiplyAdds === 0 ? '' : countText(row.multiplyAdds)),
          numeric: true,
        },
      ]}
    />
  );
}

/** From 1, as people count; of one in a block `4 body 2`. */
const numberOf = (key: string): string =>
  key
    .replace('model.layers', '')
    .replace(/\[(\d+)\]/g, (_, index) => ` ${Number(index) + 1} `)
    .replaceAll('.', '')
    .trim();

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
    case 'dropout':
      return `rate ${layer.rate}`;
    default:
      return '';
  }
}

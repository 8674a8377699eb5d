import { groupBytes, type Kernels } from '../../kernels/kernels.js';
import { type Operator, scratch } from '../operator.js';
import { sizeOf } from '../shape.js';
import type { Convolution } from './convolution.js';
import { planeDistance, planeTable } from './geometry.js';
import { isPointwise, pointwise } from './pointwise.js';

/** The gradient of a convolution's input, without a transform: by one of three ways, by the shape alone. */
interface InputGradient extends Pick<Operator, 'tables' | 'scratch'> {
  bind(kernels: Kernels, at: InputGradientPlaces): { prepare(): void; run(): void };
}

interface InputGradientPlaces {
  readonly weight: number;
  readonly dy: number;
  readonly dx: number;
  readonly tables: readonly number[];
  readonly scratch: readonly number[];
}

export function inputGradientOf(conv: Convolution): InputGradient {
  if (isPointwise(conv) && conv.strideHeight * conv.strideWidth === 1) return transposed(conv);
  return conv.dilationHeight === 1 && conv.dilationWidth === 1 ? direct(conv) : framed(conv);
}

/** Of a 1 x 1 kernel: such a convolution of dy, by the transposed weights. */
function transposed(conv: Convolution): InputGradient {
  const { channels, height, width, outputs, rows, columns } = conv;
  const single = pointwise({
    channels: outputs,
    height: rows,
    width: columns,
    outputs: channels,
    rows: height,
    columns: width,
    strideHeight: 1,
    strideWidth: 1,
  });
  return {
    tables: [single.table],
    scratch: [scratch(outputs * channels * 4), scratch(single.tileBytes)],

    bind(kernels, { weight, dy, dx, tables, scratch }) {
      const [table] = tables as [number];
      const [panels, tile] = scratch as [number, number];
      return {
        prepare: () => kernels.packInputPanels(weight, outputs, channels, 1, 1, 1, panels),
        run: single.bind(kernels, { x: dy, panels, bias: 0, y: dx, table, tile }),
      };
    },
  };
}

/** Of each dx the products that there are: see `convInputGradient`. */
function direct(conv: Convolution): InputGradient {
  const { channels, height, width, outputs, rows, columns, kernelHeight, kernelWidth, terms } = conv;
  const { strideHeight, strideWidth, top, left } = conv;
  const positions = rows * columns;
  const apart = planeDistance(positions);
  return {
    tables: [planeTable(outputs, apart, Math.ceil(kernelWidth / strideWidth))],
    scratch: [scratch(outputs * terms * 4), scratch(apart > positions ? outputs * apart * groupBytes : 0)],

    bind(kernels, at) {
      const [planes] = at.tables as [number];
      const [panels, planesApart] = at.scratch as [number, number];
      const dy = apart > positions ? planesApart : at.dy;
      return {
        prepare() {
          kernels.packInputPanels(
            at.weight,
            outputs,
            channels,
            kernelHeight,
            kernelWidth,
            strideWidth,
            panels,
          );
        },
        run() {
          if (dy !== at.dy) kernels.spreadPlanes(at.dy, dy, outputs, positions, apart);
          kernels.convInputGradient(
            dy,
            rows,
            columns,
            outputs,
            planes,
            panels,
            kernelHeight,
            kernelWidth,
            strideHeight,
            strideWidth,
            at.dx,
            channels,
            height,
            width,
            top,
            left,
          );
        },
      };
    },
  };
}

/**
 * Of a dilated kernel: sums over a table, as the forward pass takes them, of dy in a frame of zeros, its values a stride apart. The order
 * of a sum is (kernel row, kernel column, output).
 */
function framed(conv: Convolution): InputGradient {
  const { channels, height, width, outputs, rows, columns, kernelHeight, kernelWidth, terms } = conv;
  const { strideHeight, strideWidth, dilationHeight, dilationWidth, top, left } = conv;
  const above = (kernelHeight - 1) * dilationHeight;
  const before = (kernelWidth - 1) * dilationWidth;
  const frame = [
    outputs,
    above + Math.max(top + height, (rows - 1) * strideHeight + 1),
    before + Math.max(left + width, (columns - 1) * strideWidth + 1),
  ] as const;
  const placeOf = (row: number, column: number) => (row * frame[2] + column) * groupBytes;
  const table = Uint32Array.from({ length: kernelHeight * kernelWidth * outputs }, (_, t) => {
    const i = Math.floor(t / (kernelWidth * outputs));
    const j = Math.floor(t / outputs) % kernelWidth;
    const plane = (t % outputs) * frame[1] * frame[2] * groupBytes;
    return plane + placeOf(above - i * dilationHeight, before - j * dilationWidth);
  });
  return {
    tables: [table],
    scratch: [scratch(outputs * terms * 4), scratch(sizeOf(frame) * groupBytes)],

    bind(kernels, at) {
      const [offsets] = at.tables as [number];
      const [panels, framedDy] = at.scratch as [number, number];
      return {
        prepare() {
          kernels.packInputPanels(at.weight, outputs, channels, kernelHeight, kernelWidth, 1, panels);
        },
        run() {
          kernels.embedApart(
            at.dy,
            framedDy,
            outputs,
            rows,
            columns,
            frame[1],
            frame[2],
            above,
            before,
            strideHeight,
            strideWidth,
          );
          kernels.weightedSums(
            framedDy + placeOf(top, left),
            placeOf(1, 0),
            groupBytes,
            offsets,
            table.length,
            panels,
            0,
            0,
            at.dx,
            channels,
            height,
            width,
            kernels.joined,
          );
        },
      };
    },
  };
}

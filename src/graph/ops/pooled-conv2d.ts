import { activations, optionOf } from '../../config/activations.js';
import type {
  ResolvedActivation,
  ResolvedConv2d,
  ResolvedPool,
  ResolvedZeroPad,
} from '../../config/resolved.js';
import { backwardOf } from '../../kernels/activation/backward.js';
import { groupBytes, lanes, type PoolGeometry, termsOfBlock } from '../../kernels/kernels.js';
import { backwardScratch, type Operator, plainOperator, savedScratch, scratch } from '../operator.js';
import type { Shape } from '../shape.js';
import type { LayerPlace } from '../wiring.js';
import { chooseAlgorithm } from './conv-algorithm.js';
import { type Convolution, convolution } from './convolution.js';
import { tilesOfConvolution } from './winograd-convolution.js';

/** The layers that `pooledConv2d` fuses, in their order. */
export interface PooledConv2dConfig {
  readonly conv: ResolvedConv2d;
  readonly activation: ResolvedActivation | undefined;
  readonly pad: ResolvedZeroPad | undefined;
  readonly pool: ResolvedPool;
}

/**
 * A convolution, then an activation and a zero-pad if there are any, and a max-pool as one fused operator: the values and gradients of one
 * after the other, for less work. The backward pass keeps each window's argmax index. The
 * activation is computed for argmaxes alone, and the backward pass makes only the products that have an argmax's gradient as a factor.
 * Undefined where that is not possible, or does not pay since windows overlap much; and for groups and dilated kernels, whose products are
 * not those of patches.
 *
 * @throws UserError where the convolution does not fit its input
 */
export function pooledConv2d(
  config: PooledConv2dConfig,
  input: Shape,
  place: LayerPlace,
): Operator | undefined {
  const conv = convolution(config.conv, input, place);
  const windows = windowsOf(config, conv);
  const isPlain = conv.groups === 1 && conv.dilationHeight === 1 && conv.dilationWidth === 1;
  if (windows === undefined || !isPlain) return undefined;
  const { outputs, rows, columns, kernelHeight, kernelWidth, channels, height, width } = conv;
  const { geometry, poolRows, poolColumns, border } = windows;
  const { activation, pad } = config;
  const { keeps, ofLow, isPositive } = traitsOf(activation);
  const { rowBytes, pixelBytes, sampleBytes, origin } = samplesOf(conv);
  const spreads = spreadsGradient(config, conv, poolRows * poolColumns);
  const algorithm = chooseAlgorithm(conv, spreads ? 'of the input' : 'none');
  const patchVectors = Math.ceil((kernelWidth * pixelBytes) / 16);
  const patchBytes = outputs * kernelHeight * patchVectors * 16;
  const positions = poolRows * poolColumns;
  const count = outputs * positions;
  const bytes = count * groupBytes;
  // An input's gradient is a sum over outputs: as many at once as give an input some 256 terms.
  const termsOfOutput = (positions * kernelHeight * kernelWidth) / (height * width);
  const blockOutputs = Math.max(1, Math.floor(termsOfBlock / termsOfOutput));

  return {
    ...plainOperator,
    label: [config.conv.name, activation?.type, pad && 'zeroPad', 'maxPool'].filter(Boolean).join(' + '),
    input,
    output: [outputs, poolRows, poolColumns],
    parameters: conv.parameters,
    multiplyAdds: conv.multiplyAdds,
    backwardReads: { x: true, y: keeps === 'y' },
    tables: algorithm.tables,
    scratch: [
      scratch(outputs * rows * columns * groupBytes), // the convolution's sums, and their gradient
      savedScratch(bytes), // argmax indices, as `windowExtremes` writes them
      savedScratch(keeps === 'slope' ? bytes : 0), // the activation's slopes
      scratch(ofLow === undefined ? 0 : bytes), // lowest sums, and their places
      scratch(ofLow === undefined ? 0 : bytes),
      backwardScratch(lanes * sampleBytes), // x sample by sample, and dx, and a block of its sums
      backwardScratch(spreads ? 0 : lanes * sampleBytes),
      backwardScratch(!spreads && outputs > blockOutputs ? lanes * sampleBytes : 0),
      backwardScratch(spreads ? 0 : patchBytes), // weights in patches, and their gradients
      backwardScratch(patchBytes),
      backwardScratch(outputs * poolRows * (poolColumns * 2 * groupBytes + 16)), // lists of argmaxes, and their sizes
      backwardScratch(outputs * poolRows * 4),
      ...algorithm.scratch,
    ],

    bind(kernels, at, context) {
      const [weight, bias = 0] = at.parameters as [number, number?];
      const [weightGradient, biasGradient] = at.gradients as [number, number?];
      const [
        sums,
        argmaxes,
        slopes,
        low,
        lowAt,
        x,
        dx,
        dxBlock,
        patches,
        patchGradients,
        lists,
        sizes,
        ...buffers
      ] = at.scratch as Twelve & number[];
      const convolve = algorithm.bind(kernels, {
        ...at,
        y: sums,
        dy: sums,
        dx: spreads ? at.dx : 0,
        weight,
        bias,
        scratch: buffers,
      });
      const activate = activation && kernels[`${activation.type}Forward`];
      const slopeOf = activation && backwardOf(kernels, activation.type);
      const option = activation === undefined ? 0 : optionOf(activation);
      const kept = keeps === 'slope' ? slopes : at.y;
      const skipsZeros = activation?.type === 'relu' ? 1 : 0;

      // Calls with many arguments are bound once, with them: to spread them at each call would make an array.
      const placeBytes = [conv.strideHeight * rowBytes, conv.strideWidth * pixelBytes, sampleBytes] as const;
      const findExtremes = (places: number, lowPlaces: number) =>
        kernels.windowExtremes.bind(
          undefined,
          ...[sums, at.y, places, low, lowPlaces, outputs, ...geometry, ...border, ...placeBytes],
        );
      const findArgmaxes = findExtremes(argmaxes, lowAt);
      const findValues = findExtremes(0, 0);
      const spread = kernels.spreadToArgmaxes.bind(
        undefined,
        ...[at.dy, argmaxes, sums, outputs, ...geometry, ...border, ...placeBytes],
      );
      const meetBorder = (slope: number) =>
        kernels.meetBorder.bind(undefined, at.y, slope, outputs, ...geometry, ...border);
      const meetBorderWithSlopes = meetBorder(slopes);
      const meetBorderAlone = meetBorder(0);
      const weightGradientTo = (dw: number, accumulate: 0 | 1) => {
        kernels.toSamples(at.x, channels, height, width, x + origin, sampleBytes, rowBytes);
        kernels.argmaxWeightGradient(
          x,
          rowBytes,
          lists,
          sizes,
          outputs,
          poolRows,
          poolColumns,
          kernelHeight,
          patchVectors,
          patchGradients,
        );
        kernels.unpackPatches(
          patchGradients,
          outputs,
          channels,
          kernelHeight,
          kernelWidth,
          patchVectors,
          dw,
          accumulate,
        );
      };
      const zerosCanWin = pad !== undefined && !isPositive;
      return {
        prepare() {
          convolve.prepare();
          if (at.dx === 0 || spreads) return;
          kernels.packPatches(weight, outputs, channels, kernelHeight, kernelWidth, patchVectors, patches);
        },
        forward() {
          const { training } = context;
          convolve.forward();
          if (training) findArgmaxes();
          else findValues();
          if (activate === undefined) return;
          activate(at.y, at.y, training ? slopes : 0, count, option);
          if (ofLow !== undefined) {
            kernels[ofLow](low, at.y, training ? slopes : 0, training ? argmaxes : 0, lowAt, count);
          }
          if (!zerosCanWin) return;
          if (training) meetBorderWithSlopes();
          else meetBorderAlone();
        },
        backward(gradients, accumulate) {
          slopeOf?.(kept, at.dy, at.dy, count, option);
          if (biasGradient !== undefined && !at.isFrozen)
            kernels.biasGradient(at.dy, gradients + biasGradient, outputs, positions, accumulate);
          kernels.listArgmaxes(at.dy, argmaxes, outputs, poolRows, poolColumns, skipsZeros, lists, sizes);
          if (!at.isFrozen) weightGradientTo(gradients + weightGradient, accumulate);
          if (at.dx === 0) return;
          if (spreads) {
            spread();
            convolve.inputGradient();
            return;
          }
          kernels.argmaxInputGradient(
            patches,
            lists,
            sizes,
            outputs,
            poolRows,
            poolColumns,
            kernelHeight,
            patchVectors,
            dx,
            lanes * sampleBytes,
            rowBytes,
            blockOutputs,
            dxBlock,
          );
          kernels.fromSamples(dx + origin, sampleBytes, rowBytes, channels, height, width, at.dx);
        },
      };
    },
  };
}

/**
 * Whether the input's gradient is that of all outputs, most of them zeros, over a grid: there a product takes half the time, and the
 * argmaxes, `positions` of each output with 9 products each, have no more than twice as few. Behind a ReLU half of them have no gradient.
 */
function spreadsGradient({ activation }: PooledConv2dConfig, conv: Convolution, positions: number): boolean {
  const tiles = tilesOfConvolution(conv);
  return tiles !== undefined && activation?.type !== 'relu' && 2 * 9 * positions > 36 * tiles;
}

/** Without an activation there is nothing to keep. */
const traitsOf = (activation: ResolvedActivation | undefined) =>
  activation === undefined
    ? ({ keeps: undefined, rises: true, ofLow: undefined, isPositive: false } as const)
    : activations[activation.type];

type Twelve = [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];

interface Windows {
  readonly poolRows: number;
  readonly poolColumns: number;
  readonly geometry: PoolGeometry;
  /** Rows above and columns to the left that the zero-pad adds, or the pool's own padding, which never wins. */
  readonly border: readonly [top: number, left: number];
}

/** The max-pool's windows over the convolution's sums; undefined where `pooledConv2d` should not be. */
function windowsOf(
  { activation, pad, pool }: PooledConv2dConfig,
  { rows, columns }: Convolution,
): Windows | undefined {
  const [poolTop, poolLeft] = pool.padding;
  if (pad !== undefined && poolTop + poolLeft > 0) return undefined;
  const { top, right, bottom, left } = pad ?? {
    top: poolTop,
    right: poolLeft,
    bottom: poolTop,
    left: poolLeft,
  };
  const [windowHeight, windowWidth] = pool.window;
  const [strideHeight, strideWidth] = pool.stride;
  const poolRows = Math.floor((top + rows + bottom - windowHeight) / strideHeight) + 1;
  const poolColumns = Math.floor((left + columns + right - windowWidth) / strideWidth) + 1;
  const { keeps, rises, ofLow, isPositive } = traitsOf(activation);
  if (!rises && ofLow === undefined) return undefined;
  if (poolRows < 1 || poolColumns < 1 || 2 * poolRows * poolColumns > rows * columns) return undefined;
  if (pad !== undefined) {
    // Where a zero of the border wins, no gradient may flow: a slope of 0 says so, or there is nothing below 0 that it could win over.
    if (!isPositive && keeps !== 'slope') return undefined;
    const allMeetSums =
      top < windowHeight &&
      left < windowWidth &&
      (poolRows - 1) * strideHeight - top < rows &&
      (poolColumns - 1) * strideWidth - left < columns;
    if (!allMeetSums) return undefined;
  }
  const geometry: PoolGeometry = [rows, columns, ...pool.window, ...pool.stride, poolRows, poolColumns];
  return { poolRows, poolColumns, geometry, border: [top, left] };
}

/** How 8 padded pictures lie sample by sample, in bytes; the padding is never written, and stays zero. */
function samplesOf({ channels, padded, top, left }: Convolution) {
  const pixelBytes = channels * 4;
  const rowBytes = padded[2] * pixelBytes;
  // A patch row's last vector goes up to 12 bytes too far; and the samples should not all start in one set of the cache.
  const sampleBytes = Math.ceil((padded[1] * rowBytes + 16) / 64) * 64 + 64;
  return { pixelBytes, rowBytes, sampleBytes, origin: top * rowBytes + left * pixelBytes };
}

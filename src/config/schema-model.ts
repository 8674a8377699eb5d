import { z } from 'zod';
import { plainActivations } from './activations.js';
import { layerNamePattern, slotNames } from './name-rules.js';
import { ownCode } from './schema-custom.js';
import {
  convInitializer,
  filterInitializer,
  type InitializerConfig,
  initializer,
} from './schema-initializers.js';
import { border, finite, pair, side, width } from './schema-numbers.js';

/** The part of a config that says what the network is. */

/** What a dense layer says whose width is the number of the dataset's classes. */
export const classesWidth = 'classes';

/** Parts of a name are divided by dots, as PyTorch's names of nested modules are. */
const layerName = z
  .string()
  .regex(layerNamePattern, 'must be letters, digits and underscores, with single dots between them')
  .refine((name) => name !== 'input', 'is what layers call the image; give it another')
  // A checkpoint holds what an optimizer keeps as SLOT.PARAMETER.
  .refine((name) => !slotNames.some((slot) => name.startsWith(`${slot}.`)), {
    message: `begins like what an optimizer keeps of a parameter (${slotNames.join(', ')}); give it another`,
  });

const parameterName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]*$/, 'must be letters, digits and underscores, a letter first');

/** What every layer may say of its place. */
const placed = {
  name: layerName.optional().describe('Its name in the inputs of later layers'),
  inputs: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('Names of earlier layers that it reads, "input" for the image; default: the layer before'),
};

const named = {
  ...placed,
  name: layerName
    .optional()
    .describe(
      'Name of the layer, and of its parameters in saved files; default conv1, fc1, bn1, gn1, ln1, prelu1, ...',
    ),
};

const parameterized = {
  ...named,
  weightInit: filterInitializer.optional().describe("Default: the model's weightInit"),
  bias: z.boolean().default(true).describe('Whether each output has a bias'),
  biasInit: initializer.optional().describe("Default: the model's biasInit"),
};

function checkBias(
  { bias, biasInit }: { bias: boolean; biasInit?: unknown },
  context: z.RefinementCtx,
): void {
  if (bias || biasInit === undefined) return;
  const message = 'there is no bias to initialize, since bias is false; leave one of them out';
  context.addIssue({ code: 'custom', path: ['biasInit'], message });
}

/** What a convolution says whose output is to be as large as its input. */
export const samePadding = 'same';

type Size = number | [number, number];
const bothOf = (size: Size): [number, number] => (typeof size === 'number' ? [size, size] : size);

function checkConv2d(
  {
    outChannels,
    stride,
    padding,
    groups,
    weightInit,
  }: {
    outChannels: number;
    stride: Size;
    padding: Size | typeof samePadding;
    groups: number;
    weightInit?: InitializerConfig | undefined;
  },
  context: z.RefinementCtx,
): void {
  const refuse = (key: string, message: string) => context.addIssue({ code: 'custom', path: [key], message });
  if (padding === samePadding && bothOf(stride).some((step) => step > 1))
    refuse('padding', `it keeps the size at stride 1 alone; give a number or [height, width]`);
  if (outChannels % groups !== 0) refuse('groups', `expected a divisor of outChannels, ${outChannels}`);
  if (weightInit?.type === 'dirac' && outChannels % weightInit.groups !== 0)
    context.addIssue({
      code: 'custom',
      path: ['weightInit', 'groups'],
      message: `expected a divisor of outChannels, ${outChannels}`,
    });
}

function checkPool({ window, padding }: { window: Size; padding: Size }, context: z.RefinementCtx): void {
  const most = bothOf(window).map((side) => Math.floor(side / 2));
  if (bothOf(padding).every((border, i) => border <= most[i]!)) return;
  const message = `expected at most half the window, [${most.join(', ')}]`;
  context.addIssue({ code: 'custom', path: ['padding'], message });
}

const normalizing = {
  epsilon: finite.positive().default(1e-5).describe('Added to the variance'),
  ...named,
  weightInit: initializer
    .default({ type: 'constant', value: 1 })
    .describe('Of the scale; zeros in the last norm of a residual block lets it begin as what it reads'),
  biasInit: initializer.default({ type: 'zeros' }).describe('Of the shift'),
};

/** A length that may be the dataset's number of classes. */
const length = z.union([width, z.literal(classesWidth)]);

const single = z.discriminatedUnion('type', [
  z
    .strictObject({
      type: z.literal('conv2d'),
      outChannels: width.describe('Channels that it gives'),
      kernelSize: pair(side).describe('Height and width of the kernel'),
      stride: pair(side).default(1).describe('Step of the kernel down and across'),
      padding: z
        .union([pair(border), z.literal(samePadding)])
        .default(0)
        .describe(
          'Zeros on both sides of the height and of the width; "same": as many as keep them (stride 1), of an odd number ' +
            'the last one below and to the right',
        ),
      dilation: pair(side)
        .default(1)
        .describe("Distance of the kernel's rows and of its columns in the image"),
      groups: width
        .default(1)
        .describe(
          'Into how many groups channels and outputs are cut, each output seeing the channels of its group alone; as many as ' +
            'channels: a depthwise convolution',
        ),
      ...parameterized,
      weightInit: convInitializer.optional().describe("Default: the model's weightInit"),
    })
    .superRefine(checkConv2d)
    .superRefine(checkBias)
    .describe('Convolution (cross-correlation, as in PyTorch). Sizes: n or [height, width]'),
  z
    .strictObject({
      type: z.literal('dense'),
      outFeatures: z
        .union([width, z.literal(classesWidth)])
        .describe(
          'Values that it gives; "classes": as many as the dataset has classes, as the last layer must',
        ),
      ...parameterized,
    })
    .superRefine(checkBias)
    .describe('Fully connected layer'),
  z
    .strictObject({
      type: z.enum(['maxPool', 'averagePool']),
      window: pair(side).describe('Height and width of the window'),
      stride: pair(side).optional().describe('Default: the window'),
      padding: pair(border)
        .default(0)
        .describe(
          "On both sides of the height and of the width, at most half the window; never a window's largest value, in an average " +
            'zeros that count',
        ),
      ...placed,
    })
    .superRefine(checkPool)
    .describe('Rows and columns that fill no whole window are left out'),
  z
    .strictObject({ type: z.literal('globalAveragePool'), ...placed })
    .describe('The average of each channel: from [channels, height, width] to a vector of the channels'),
  z
    .strictObject({
      type: z.literal('zeroPad'),
      top: border.default(0).describe('Rows above'),
      right: border.default(0).describe('Columns to the right'),
      bottom: border.default(0).describe('Rows below'),
      left: border.default(0).describe('Columns to the left'),
      ...placed,
    })
    .describe('Rows and columns of zeros around the image'),
  z
    .strictObject({ type: z.literal('flatten'), ...placed })
    .describe('From [channels, height, width] to a vector, in this order'),
  z
    .strictObject({ type: z.enum(plainActivations), ...placed })
    .describe('Elementwise; silu is x * sigmoid(x), gelu x * Phi(x), with the normal distribution itself'),
  z
    .strictObject({
      type: z.literal('leakyRelu'),
      slope: finite.min(0).default(0.01).describe('Of what is below 0'),
      ...placed,
    })
    .describe('x above 0, else slope * x'),
  z
    .strictObject({
      type: z.literal('elu'),
      alpha: finite.min(0).default(1).describe('Minus the value that it approaches below 0'),
      ...placed,
    })
    .describe('x above 0, else alpha * (e^x - 1) (Clevert et al. 2015)'),
  z
    .strictObject({
      type: z.literal('prelu'),
      slopes: z
        .enum(['one', 'channels'])
        .default('one')
        .describe('Whether there is one, or one for each channel (of a vector each value)'),
      ...named,
      weightInit: initializer.default({ type: 'constant', value: 0.25 }).describe('Of the slopes'),
    })
    .describe('x above 0, else slope * x, the slope trained (He et al. 2015)'),
  z
    .strictObject({
      type: z.literal('dropout'),
      rate: finite.min(0).lt(1).describe('Probability that a value is dropped'),
      ...placed,
    })
    .describe('While training, sets values to 0 and divides the others by 1 - rate'),
  z
    .strictObject({
      type: z.literal('batchNorm'),
      ...normalizing,
      momentum: finite
        .min(0)
        .max(1)
        .default(0.1)
        .describe("The mini-batch's part in the running mean and variance, which evaluations use"),
    })
    .describe(
      'Batch normalization (Ioffe and Szegedy 2015) with scale and shift: each channel (of a vector each value) by its mean and ' +
        'variance over the whole mini-batch',
    ),
  z
    .strictObject({
      type: z.literal('groupNorm'),
      groups: width.describe('Into how many groups the channels are cut'),
      ...normalizing,
    })
    .describe(
      'Group normalization (Wu and He 2018): each group of channels of a sample by its mean and variance; each channel has a scale and a shift',
    ),
  z
    .strictObject({ type: z.literal('layerNorm'), ...normalizing })
    .describe(
      'Layer normalization (Ba et al. 2016): each sample by the mean and variance of all its values, channels, rows and columns; each value ' +
        "has a scale and a shift, as PyTorch's LayerNorm over [channels, height, width]",
    ),
  z
    .strictObject({
      type: z.literal('concat'),
      ...placed,
      inputs: z
        .array(z.string())
        .min(2)
        .describe('Names of the earlier layers that it joins, of one height and width, or vectors'),
    })
    .describe(
      'The outputs of several layers one behind the other, by their channels; of vectors, by their features',
    ),
  z
    .strictObject({
      type: z.literal('add'),
      ...placed,
      inputs: z.array(z.string()).min(2).describe('Names of the earlier layers that it adds, of one shape'),
    })
    .describe('The sum of the outputs of several layers, as in a residual network'),
  z
    .strictObject({
      type: z.literal('custom'),
      ...ownCode,
      outShape: z
        .union([
          z.literal('same'),
          z
            .array(length)
            .refine(
              ({ length }) => length === 1 || length === 3,
              'expected [features] or [channels, height, width]',
            ),
        ])
        .default('same')
        .describe(
          'What it gives: "same" as its first input, [features], or [channels, height, width]; a length may be "classes"',
        ),
      parameters: z
        .record(
          parameterName,
          z.strictObject({
            shape: z.array(length).min(1).max(8).describe('A length may be "classes"'),
            init: filterInitializer.describe('Initial values; fans are those of [out, in, ...]'),
          }),
        )
        .default({})
        .describe('What is trained of it, by name; saved as LAYER.NAME'),
      ...named,
    })
    .describe(
      "An own operator: a module's functions, on typed arrays (docs/own-layers.md). It may read several layers, of any shapes",
    ),
]);

/** Deeper ones are no networks of a kind that trains here; checking and building them takes stack and memory. */
export const mostLayers = 1000;

/** A block of layers, in a config: TypeScript cannot infer what holds itself. */
export interface ResidualConfig<Layer> {
  type: 'residual';
  name?: string | undefined;
  inputs?: string[] | undefined;
  body: Layer[];
  shortcut?: Layer[] | undefined;
}
export type LayerConfig = z.output<typeof single> | ResidualConfig<LayerConfig>;
export type LayerInput = z.input<typeof single> | ResidualConfig<LayerInput>;
type Layers = z.ZodType<LayerConfig[], LayerInput[]>;

const residual = z
  .strictObject({
    type: z.literal('residual'),
    get body(): Layers {
      return chain.describe('Layers, one after the other; the first reads what the block reads');
    },
    get shortcut(): z.ZodOptional<Layers> {
      return chain.optional().describe('Layers beside the body, likewise; left out: what the block reads');
    },
    ...placed,
  })
  .describe(
    "The sum of what its body and its shortcut give, of one shape (He et al. 2016); blocks may hold blocks. Names are the whole network's",
  );

const layer: z.ZodType<LayerConfig, LayerInput> = z
  .discriminatedUnion('type', [...single.options, residual])
  .meta({ id: 'layer' });

const chain: Layers = z.array(layer).min(1).max(mostLayers);

export const model = z.strictObject({
  weightInit: filterInitializer.default({ type: 'heNormal', gain: 1 }).describe('For layers that name none'),
  biasInit: initializer.default({ type: 'zeros' }).describe('For layers that name none'),
  layers: chain.describe('From input to output; the softmax is part of the loss'),
});

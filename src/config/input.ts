/* Written by tools/reference/config-types.js from the schema. */

export type FeaturesInput = PixelsFeatures | ColorHistogramFeatures | ValuesFeatures;
export type WeightInitializer =
  | ZerosInitializer
  | UniformInitializer
  | NormalInitializer
  | TruncatedNormalInitializer
  | ConstantInitializer
  | ScaledInitializer
  | OrthogonalInitializer;
export type BiasInitializer =
  | ZerosInitializer
  | UniformInitializer
  | NormalInitializer
  | TruncatedNormalInitializer
  | ConstantInitializer
  | ScaledInitializer;
export type LayerInput =
  | Conv2dLayer
  | DenseLayer
  | PoolLayer
  | GlobalAveragePoolLayer
  | ZeroPadLayer
  | FlattenLayer
  | ActivationLayer
  | LeakyReluLayer
  | EluLayer
  | PreluLayer
  | DropoutLayer
  | BatchNormLayer
  | GroupNormLayer
  | LayerNormLayer
  | ConcatLayer
  | AddLayer
  | CustomLayer
  | ResidualLayer;
export type FilterInitializer =
  | ZerosInitializer
  | UniformInitializer
  | NormalInitializer
  | TruncatedNormalInitializer
  | ConstantInitializer
  | ScaledInitializer
  | OrthogonalInitializer
  | DiracInitializer
  | WhiteningInitializer;
export type LossInput = CrossEntropyLossInput | CustomLossInput;
export type OptimizerInput =
  | SgdOptimizer
  | SgdwOptimizer
  | AdamOptimizer
  | AdamwOptimizer
  | RmspropOptimizer
  | LionOptimizer;
export type ScheduleInput =
  | ConstantSchedule
  | LinearSchedule
  | CosineSchedule
  | CosineRestartsSchedule
  | OneCycleSchedule
  | StepSchedule
  | MilestonesSchedule
  | ExponentialSchedule
  | ReduceOnPlateauSchedule;

/** A config as in a file: keys with defaults are optional. */
export interface ConfigInput {
  /** Where an editor finds this schema */
  $schema?: string | undefined;
  /** Of the run: the start of its directory's name */
  name: string;
  /**
   * Of every random number of the training.
   * Default: `1`
   */
  seed?: number | undefined;
  /** The dataset, and what is made of it */
  data: DataInput;
  /** The network */
  model: ModelInput;
  /** What is made small: of the network, or own code */
  loss: LossInput;
  /** How the weights move: by SGD, also where there is no type, with weight decay coupled (sgd) or not (sgdw); by Adam, AdamW or RMSprop, as PyTorch defines them; or by Lion */
  optimizer: OptimizerInput;
  training: TrainingInput;
}
export interface DataInput {
  /** Folder of the dataset */
  dir: string;
  /**
   * What the folder holds; auto: the first of these that fits. lists: train.txt, val.txt, test.txt; cifar10, cifar100: the binary files; idx: files as of MNIST; arrays: train.safetensors, validation.safetensors, test.safetensors; csv: a path and a label a row; webdataset: tar files; folders: one for each class.
   * Default: `"auto"`
   */
  source?:
    | ('auto' | 'lists' | 'cifar10' | 'cifar100' | 'idx' | 'arrays' | 'csv' | 'webdataset' | 'folders')
    | undefined;
  /**
   * How validation or test is split off train where the dataset has none.
   * Default: `{}`
   */
  split?: SplitInput | undefined;
  /**
   * The columns of csv files.
   * Default: `{}`
   */
  csv?: CsvInput | undefined;
  /**
   * Which of the two labels of CIFAR-100.
   * Default: `"fine"`
   */
  labels?: ('fine' | 'coarse') | undefined;
  /** Draw the 50 classes of small pictures into dir where it is missing or empty; other drawn pictures in it are refused */
  generate?: GenerateInput | undefined;
  /**
   * Folder of the packed datasets.
   * Default: `"data/packed"`
   */
  cache?: string | undefined;
  /**
   * Images of more pixels are refused.
   * Default: `100000000`
   */
  maxPixels?: number | undefined;
  /**
   * Images that take more memory than this to decode, in MiB, are refused: interlaced PNG, progressive JPEG, WebP, GIF, AVIF and values of more than 8 bits are held whole, and so are the pixels of an image whose shorter side is below 8 times the longer one of the features.
   * Default: `1024`
   */
  maxImageMemory?: number | undefined;
  /**
   * Red, green and blue, 0 to 255, of what shows through where an image is transparent.
   * Default: `[255,255,255]`
   */
  background?: [number, number, number] | undefined;
  /**
   * Leave broken images out, and record them, where otherwise they stop the run.
   * Default: `false`
   */
  skipBadImages?: boolean | undefined;
  /** What the network sees of an image */
  features: FeaturesInput;
}
export interface SplitInput {
  /**
   * Of the choice of images.
   * Default: `1`
   */
  seed?: number | undefined;
  /**
   * Fraction of each class's training images.
   * Default: `0.1`
   */
  validation?: number | undefined;
  /**
   * Fraction of each class's training images.
   * Default: `0.1`
   */
  test?: number | undefined;
  /** Cross-validation: the training and validation images together are cut into folds, stratified by class; one validates, the others train. Test stays as it is */
  fold?: FoldInput | undefined;
}
export interface FoldInput {
  /** Which fold validates, from 1 */
  index: number;
  /** Number of folds */
  of: number;
}
export interface CsvInput {
  /** Column of the image's path in the folder, its file's name or its id; found by its name if left out */
  path?: string | undefined;
  /** Column of the label, a number or a name; found by its name if left out */
  label?: string | undefined;
  /** Column that says train, val or test, if there is one; found by its name if left out */
  split?: string | undefined;
  /** Between two columns; found by the header if left out */
  delimiter?: string | undefined;
}
export interface GenerateInput {
  /**
   * Of the pictures.
   * Default: `1`
   */
  seed?: number | undefined;
  /**
   * Training images of each class.
   * Default: `200`
   */
  trainPerClass?: number | undefined;
  /**
   * Validation images of each class.
   * Default: `20`
   */
  validationPerClass?: number | undefined;
  /**
   * Test images of each class.
   * Default: `20`
   */
  testPerClass?: number | undefined;
}
/** The image at this size, as [3, height, width] */
export interface PixelsFeatures {
  type: 'pixels';
  /** Pixels that the image is brought to */
  width: number;
  /** Pixels that the image is brought to */
  height: number;
  /**
   * After division by 255: minus the mean of all training pixels; minus the mean and divided by the standard deviation of each channel; as is; or by numbers that are given, whatever the images: those that a network was trained with elsewhere.
   * Default: `"mean"`
   */
  normalize?:
    | (
        | ('mean' | 'channels' | 'none')
        | {
            /** Of R, G and B, as values from 0 to 1 */
            mean: [number, number, number];
            /** What R, G and B are divided by after that */
            deviation: [number, number, number];
          }
      )
    | undefined;
}
/** The image at this size; for each channel a histogram of its values, scaled to L2 norm 1 */
export interface ColorHistogramFeatures {
  type: 'colorHistogram';
  /**
   * Pixels that the image is brought to.
   * Default: `64`
   */
  width?: number | undefined;
  /**
   * Pixels that the image is brought to.
   * Default: `64`
   */
  height?: number | undefined;
  /**
   * Bins of each channel.
   * Default: `64`
   */
  bins?: (2 | 4 | 8 | 16 | 32 | 64 | 128 | 256) | undefined;
}
/** The float32 values that a dataset of arrays holds, as they are: what normalizes them is done beforehand */
export interface ValuesFeatures {
  type: 'values';
  /** Shape of a sample: [features] or [channels, height, width] */
  shape: number[];
}
export interface ModelInput {
  /**
   * For layers that name none.
   * Default: `{"type":"heNormal","gain":1}`
   */
  weightInit?: WeightInitializer | undefined;
  /**
   * For layers that name none.
   * Default: `{"type":"zeros"}`
   */
  biasInit?: BiasInitializer | undefined;
  /** From input to output; the softmax is part of the loss */
  layers: LayerInput[];
}
/** All 0 */
export interface ZerosInitializer {
  type: 'zeros';
}
/** U(low, high) */
export interface UniformInitializer {
  type: 'uniform';
  /** Lower bound */
  low: number;
  /** Upper bound */
  high: number;
}
/** N(mean, deviation), the second a standard deviation */
export interface NormalInitializer {
  type: 'normal';
  /**
   * Mean.
   * Default: `0`
   */
  mean?: number | undefined;
  /** Standard deviation */
  deviation: number;
}
/** N(mean, deviation) within bounds; PyTorch's trunc_normal_ has its bounds as values */
export interface TruncatedNormalInitializer {
  type: 'truncatedNormal';
  /**
   * Mean.
   * Default: `0`
   */
  mean?: number | undefined;
  /** Standard deviation, before the ends are cut off */
  deviation: number;
  /**
   * Lower bound, in deviations from the mean.
   * Default: `-2`
   */
  low?: number | undefined;
  /**
   * Upper bound, likewise.
   * Default: `2`
   */
  high?: number | undefined;
}
/** All one value */
export interface ConstantInitializer {
  type: 'constant';
  /** The value */
  value: number;
}
/** Glorot and Bengio 2010, He et al. 2015, LeCun et al. 1998. channelNormal: N(0, gain * sqrt(2 / C)), C the layer's input channels (dense: features). inputUniform: U(-gain / sqrt(D), gain / sqrt(D)), D the size of the network's input. */
export interface ScaledInitializer {
  type:
    | 'xavierUniform'
    | 'xavierNormal'
    | 'heUniform'
    | 'heNormal'
    | 'lecunUniform'
    | 'lecunNormal'
    | 'channelNormal'
    | 'inputUniform';
  /**
   * Factor of the bound or deviation.
   * Default: `1`
   */
  gain?: number | undefined;
}
/** Saxe et al. 2014, as PyTorch's orthogonal_: the outputs' weights are orthogonal to each other, and of length gain; where there are more outputs than weights of one, the columns are */
export interface OrthogonalInitializer {
  type: 'orthogonal';
  /**
   * Factor of all values.
   * Default: `1`
   */
  gain?: number | undefined;
}
/** Convolution (cross-correlation, as in PyTorch). Sizes: n or [height, width] */
export interface Conv2dLayer {
  type: 'conv2d';
  /** Channels that it gives */
  outChannels: number;
  /** Height and width of the kernel */
  kernelSize: number | [number, number];
  /**
   * Step of the kernel down and across.
   * Default: `1`
   */
  stride?: (number | [number, number]) | undefined;
  /**
   * Zeros on both sides of the height and of the width; "same": as many as keep them (stride 1), of an odd number the last one below and to the right.
   * Default: `0`
   */
  padding?: ((number | [number, number]) | 'same') | undefined;
  /**
   * Distance of the kernel's rows and of its columns in the image.
   * Default: `1`
   */
  dilation?: (number | [number, number]) | undefined;
  /**
   * Into how many groups channels and outputs are cut, each output seeing the channels of its group alone; as many as channels: a depthwise convolution.
   * Default: `1`
   */
  groups?: number | undefined;
  /** Name of the layer, and of its parameters in saved files; default conv1, fc1, bn1, gn1, ln1, prelu1, ... */
  name?: string | undefined;
  /** Names of earlier layers that it reads, "input" for the image; default: the layer before */
  inputs?: string[] | undefined;
  /** Default: the model's weightInit */
  weightInit?: FilterInitializer | undefined;
  /**
   * Whether each output has a bias.
   * Default: `true`
   */
  bias?: boolean | undefined;
  /** Default: the model's biasInit */
  biasInit?: BiasInitializer | undefined;
}
/** Zagoruyko and Komodakis 2017, as PyTorch's dirac_: in each group, as many outputs as can pass a channel on as it is */
export interface DiracInitializer {
  type: 'dirac';
  /**
   * Into how many groups the outputs are cut, a divisor of outChannels.
   * Default: `1`
   */
  groups?: number | undefined;
  /**
   * Of the outputs that pass no channel on, drawn as for all.
   * Default: `{"type":"zeros"}`
   */
  others?: WeightInitializer | undefined;
}
/** Of a convolution that reads the image: filters that make the training images' patches uncorrelated, eigenvectors of the mean of patch * transposed patch by their eigenvalue, each over sqrt(eigenvalue + epsilon), then their negatives (Jordan 2024, airbench); outChannels is twice the values of a patch. It is trained like others unless training.freeze names it */
export interface WhiteningInitializer {
  type: 'whitening';
  /**
   * Training images whose patches it is made from, evenly spread over the split; all where there are fewer.
   * Default: `5000`
   */
  images?: number | undefined;
  /**
   * Added to the eigenvalues.
   * Default: `0.0005`
   */
  epsilon?: number | undefined;
}
/** Fully connected layer */
export interface DenseLayer {
  type: 'dense';
  /** Values that it gives; "classes": as many as the dataset has classes, as the last layer must */
  outFeatures: number | 'classes';
  /** Name of the layer, and of its parameters in saved files; default conv1, fc1, bn1, gn1, ln1, prelu1, ... */
  name?: string | undefined;
  /** Names of earlier layers that it reads, "input" for the image; default: the layer before */
  inputs?: string[] | undefined;
  /** Default: the model's weightInit */
  weightInit?: WeightInitializer | undefined;
  /**
   * Whether each output has a bias.
   * Default: `true`
   */
  bias?: boolean | undefined;
  /** Default: the model's biasInit */
  biasInit?: BiasInitializer | undefined;
}
/** Rows and columns that fill no whole window are left out */
export interface PoolLayer {
  type: 'maxPool' | 'averagePool';
  /** Height and width of the window */
  window: number | [number, number];
  /** Default: the window */
  stride?: (number | [number, number]) | undefined;
  /**
   * On both sides of the height and of the width, at most half the window; never a window's largest value, in an average zeros that count.
   * Default: `0`
   */
  padding?: (number | [number, number]) | undefined;
  /** Its name in the inputs of later layers */
  name?: string | undefined;
  /** Names of earlier layers that it reads, "input" for the image; default: the layer before */
  inputs?: string[] | undefined;
}
/** The average of each channel: from [channels, height, width] to a vector of the channels */
export interface GlobalAveragePoolLayer {
  type: 'globalAveragePool';
  /** Its name in the inputs of later layers */
  name?: string | undefined;
  /** Names of earlier layers that it reads, "input" for the image; default: the layer before */
  inputs?: string[] | undefined;
}
/** Rows and columns of zeros around the image */
export interface ZeroPadLayer {
  type: 'zeroPad';
  /**
   * Rows above.
   * Default: `0`
   */
  top?: number | undefined;
  /**
   * Columns to the right.
   * Default: `0`
   */
  right?: number | undefined;
  /**
   * Rows below.
   * Default: `0`
   */
  bottom?: number | undefined;
  /**
   * Columns to the left.
   * Default: `0`
   */
  left?: number | undefined;
  /** Its name in the inputs of later layers */
  name?: string | undefined;
  /** Names of earlier layers that it reads, "input" for the image; default: the layer before */
  inputs?: string[] | undefined;
}
/** From [channels, height, width] to a vector, in this order */
export interface FlattenLayer {
  type: 'flatten';
  /** Its name in the inputs of later layers */
  name?: string | undefined;
  /** Names of earlier layers that it reads, "input" for the image; default: the layer before */
  inputs?: string[] | undefined;
}
/** Elementwise; silu is x * sigmoid(x), gelu x * Phi(x), with the normal distribution itself */
export interface ActivationLayer {
  type: 'sigmoid' | 'silu' | 'relu' | 'tanh' | 'gelu' | 'hardSwish' | 'relu6';
  /** Its name in the inputs of later layers */
  name?: string | undefined;
  /** Names of earlier layers that it reads, "input" for the image; default: the layer before */
  inputs?: string[] | undefined;
}
/** x above 0, else slope * x */
export interface LeakyReluLayer {
  type: 'leakyRelu';
  /**
   * Of what is below 0.
   * Default: `0.01`
   */
  slope?: number | undefined;
  /** Its name in the inputs of later layers */
  name?: string | undefined;
  /** Names of earlier layers that it reads, "input" for the image; default: the layer before */
  inputs?: string[] | undefined;
}
/** x above 0, else alpha * (e^x - 1) (Clevert et al. 2015) */
export interface EluLayer {
  type: 'elu';
  /**
   * Minus the value that it approaches below 0.
   * Default: `1`
   */
  alpha?: number | undefined;
  /** Its name in the inputs of later layers */
  name?: string | undefined;
  /** Names of earlier layers that it reads, "input" for the image; default: the layer before */
  inputs?: string[] | undefined;
}
/** x above 0, else slope * x, the slope trained (He et al. 2015) */
export interface PreluLayer {
  type: 'prelu';
  /**
   * Whether there is one, or one for each channel (of a vector each value).
   * Default: `"one"`
   */
  slopes?: ('one' | 'channels') | undefined;
  /** Name of the layer, and of its parameters in saved files; default conv1, fc1, bn1, gn1, ln1, prelu1, ... */
  name?: string | undefined;
  /** Names of earlier layers that it reads, "input" for the image; default: the layer before */
  inputs?: string[] | undefined;
  /**
   * Of the slopes.
   * Default: `{"type":"constant","value":0.25}`
   */
  weightInit?: BiasInitializer | undefined;
}
/** While training, sets values to 0 and divides the others by 1 - rate */
export interface DropoutLayer {
  type: 'dropout';
  /** Probability that a value is dropped */
  rate: number;
  /** Its name in the inputs of later layers */
  name?: string | undefined;
  /** Names of earlier layers that it reads, "input" for the image; default: the layer before */
  inputs?: string[] | undefined;
}
/** Batch normalization (Ioffe and Szegedy 2015) with scale and shift: each channel (of a vector each value) by its mean and variance over the whole mini-batch */
export interface BatchNormLayer {
  type: 'batchNorm';
  /**
   * Added to the variance.
   * Default: `0.00001`
   */
  epsilon?: number | undefined;
  /** Name of the layer, and of its parameters in saved files; default conv1, fc1, bn1, gn1, ln1, prelu1, ... */
  name?: string | undefined;
  /** Names of earlier layers that it reads, "input" for the image; default: the layer before */
  inputs?: string[] | undefined;
  /**
   * Of the scale; zeros in the last norm of a residual block lets it begin as what it reads.
   * Default: `{"type":"constant","value":1}`
   */
  weightInit?: BiasInitializer | undefined;
  /**
   * Of the shift.
   * Default: `{"type":"zeros"}`
   */
  biasInit?: BiasInitializer | undefined;
  /**
   * The mini-batch's part in the running mean and variance, which evaluations use.
   * Default: `0.1`
   */
  momentum?: number | undefined;
}
/** Group normalization (Wu and He 2018): each group of channels of a sample by its mean and variance; each channel has a scale and a shift */
export interface GroupNormLayer {
  type: 'groupNorm';
  /** Into how many groups the channels are cut */
  groups: number;
  /**
   * Added to the variance.
   * Default: `0.00001`
   */
  epsilon?: number | undefined;
  /** Name of the layer, and of its parameters in saved files; default conv1, fc1, bn1, gn1, ln1, prelu1, ... */
  name?: string | undefined;
  /** Names of earlier layers that it reads, "input" for the image; default: the layer before */
  inputs?: string[] | undefined;
  /**
   * Of the scale; zeros in the last norm of a residual block lets it begin as what it reads.
   * Default: `{"type":"constant","value":1}`
   */
  weightInit?: BiasInitializer | undefined;
  /**
   * Of the shift.
   * Default: `{"type":"zeros"}`
   */
  biasInit?: BiasInitializer | undefined;
}
/** Layer normalization (Ba et al. 2016): each sample by the mean and variance of all its values, channels, rows and columns; each value has a scale and a shift, as PyTorch's LayerNorm over [channels, height, width] */
export interface LayerNormLayer {
  type: 'layerNorm';
  /**
   * Added to the variance.
   * Default: `0.00001`
   */
  epsilon?: number | undefined;
  /** Name of the layer, and of its parameters in saved files; default conv1, fc1, bn1, gn1, ln1, prelu1, ... */
  name?: string | undefined;
  /** Names of earlier layers that it reads, "input" for the image; default: the layer before */
  inputs?: string[] | undefined;
  /**
   * Of the scale; zeros in the last norm of a residual block lets it begin as what it reads.
   * Default: `{"type":"constant","value":1}`
   */
  weightInit?: BiasInitializer | undefined;
  /**
   * Of the shift.
   * Default: `{"type":"zeros"}`
   */
  biasInit?: BiasInitializer | undefined;
}
/** The outputs of several layers one behind the other, by their channels; of vectors, by their features */
export interface ConcatLayer {
  type: 'concat';
  /** Its name in the inputs of later layers */
  name?: string | undefined;
  /** Names of the earlier layers that it joins, of one height and width, or vectors */
  inputs: string[];
}
/** The sum of the outputs of several layers, as in a residual network */
export interface AddLayer {
  type: 'add';
  /** Its name in the inputs of later layers */
  name?: string | undefined;
  /** Names of the earlier layers that it adds, of one shape */
  inputs: string[];
}
/** An own operator: a module's functions, on typed arrays (docs/own-layers.md). It may read several layers, of any shapes */
export interface CustomLayer {
  type: 'custom';
  /** File of an ES module: a path, from the config's folder on, or a file: URL. A run's config.json has the whole path */
  module: string;
  /**
   * Name of the module's export that is the factory.
   * Default: `"default"`
   */
  export?: string | undefined;
  /**
   * Given to the factory.
   * Default: `{}`
   */
  options?:
    | {
        [k: string]: unknown;
      }
    | undefined;
  /** SHA-256 of the module's file, as a run's config.json has it: another file is refused. Left out, the file is taken as it is */
  sha256?: string | undefined;
  /**
   * What it gives: "same" as its first input, [features], or [channels, height, width]; a length may be "classes".
   * Default: `"same"`
   */
  outShape?: ('same' | (number | 'classes')[]) | undefined;
  /**
   * What is trained of it, by name; saved as LAYER.NAME.
   * Default: `{}`
   */
  parameters?:
    | {
        [k: string]: CustomParameterInput;
      }
    | undefined;
  /** Name of the layer, and of its parameters in saved files; default conv1, fc1, bn1, gn1, ln1, prelu1, ... */
  name?: string | undefined;
  /** Names of earlier layers that it reads, "input" for the image; default: the layer before */
  inputs?: string[] | undefined;
}
export interface CustomParameterInput {
  /** A length may be "classes" */
  shape: (number | 'classes')[];
  /** Initial values; fans are those of [out, in, ...] */
  init: WeightInitializer;
}
/** The sum of what its body and its shortcut give, of one shape (He et al. 2016); blocks may hold blocks. Names are the whole network's */
export interface ResidualLayer {
  type: 'residual';
  /** Layers, one after the other; the first reads what the block reads */
  body: LayerInput[];
  /** Layers beside the body, likewise; left out: what the block reads */
  shortcut?: LayerInput[] | undefined;
  /** Its name in the inputs of later layers */
  name?: string | undefined;
  /** Names of earlier layers that it reads, "input" for the image; default: the layer before */
  inputs?: string[] | undefined;
}
/** Softmax and cross entropy */
export interface CrossEntropyLossInput {
  type: 'crossEntropy';
  /**
   * Over a batch's samples, for the gradient; the loss that is reported is always the mean.
   * Default: `"mean"`
   */
  reduction?: ('mean' | 'sum') | undefined;
  /**
   * What a sample counts, by its class: a number a class, or "balanced": N / (classes * N[class]), N the training samples. A mean then divides by the sum of the weights. Evaluations count every sample once, without smoothing.
   * Default: `"none"`
   */
  classWeights?: (('none' | 'balanced') | number[]) | undefined;
  /**
   * Part of the target that is spread over all classes evenly (Szegedy et al. 2016).
   * Default: `0`
   */
  labelSmoothing?: number | undefined;
}
/** An own loss: a module's function of a sample's logits and label (docs/own-layers.md). Of mixed images it is the mean of both labels' by their shares */
export interface CustomLossInput {
  type: 'custom';
  /** File of an ES module: a path, from the config's folder on, or a file: URL. A run's config.json has the whole path */
  module: string;
  /**
   * Name of the module's export that is the factory.
   * Default: `"default"`
   */
  export?: string | undefined;
  /**
   * Given to the factory.
   * Default: `{}`
   */
  options?:
    | {
        [k: string]: unknown;
      }
    | undefined;
  /** SHA-256 of the module's file, as a run's config.json has it: another file is refused. Left out, the file is taken as it is */
  sha256?: string | undefined;
  /**
   * Over a batch's samples, for the gradient; the loss that is reported is always the mean.
   * Default: `"mean"`
   */
  reduction?: ('mean' | 'sum') | undefined;
  /**
   * What a sample counts, by its class: a number a class, or "balanced": N / (classes * N[class]), N the training samples. A mean then divides by the sum of the weights. Evaluations count every sample once, without smoothing.
   * Default: `"none"`
   */
  classWeights?: (('none' | 'balanced') | number[]) | undefined;
}
/** Stochastic gradient descent */
export interface SgdOptimizer {
  /** Default: `"sgd"` */
  type?: 'sgd' | undefined;
  /** Step size: on the mean over the batch, or on its sum, as loss.reduction says */
  learningRate: number;
  /**
   * As PyTorch's SGD, without dampening.
   * Default: `0`
   */
  momentum?: number | undefined;
  /**
   * Look ahead along the momentum (Sutskever et al. 2013).
   * Default: `false`
   */
  nesterov?: boolean | undefined;
  /**
   * Times the weight, added to its gradient.
   * Default: `0`
   */
  weightDecay?: number | undefined;
  /** A bound for the gradient, on the mean over the batch, or on its sum, as loss.reduction says, before weight decay */
  gradientClipping?: GradientClippingInput | undefined;
  /**
   * Whether weight decay is for all parameters; else it is for the weights of convolutions and dense layers, and not for biases, the scales and shifts of norms, and slopes.
   * Default: `true`
   */
  decayBiasesAndNorms?: boolean | undefined;
  /**
   * Layers or parameters with another learning rate or weight decay; of several entries for one the last counts.
   * Default: `[]`
   */
  layerFactors?: LayerFactorInput[] | undefined;
  /** Every so many steps slow weights go a part of the way to the weights, which begin anew from there (Zhang et al. 2019). Validated and saved are the weights */
  lookahead?: LookaheadInput | undefined;
  /** The exponential average of the weights, running statistics included, is what is validated, tested and saved as the best and the last; a checkpoint holds both */
  weightAverage?: WeightAverageInput | undefined;
  /**
   * How the learning rate moves, from step to step.
   * Default: `{"type":"constant","warmupEpochs":0}`
   */
  schedule?: ScheduleInput | undefined;
}
export interface GradientClippingInput {
  /** A gradient whose norm, over all trained parameters, is larger is shortened to it */
  norm?: number | undefined;
  /** No part of the gradient is beyond -value or value */
  value?: number | undefined;
}
export interface LayerFactorInput {
  /** Name of a layer with parameters, or of one of its parameters (bn1.bias), or a pattern of names: * stands for any letters */
  layers: string;
  /**
   * Of learningRate; with 0 they stay as they are.
   * Default: `1`
   */
  factor?: number | undefined;
  /**
   * Of weightDecay, a factor too.
   * Default: `1`
   */
  weightDecay?: number | undefined;
}
export interface LookaheadInput {
  /**
   * Steps from one to the next.
   * Default: `5`
   */
  steps?: number | undefined;
  /**
   * Part of the way that the slow weights go.
   * Default: `0.5`
   */
  alpha?: number | undefined;
  /** That part at the end of the training: it moves there with the cube of the steps done (Jordan 2024). Left out: it stays */
  finalAlpha?: number | undefined;
}
export interface WeightAverageInput {
  /**
   * Part of the average that step t keeps; at most (1 + t) / (10 + t), and the first step keeps nothing.
   * Default: `0.999`
   */
  decay?: number | undefined;
}
/** learningRate in every step */
export interface ConstantSchedule {
  type: 'constant';
  /**
   * Epochs in which the rate rises from 0 in a straight line.
   * Default: `0`
   */
  warmupEpochs?: number | undefined;
}
/** In a straight line from learningRate down, from step to step */
export interface LinearSchedule {
  type: 'linear';
  /**
   * Epochs in which the rate rises from 0 in a straight line.
   * Default: `0`
   */
  warmupEpochs?: number | undefined;
  /**
   * Part of learningRate that the last step would have.
   * Default: `0`
   */
  finalFactor?: number | undefined;
}
/** Half a wave of the cosine from learningRate down (Loshchilov and Hutter 2017) */
export interface CosineSchedule {
  type: 'cosine';
  /**
   * Epochs in which the rate rises from 0 in a straight line.
   * Default: `0`
   */
  warmupEpochs?: number | undefined;
  /**
   * Part of learningRate that the last step would have.
   * Default: `0`
   */
  finalFactor?: number | undefined;
}
/** Half waves of the cosine, each from learningRate down (Loshchilov and Hutter 2017) */
export interface CosineRestartsSchedule {
  type: 'cosineRestarts';
  /**
   * Epochs in which the rate rises from 0 in a straight line.
   * Default: `0`
   */
  warmupEpochs?: number | undefined;
  /**
   * Part of learningRate at the end of a wave.
   * Default: `0`
   */
  finalFactor?: number | undefined;
  /** Epochs of the first wave */
  firstEpochs: number;
  /**
   * Length of a wave, in lengths of the one before.
   * Default: `1`
   */
  growth?: number | undefined;
}
/** Half a wave up and half a wave down, as PyTorch's OneCycleLR (Smith and Topin 2018); momentum stays as it is */
export interface OneCycleSchedule {
  type: 'oneCycle';
  /**
   * Part of the steps in which it rises to learningRate.
   * Default: `0.3`
   */
  riseFraction?: number | undefined;
  /**
   * Part of learningRate in the first step.
   * Default: `0.04`
   */
  initialFactor?: number | undefined;
  /**
   * Part of learningRate in the last step.
   * Default: `0.000004`
   */
  finalFactor?: number | undefined;
}
/** Smaller by a factor every so many epochs */
export interface StepSchedule {
  type: 'step';
  /**
   * Epochs in which the rate rises from 0 in a straight line.
   * Default: `0`
   */
  warmupEpochs?: number | undefined;
  /** Epochs between two changes */
  everyEpochs: number;
  /**
   * What it is multiplied by.
   * Default: `0.1`
   */
  factor?: number | undefined;
}
/** Smaller by a factor after each of these epochs */
export interface MilestonesSchedule {
  type: 'milestones';
  /**
   * Epochs in which the rate rises from 0 in a straight line.
   * Default: `0`
   */
  warmupEpochs?: number | undefined;
  /** Epochs after which it is smaller */
  epochs: number[];
  /**
   * What it is multiplied by.
   * Default: `0.1`
   */
  factor?: number | undefined;
}
/** Smaller by a factor after every epoch */
export interface ExponentialSchedule {
  type: 'exponential';
  /**
   * Epochs in which the rate rises from 0 in a straight line.
   * Default: `0`
   */
  warmupEpochs?: number | undefined;
  /** What it is multiplied by */
  factor: number;
}
/** Smaller by a factor when validation gets no better, as PyTorch's ReduceLROnPlateau */
export interface ReduceOnPlateauSchedule {
  type: 'reduceOnPlateau';
  /**
   * Epochs in which the rate rises from 0 in a straight line.
   * Default: `0`
   */
  warmupEpochs?: number | undefined;
  /**
   * Of the validation, as training.bestBy has it.
   * Default: `"loss"`
   */
  metric?: ('top1' | 'loss' | 'balancedTop1') | undefined;
  /**
   * What it is multiplied by.
   * Default: `0.1`
   */
  factor?: number | undefined;
  /**
   * Epochs without a gain that pass before it is smaller.
   * Default: `10`
   */
  patience?: number | undefined;
  /**
   * Least gain that counts, relative to the best value.
   * Default: `0.0001`
   */
  threshold?: number | undefined;
  /**
   * Epochs after a change that do not count as without a gain.
   * Default: `0`
   */
  cooldownEpochs?: number | undefined;
  /**
   * Least part of learningRate.
   * Default: `0`
   */
  minFactor?: number | undefined;
}
/** SGD with decoupled weight decay (Loshchilov and Hutter 2019) */
export interface SgdwOptimizer {
  type: 'sgdw';
  /** Step size: on the mean over the batch, or on its sum, as loss.reduction says */
  learningRate: number;
  /**
   * As PyTorch's SGD, without dampening.
   * Default: `0`
   */
  momentum?: number | undefined;
  /**
   * Look ahead along the momentum (Sutskever et al. 2013).
   * Default: `false`
   */
  nesterov?: boolean | undefined;
  /**
   * Times the learning rate: the part of each weight that a step takes away.
   * Default: `0`
   */
  weightDecay?: number | undefined;
  /** A bound for the gradient, on the mean over the batch, or on its sum, as loss.reduction says, before weight decay */
  gradientClipping?: GradientClippingInput | undefined;
  /**
   * Whether weight decay is for all parameters; else it is for the weights of convolutions and dense layers, and not for biases, the scales and shifts of norms, and slopes.
   * Default: `true`
   */
  decayBiasesAndNorms?: boolean | undefined;
  /**
   * Layers or parameters with another learning rate or weight decay; of several entries for one the last counts.
   * Default: `[]`
   */
  layerFactors?: LayerFactorInput[] | undefined;
  /** Every so many steps slow weights go a part of the way to the weights, which begin anew from there (Zhang et al. 2019). Validated and saved are the weights */
  lookahead?: LookaheadInput | undefined;
  /** The exponential average of the weights, running statistics included, is what is validated, tested and saved as the best and the last; a checkpoint holds both */
  weightAverage?: WeightAverageInput | undefined;
  /**
   * How the learning rate moves, from step to step.
   * Default: `{"type":"constant","warmupEpochs":0}`
   */
  schedule?: ScheduleInput | undefined;
}
/** As PyTorch's Adam (Kingma and Ba 2015) */
export interface AdamOptimizer {
  type: 'adam';
  /** Step size: on the mean over the batch, or on its sum, as loss.reduction says */
  learningRate: number;
  /**
   * Part of the first moment, the mean gradient, that a step keeps.
   * Default: `0.9`
   */
  beta1?: number | undefined;
  /**
   * Part of the second moment, the mean squared gradient, that a step keeps.
   * Default: `0.999`
   */
  beta2?: number | undefined;
  /**
   * Added to the second moment's root, which divides: what a gradient has to exceed to count in full.
   * Default: `1e-8`
   */
  epsilon?: number | undefined;
  /**
   * Times the weight, added to its gradient.
   * Default: `0`
   */
  weightDecay?: number | undefined;
  /** A bound for the gradient, on the mean over the batch, or on its sum, as loss.reduction says, before weight decay */
  gradientClipping?: GradientClippingInput | undefined;
  /**
   * Whether weight decay is for all parameters; else it is for the weights of convolutions and dense layers, and not for biases, the scales and shifts of norms, and slopes.
   * Default: `true`
   */
  decayBiasesAndNorms?: boolean | undefined;
  /**
   * Layers or parameters with another learning rate or weight decay; of several entries for one the last counts.
   * Default: `[]`
   */
  layerFactors?: LayerFactorInput[] | undefined;
  /** Every so many steps slow weights go a part of the way to the weights, which begin anew from there (Zhang et al. 2019). Validated and saved are the weights */
  lookahead?: LookaheadInput | undefined;
  /** The exponential average of the weights, running statistics included, is what is validated, tested and saved as the best and the last; a checkpoint holds both */
  weightAverage?: WeightAverageInput | undefined;
  /**
   * How the learning rate moves, from step to step.
   * Default: `{"type":"constant","warmupEpochs":0}`
   */
  schedule?: ScheduleInput | undefined;
}
/** As PyTorch's AdamW (Loshchilov and Hutter 2019) */
export interface AdamwOptimizer {
  type: 'adamw';
  /** Step size: on the mean over the batch, or on its sum, as loss.reduction says */
  learningRate: number;
  /**
   * Part of the first moment, the mean gradient, that a step keeps.
   * Default: `0.9`
   */
  beta1?: number | undefined;
  /**
   * Part of the second moment, the mean squared gradient, that a step keeps.
   * Default: `0.999`
   */
  beta2?: number | undefined;
  /**
   * Added to the second moment's root, which divides: what a gradient has to exceed to count in full.
   * Default: `1e-8`
   */
  epsilon?: number | undefined;
  /**
   * Times the learning rate: the part of each weight that a step takes away.
   * Default: `0.01`
   */
  weightDecay?: number | undefined;
  /** A bound for the gradient, on the mean over the batch, or on its sum, as loss.reduction says, before weight decay */
  gradientClipping?: GradientClippingInput | undefined;
  /**
   * Whether weight decay is for all parameters; else it is for the weights of convolutions and dense layers, and not for biases, the scales and shifts of norms, and slopes.
   * Default: `true`
   */
  decayBiasesAndNorms?: boolean | undefined;
  /**
   * Layers or parameters with another learning rate or weight decay; of several entries for one the last counts.
   * Default: `[]`
   */
  layerFactors?: LayerFactorInput[] | undefined;
  /** Every so many steps slow weights go a part of the way to the weights, which begin anew from there (Zhang et al. 2019). Validated and saved are the weights */
  lookahead?: LookaheadInput | undefined;
  /** The exponential average of the weights, running statistics included, is what is validated, tested and saved as the best and the last; a checkpoint holds both */
  weightAverage?: WeightAverageInput | undefined;
  /**
   * How the learning rate moves, from step to step.
   * Default: `{"type":"constant","warmupEpochs":0}`
   */
  schedule?: ScheduleInput | undefined;
}
/** As PyTorch's RMSprop (Hinton 2012) */
export interface RmspropOptimizer {
  type: 'rmsprop';
  /** Step size: on the mean over the batch, or on its sum, as loss.reduction says */
  learningRate: number;
  /**
   * Part of the second moment, and of the first where centered, that a step keeps: PyTorch's alpha.
   * Default: `0.99`
   */
  smoothing?: number | undefined;
  /**
   * Added to the second moment's root, which divides: what a gradient has to exceed to count in full.
   * Default: `1e-8`
   */
  epsilon?: number | undefined;
  /**
   * Part of the velocity that a step keeps.
   * Default: `0`
   */
  momentum?: number | undefined;
  /**
   * Divide by the deviation of the gradient: the first moment is taken off the second.
   * Default: `false`
   */
  centered?: boolean | undefined;
  /**
   * Times the weight, added to its gradient.
   * Default: `0`
   */
  weightDecay?: number | undefined;
  /** A bound for the gradient, on the mean over the batch, or on its sum, as loss.reduction says, before weight decay */
  gradientClipping?: GradientClippingInput | undefined;
  /**
   * Whether weight decay is for all parameters; else it is for the weights of convolutions and dense layers, and not for biases, the scales and shifts of norms, and slopes.
   * Default: `true`
   */
  decayBiasesAndNorms?: boolean | undefined;
  /**
   * Layers or parameters with another learning rate or weight decay; of several entries for one the last counts.
   * Default: `[]`
   */
  layerFactors?: LayerFactorInput[] | undefined;
  /** Every so many steps slow weights go a part of the way to the weights, which begin anew from there (Zhang et al. 2019). Validated and saved are the weights */
  lookahead?: LookaheadInput | undefined;
  /** The exponential average of the weights, running statistics included, is what is validated, tested and saved as the best and the last; a checkpoint holds both */
  weightAverage?: WeightAverageInput | undefined;
  /**
   * How the learning rate moves, from step to step.
   * Default: `{"type":"constant","warmupEpochs":0}`
   */
  schedule?: ScheduleInput | undefined;
}
/** Every weight moves by the learning rate, up or down (Chen et al. 2023) */
export interface LionOptimizer {
  type: 'lion';
  /** Step size: on the mean over the batch, or on its sum, as loss.reduction says */
  learningRate: number;
  /**
   * Part of the first moment in the sum whose sign a step follows.
   * Default: `0.9`
   */
  beta1?: number | undefined;
  /**
   * Part of the first moment, the mean gradient, that a step keeps.
   * Default: `0.99`
   */
  beta2?: number | undefined;
  /**
   * Times the learning rate: the part of each weight that a step takes away.
   * Default: `0`
   */
  weightDecay?: number | undefined;
  /** A bound for the gradient, on the mean over the batch, or on its sum, as loss.reduction says, before weight decay */
  gradientClipping?: GradientClippingInput | undefined;
  /**
   * Whether weight decay is for all parameters; else it is for the weights of convolutions and dense layers, and not for biases, the scales and shifts of norms, and slopes.
   * Default: `true`
   */
  decayBiasesAndNorms?: boolean | undefined;
  /**
   * Layers or parameters with another learning rate or weight decay; of several entries for one the last counts.
   * Default: `[]`
   */
  layerFactors?: LayerFactorInput[] | undefined;
  /** Every so many steps slow weights go a part of the way to the weights, which begin anew from there (Zhang et al. 2019). Validated and saved are the weights */
  lookahead?: LookaheadInput | undefined;
  /** The exponential average of the weights, running statistics included, is what is validated, tested and saved as the best and the last; a checkpoint holds both */
  weightAverage?: WeightAverageInput | undefined;
  /**
   * How the learning rate moves, from step to step.
   * Default: `{"type":"constant","warmupEpochs":0}`
   */
  schedule?: ScheduleInput | undefined;
}
export interface TrainingInput {
  /** Samples of a step; the last of an epoch may have fewer */
  batchSize: number;
  /** Passes over the training split */
  epochs: number;
  /** What the weights start from, in place of the initializers: a safetensors file, or the directory of a run, whose best weights it then is. Layers are taken whose names and shapes fit, running statistics too; of the layers that give the logits, the rows of classes of the same name */
  init?: string | undefined;
  /**
   * Layers that are not trained: no work is done for their gradients, nor below the lowest trained layer. A frozen batch norm takes its running statistics in training too, and leaves them as they are.
   * Default: `[]`
   */
  freeze?: string[] | undefined;
  /**
   * An epoch's samples: all in an order of its own; all in the dataset's order; or as many, with every class equally often and the samples of a class in turn.
   * Default: `"shuffled"`
   */
  sampler?: ('shuffled' | 'sequential' | 'balanced') | undefined;
  /**
   * What is done to training images at random, in this order: resizedCrop, zoom, rotation, shear, translation, trivialAugment where it moves, crop, flip, verticalFlip; trivialAugment of colours, saturation, hue, grayscale; cutout, erasing; brightness, contrast; cutmix or mixup. What moves is one resampling, bilinear; crop and flips alone are exact. A border of one colour, and cutout, have the mean colour of the training images where features.normalize knows it, else black.
   * Default: `{}`
   */
  augmentation?: AugmentationInput | undefined;
  /**
   * Metric of the validation by which the best weights are chosen; of two epochs with the same one the smaller loss counts, then the earlier epoch. balancedTop1 is the mean of the recalls of the classes that have validation images.
   * Default: `"top1"`
   */
  bestBy?: ('top1' | 'loss' | 'balancedTop1') | undefined;
  /** Ends the training when validation gets no better; the run is a finished one */
  earlyStopping?: EarlyStoppingInput | undefined;
}
export interface AugmentationInput {
  /** A part of the image, brought to the image's size. As torchvision's RandomResizedCrop: of ten proposals the first that fits in the image, else the largest part of the nearest ratio, in the middle */
  resizedCrop?: ResizedCropInput | undefined;
  /** Larger or smaller, about the image's centre */
  zoom?: ZoomInput | undefined;
  /** A turn about the image's centre */
  rotation?: RotationInput | undefined;
  /** Rows are moved sideways, the more the farther they are from the image's centre */
  shear?: ShearInput | undefined;
  /** Moved by a part of a pixel too, from -f to f, down and to the right each */
  translation?: TranslationInput | undefined;
  /** A crop of the image with a border around it, as large as the image */
  crop?: CropInput | undefined;
  /** Left and right change places */
  flip?: FlipInput | undefined;
  /** Top and bottom change places */
  verticalFlip?: VerticalFlipInput | undefined;
  /** One operation of strength 0 to 30, all equally likely (Müller and Hutter 2021), from the wide space: none, shear along either axis, translation along either axis, rotation, brightness, colour, contrast, posterize, solarize, auto-contrast, equalize. Without sharpness */
  trivialAugment?: TrivialAugmentInput | undefined;
  /** More or less colour */
  saturation?: SaturationInput | undefined;
  /** Other colours of the same brightness: a turn of the plane of U = 0.492 (B - Y) and V = 0.877 (R - Y), which is that of YIQ */
  hue?: HueInput | undefined;
  /** No colour: 0.299 R + 0.587 G + 0.114 B in each channel */
  grayscale?: GrayscaleInput | undefined;
  /** A square without content (DeVries and Taylor 2017) */
  cutout?: CutoutInput | undefined;
  /** A rectangle of noise, each byte uniform (Zhong et al. 2020); none where ten proposals are too large */
  erasing?: ErasingInput | undefined;
  /** Brighter or darker */
  brightness?: BrightnessInput | undefined;
  /** More or less contrast; values are clipped once, after brightness and contrast */
  contrast?: ContrastInput | undefined;
  /** A rectangle of another image of the batch is pasted in, and the labels are mixed by its area (Yun et al. 2019). It has the brightness and contrast of the image that it is pasted into */
  cutmix?: CutmixInput | undefined;
  /** Each image and its label are mixed with those of another image of the batch (Zhang et al. 2018). Beside cutmix, either has half of the images */
  mixup?: MixupInput | undefined;
}
export interface ResizedCropInput {
  /**
   * Least and largest area of the crop, parts of the image's.
   * Default: `[0.08,1]`
   */
  scale?: [number, number] | undefined;
  /**
   * Least and largest width of the crop, in its heights; evenly by the logarithm.
   * Default: `[0.75,1.3333333333333333]`
   */
  ratio?: [number, number] | undefined;
  /**
   * Of an image.
   * Default: `1`
   */
  probability?: number | undefined;
}
export interface ZoomInput {
  /** Least and largest factor; above 1 things become larger */
  scale: [number, number];
  /**
   * Of an image.
   * Default: `1`
   */
  probability?: number | undefined;
}
export interface RotationInput {
  /** d: it turns by an angle from -d to d */
  degrees: number;
  /**
   * Of an image.
   * Default: `1`
   */
  probability?: number | undefined;
}
export interface ShearInput {
  /** d: upright lines lean by an angle from -d to d */
  degrees: number;
  /**
   * Of an image.
   * Default: `1`
   */
  probability?: number | undefined;
}
export interface TranslationInput {
  /** f: of the image's height and width */
  fraction?: number | undefined;
  /** The same in pixels; one of the two is needed */
  pixels?: number | undefined;
  /**
   * Of an image.
   * Default: `1`
   */
  probability?: number | undefined;
}
export interface CropInput {
  /** Pixels around the image; it is moved by at most so many each way */
  padding: number;
  /**
   * What is around it. constant: one colour; reflect: the image reflected at its edges, as NumPy's pad reflects it.
   * Default: `"constant"`
   */
  border?: ('constant' | 'reflect') | undefined;
  /**
   * Of an image.
   * Default: `1`
   */
  probability?: number | undefined;
}
export interface FlipInput {
  /**
   * Of an image.
   * Default: `0.5`
   */
  probability?: number | undefined;
  /**
   * Every image in every second epoch; in which of the two is random (Jordan 2024).
   * Default: `false`
   */
  alternating?: boolean | undefined;
}
export interface VerticalFlipInput {
  /**
   * Of an image.
   * Default: `0.5`
   */
  probability?: number | undefined;
}
export interface TrivialAugmentInput {
  /**
   * Of an image.
   * Default: `1`
   */
  probability?: number | undefined;
}
export interface SaturationInput {
  /** s: the difference from gray, 0.299 R + 0.587 G + 0.114 B, is multiplied by a number from 1 - s to 1 + s */
  strength: number;
  /**
   * Of an image.
   * Default: `1`
   */
  probability?: number | undefined;
}
export interface HueInput {
  /** h: the colours turn by a part of a full turn from -h to h */
  strength: number;
  /**
   * Of an image.
   * Default: `1`
   */
  probability?: number | undefined;
}
export interface GrayscaleInput {
  /**
   * Of an image.
   * Default: `0.1`
   */
  probability?: number | undefined;
}
export interface CutoutInput {
  /** Side of the square, pixels; its centre lies anywhere in the image */
  size: number;
  /**
   * Of an image.
   * Default: `1`
   */
  probability?: number | undefined;
}
export interface ErasingInput {
  /**
   * Least and largest area, parts of the image's.
   * Default: `[0.02,0.33]`
   */
  scale?: [number, number] | undefined;
  /**
   * Least and largest height, in its widths; evenly by the logarithm.
   * Default: `[0.3,3.3]`
   */
  ratio?: [number, number] | undefined;
  /**
   * Of an image.
   * Default: `0.5`
   */
  probability?: number | undefined;
}
export interface BrightnessInput {
  /** s: the values are multiplied by a number from 1 - s to 1 + s */
  strength: number;
  /**
   * Of an image.
   * Default: `1`
   */
  probability?: number | undefined;
}
export interface ContrastInput {
  /** s: the values' distance from mid-gray is multiplied by a number from 1 - s to 1 + s */
  strength: number;
  /**
   * Of an image.
   * Default: `1`
   */
  probability?: number | undefined;
}
export interface CutmixInput {
  /**
   * The area that stays is drawn from Beta(alpha, alpha); what lies in the image counts.
   * Default: `1`
   */
  alpha?: number | undefined;
  /**
   * Of an image.
   * Default: `1`
   */
  probability?: number | undefined;
}
export interface MixupInput {
  /** The shares are drawn from Beta(alpha, alpha) */
  alpha: number;
  /**
   * Of an image.
   * Default: `1`
   */
  probability?: number | undefined;
}
export interface EarlyStoppingInput {
  /** Of the validation; left out, that of training.bestBy */
  metric?: ('top1' | 'loss' | 'balancedTop1') | undefined;
  /**
   * Epochs in a row without a gain after which the training ends.
   * Default: `10`
   */
  patience?: number | undefined;
  /**
   * A gain is more than this: a fraction of 1, of the loss nats per sample.
   * Default: `0`
   */
  minDelta?: number | undefined;
  /**
   * Whether the final model is the best weights, by bestBy, in place of the last: also where no epoch was left out.
   * Default: `false`
   */
  restoreBest?: boolean | undefined;
}

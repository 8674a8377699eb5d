// Written by `npm run build:kernels` (write-signatures.js) from the kernels: change them there.

/** What the module of the kernels exports. Addresses and strides are bytes in the shared memory. */
export interface Signatures {
  // activation/activation.as.ts

  sigmoidForward(x: number, y: number, slope: number, count: number): void;

  sigmoidBackward(y: number, dy: number, dx: number, count: number): void;

  /**
   * SiLU: x * sigmoid(x) (Elfwing et al. 2017, https://arxiv.org/abs/1702.03118). Its slope, s (1 + x (1 - s)) with s = sigmoid(x), is
   * written beside it, as it costs no second exp; unless `slope` is 0.
   */
  siluForward(x: number, y: number, slope: number, count: number): void;

  /** dx = dy * slope, of every activation that keeps its slope. */
  slopeBackward(slope: number, dy: number, dx: number, count: number): void;

  /**
   * y = max(y, silu(low)), where y is the SiLU of a window's highest value and `low` its lowest, with the place and the slope that belong to
   * it, if these are there (not 0). It can only be the lowest where the highest is negative, and the lowest left of SiLU's bottom, near
   * -1.2785: often none of four is.
   */
  siluOfLow(low: number, y: number, slope: number, at: number, lowAt: number, count: number): void;

  /** max(x, 0); NaN stays. */
  reluForward(x: number, y: number, slope: number, count: number): void;

  /** f'(0) = 0, as in PyTorch. */
  reluBackward(y: number, dy: number, dx: number, count: number): void;

  /** min(max(x, 0), 6); NaN stays. */
  relu6Forward(x: number, y: number, slope: number, count: number): void;

  /** f'(0) = f'(6) = 0, as in PyTorch. */
  relu6Backward(y: number, dy: number, dx: number, count: number): void;

  /** x above 0, else a * x. */
  leakyReluForward(x: number, y: number, slope: number, count: number, a: number): void;

  /** f'(0) = a, as in PyTorch. */
  leakyReluBackward(y: number, dy: number, dx: number, count: number, a: number): void;

  /** ELU (Clevert et al. 2015): x above 0, else a * (e^x - 1). */
  eluForward(x: number, y: number, slope: number, count: number, a: number): void;

  /** 1 above 0, else y + a. */
  eluBackward(y: number, dy: number, dx: number, count: number, a: number): void;

  /** Hard swish: x * min(max(x + 3, 0), 6) / 6 (Howard et al. 2019). */
  hardSwishForward(x: number, y: number, slope: number, count: number): void;

  /**
   * GELU (Hendrycks and Gimpel 2016), in its exact form, PyTorch's default: x * Phi(x), Phi the normal distribution's function. Its slope,
   * Phi(x) + x * e^(-x^2 / 2) / sqrt(2 pi), is written beside it unless `slope` is 0.
   */
  geluForward(x: number, y: number, slope: number, count: number): void;

  tanhForward(x: number, y: number, slope: number, count: number): void;

  tanhBackward(y: number, dy: number, dx: number, count: number): void;

  // activation/prelu.as.ts

  /** PReLU (He et al. 2015): x above 0, else slope * x, over `[channels][positions]` lane groups; slopes are `[channels]` float32. */
  preluForward(x: number, y: number, slopes: number, channels: number, positions: number): void;

  /** Of each slope, the sum of dy * x where x is not above 0: float64, in the order of `normGradients`. */
  preluGradient(
    dy: number,
    x: number,
    gradient: number,
    channels: number,
    positions: number,
    accumulate: 0 | 1,
  ): void;

  /** dx = dy where x is above 0, else slope * dy; dx may be dy. */
  preluInputGradient(
    dy: number,
    x: number,
    dx: number,
    slopes: number,
    channels: number,
    positions: number,
  ): void;

  // conv/depthwise-gradients.as.ts

  /**
   * From dy to dx at any stride: each dy is spread over the inputs that it came from, in the order (row of dy, i, column, j). At stride 1
   * `depthwiseSums` of dy, with the kernel turned around, stores less.
   *
   * @param accumulate whether dx is added to
   */
  depthwiseInputGradient(
    dy: number,
    dyStep: number,
    dx: number,
    dxStep: number,
    w: number,
    wStep: number,
    accumulate: 0 | 1,
    planes: number,
    height: number,
    width: number,
    rows: number,
    columns: number,
    kernelHeight: number,
    kernelWidth: number,
    strideHeight: number,
    strideWidth: number,
    dilationHeight: number,
    dilationWidth: number,
    top: number,
    left: number,
  ): void;

  /**
   * dw[o][i][j] = sum over positions and samples of dy[o][position] * x[o / multiplier][...]: each lane sums its own sample over the
   * positions, in order, in blocks of whole rows (`rowsOfBlock`) whose sums are added in order; then `groupSum`.
   *
   * @param dy `[outputs][rows][columns]` lane groups
   * @param x `[outputs / multiplier][height][width]`
   * @param dw `[outputs][kernelHeight][kernelWidth]`; added to if `accumulate`
   * @param sums 96 bytes of scratch
   */
  depthwiseWeightGradient(
    dy: number,
    x: number,
    dw: number,
    sums: number,
    accumulate: 0 | 1,
    outputs: number,
    multiplier: number,
    height: number,
    width: number,
    rows: number,
    columns: number,
    kernelHeight: number,
    kernelWidth: number,
    strideHeight: number,
    strideWidth: number,
    dilationHeight: number,
    dilationWidth: number,
    top: number,
    left: number,
  ): void;

  // conv/depthwise.as.ts

  /**
   * @param xStep, yStep, wStep, biasStep bytes from a plane, its kernel and its bias to the next
   * @param w of the kernel's first tap; the next row's is `rowStep` bytes on, the next tap's `tapStep`
   * @param bias 0 for none
   * @param accumulate whether the sums are added to y, not to the bias
   * @param height, width of an x plane; `rows`, `columns` of a y plane
   * @param top, left rows and columns of zeros before the picture; below 0, so many of it are left out
   */
  depthwiseSums(
    x: number,
    xStep: number,
    y: number,
    yStep: number,
    w: number,
    wStep: number,
    rowStep: number,
    tapStep: number,
    bias: number,
    biasStep: number,
    accumulate: 0 | 1,
    planes: number,
    height: number,
    width: number,
    rows: number,
    columns: number,
    kernelHeight: number,
    kernelWidth: number,
    strideHeight: number,
    strideWidth: number,
    dilationHeight: number,
    dilationWidth: number,
    top: number,
    left: number,
  ): void;

  // conv/input-gradient.as.ts

  /**
   * @param dy `[outputs][rows][columns]` lane groups
   * @param table `[ceil(kernelWidth / strideWidth)][outputs]` byte offsets (u32): output's plane - column
   * @param panels as `packInputPanels` writes them
   * @param dx `[channels][height][width]` lane groups: the picture without its padding, whose first row and column are at (top, left)
   */
  convInputGradient(
    dy: number,
    rows: number,
    columns: number,
    outputs: number,
    table: number,
    panels: number,
    kernelHeight: number,
    kernelWidth: number,
    strideHeight: number,
    strideWidth: number,
    dx: number,
    channels: number,
    height: number,
    width: number,
    top: number,
    left: number,
  ): void;

  /**
   * Weights `[outputs][channels][kernelHeight][kernelWidth]` to panels, one a block of channels, each
   * `[kernel row][kernel column, by remainder, then quotient][output][channel of the block]`.
   */
  packInputPanels(
    w: number,
    outputs: number,
    channels: number,
    kernelHeight: number,
    kernelWidth: number,
    strideWidth: number,
    panels: number,
  ): void;

  // conv/pointwise.as.ts

  /**
   * A convolution with a kernel of 1 x 1, and its input gradient: y[o] = bias[o] + sum over c of w(c, o) * x[c], each sum as `weightedSums`
   * takes it. The planes of x are as far apart as they are large, mostly a multiple of 1 KiB, so that the inputs of one position crowd a few
   * sets of the cache. A few positions at a time are therefore copied to a tile, whose planes are apart as its table says, and summed there.
   *
   * @param x `[channels]` planes, `xPlane` bytes apart; the next row's first input is `xRow` bytes on, the next column's `xColumn`
   * @param panels as `packPanels` writes them; for an input gradient as `packInputPanels` does
   * @param bias `[outputs]`, or 0 for none
   * @param y `[outputs][rows][columns]` lane groups without gaps
   * @param table `[channels]` byte offsets (u32) of the tile's planes
   * @param tile room for `tileColumns` lane groups of each channel
   * @param joined whether the engine joins the halves of a group: a matter of speed, never of the sums
   */
  pointwiseSums(
    x: number,
    xPlane: number,
    xRow: number,
    xColumn: number,
    channels: number,
    panels: number,
    bias: number,
    y: number,
    outputs: number,
    rows: number,
    columns: number,
    table: number,
    tile: number,
    tileColumns: number,
    joined: 0 | 1,
  ): void;

  // conv/weight-gradient.as.ts

  /**
   * @param dy `[outputs][rows][columns]` lane groups
   * @param x, xRow, xColumn, table, terms as in `weightedSums`
   * @param dw `[outputs][terms]`; added to if `accumulate`
   * @param sums 256 bytes of scratch
   * @param joined whether the engine joins the halves of a group: a matter of speed, never of the sums
   */
  convWeightGradient(
    dy: number,
    x: number,
    xRow: number,
    xColumn: number,
    table: number,
    terms: number,
    dw: number,
    outputs: number,
    rows: number,
    columns: number,
    accumulate: 0 | 1,
    sums: number,
    joined: 0 | 1,
  ): void;

  /** db[o] = sum over positions and samples of dy[o][position]; each lane over the positions first, in blocks of `BLOCK`. */
  biasGradient(dy: number, db: number, outputs: number, positions: number, accumulate: 0 | 1): void;

  // dropout/dropout.as.ts

  /**
   * @param keys 8 uint32, a hash of each lane's sample; an element is dropped where the hash of (key, element) is below `threshold`,
   *   rate * 2^32
   * @param mask `[count]` lane groups, kept for the backward pass
   */
  dropoutForward(
    x: number,
    y: number,
    mask: number,
    keys: number,
    count: number,
    threshold: number,
    scale: number,
  ): void;

  dropoutBackward(mask: number, dy: number, dx: number, count: number): void;

  // gemm/dense.as.ts

  /** y[o] = bias[o] + sum over i of w[o][i] * x[i], in blocks of `BLOCK` inputs; x `[inputs]` and y `[outputs]` lane groups; bias 0 for none. */
  denseForward(x: number, inputs: number, w: number, bias: number, y: number, outputs: number): void;

  /**
   * dw[o][i] = sum over the 8 samples of dy[o] * x[i].
   *
   * @param dy `[outputs]` lane groups
   * @param xt the inputs as `transpose` writes them: 8 rows, `inputs` rounded up to 8 floats each
   * @param dw `[outputs][inputs]`; added to if `accumulate`
   */
  denseWeightGradient(
    dy: number,
    xt: number,
    dw: number,
    outputs: number,
    inputs: number,
    accumulate: 0 | 1,
  ): void;

  // gemm/weighted-sums.as.ts

  /**
   * y[o][row][column] = bias[o] + sum over t of w(t, o) * x[row][column][table[t]].
   *
   * @param x address of the first output position's first input; the next row's is `xRow` bytes on, the next column's `xColumn`
   * @param table `terms` byte offsets (u32), at least one
   * @param w with `wStride` 0: panels as `packPanels` writes them; else a matrix `[terms][outputs]`, rows `wStride` bytes apart
   * @param bias `[outputs]`, or 0 for none
   * @param y `[outputs][rows][columns]` lane groups without gaps
   * @param joined whether the engine joins the halves of a group: a matter of speed, never of the sums
   */
  weightedSums(
    x: number,
    xRow: number,
    xColumn: number,
    table: number,
    terms: number,
    w: number,
    wStride: number,
    bias: number,
    y: number,
    outputs: number,
    rows: number,
    columns: number,
    joined: 0 | 1,
  ): void;

  /** Weights `[outputs][terms]` to panels, one a block of outputs, each `[terms][output of the block]`. */
  packPanels(w: number, outputs: number, terms: number, panels: number): void;

  // layout/pad.as.ts

  /** inner to outer; the rest of outer becomes 0. */
  embed(
    inner: number,
    outer: number,
    channels: number,
    rows: number,
    columns: number,
    height: number,
    width: number,
    top: number,
    left: number,
  ): void;

  /** inner to outer, its rows `rowStep` and its columns `columnStep` apart from the first, at (top, left); the rest of outer becomes 0. */
  embedApart(
    inner: number,
    outer: number,
    channels: number,
    rows: number,
    columns: number,
    height: number,
    width: number,
    top: number,
    left: number,
    rowStep: number,
    columnStep: number,
  ): void;

  /** outer to inner: the gradient of zero-padding. */
  crop(
    outer: number,
    inner: number,
    channels: number,
    rows: number,
    columns: number,
    height: number,
    width: number,
    top: number,
    left: number,
  ): void;

  /** Copy `planes` planes of `groups` lane groups each to planes that begin `apart` groups apart. */
  spreadPlanes(from: number, to: number, planes: number, groups: number, apart: number): void;

  // layout/samples.as.ts

  /**
   * Lane groups to samples, at `to`, `sample` bytes apart, rows `row` bytes apart. Up to 12 bytes behind a row become 0 where channels
   * are not a multiple of 4.
   */
  toSamples(
    x: number,
    channels: number,
    rows: number,
    columns: number,
    to: number,
    sample: number,
    row: number,
  ): void;

  /** Samples to lane groups: `toSamples` backwards. */
  fromSamples(
    from: number,
    sample: number,
    row: number,
    channels: number,
    rows: number,
    columns: number,
    x: number,
  ): void;

  // layout/transpose.as.ts

  /** Lane groups `[count]` to 8 rows of `count` floats, rounded up to a multiple of 8; x is readable that far. */
  transpose(x: number, count: number, rows: number): void;

  // loss/cross-entropy.as.ts

  /**
   * Softmax and cross entropy, fused, with a target t[k] for each class k:
   *
   *     t[k] = weights[k] * (smoothing / classes + (1 - smoothing) * (share * [k = label] + (1 - share) * [k = partner]))
   *     loss = -sum of t[k] * ln(p[k]),  p = softmax(z);  dz[k] = p[k] * (sum of t) - t[k]
   *
   * as torch.nn.CrossEntropyLoss defines it, before its mean. Taking off the largest logit first keeps every exponential in (0, 1].
   *
   * @param logits `[classes]` lane groups
   * @param labels 8 int32, then the labels of the samples that they are mixed with, 8 int32, and the shares of the first, 8 float32;
   *   lanes from `samples` on are padding: their dz is 0
   * @param weights `[classes]` float32; 0 where all are 1, nothing is smoothed and nothing mixed: the same bits in less time
   * @param dz `[classes]` lane groups: the gradient of the sum over the samples
   * @param losses 8 float32, nats; `classesBefore` 8 int32: how many classes come before the label (0: top-1). Of equal logits the first
   *   class comes first. Undefined for padding.
   */
  crossEntropy(
    logits: number,
    labels: number,
    weights: number,
    smoothing: number,
    samples: number,
    classes: number,
    dz: number,
    losses: number,
    classesBefore: number,
  ): void;

  // norm/group-norm.as.ts

  /**
   * Mean and 1 / sqrt(variance + epsilon), the variance biased, of each group and lane: a lane group each. Sums and squares are float64, over the
   * group's values in order.
   * @param size values of a group
   */
  groupStatistics(
    x: number,
    mean: number,
    inverse: number,
    groups: number,
    size: number,
    epsilon: number,
  ): void;

  /** y = (x - mean) * inverse * scale + shift. */
  groupNormForward(
    x: number,
    y: number,
    mean: number,
    inverse: number,
    scale: number,
    shift: number,
    groups: number,
    channels: number,
    positions: number,
  ): void;

  /**
   * Of each channel, the sums of dy * (x - mean) * inverse and of dy over positions and lanes: gradients of the scale and of the shift. Float64:
   * each lane of a vector over the positions, lower and upper half in turn, then the lanes in pairs.
   */
  groupNormGradients(
    dy: number,
    x: number,
    mean: number,
    inverse: number,
    scaleGradient: number,
    shiftGradient: number,
    groups: number,
    channels: number,
    positions: number,
    accumulate: 0 | 1,
  ): void;

  /**
   * dx = (d - a - n * b) * inverse, with d = dy * scale, n = (x - mean) * inverse, a the mean of d over the group and b that of d * n: float64
   * sums over the group's values in order, in each lane.
   */
  groupNormInputGradient(
    dy: number,
    x: number,
    dx: number,
    mean: number,
    inverse: number,
    scale: number,
    groups: number,
    channels: number,
    positions: number,
  ): void;

  // norm/norm.as.ts

  /**
   * A micro-batch's part in the sums over a mini-batch: of each channel the sum of its values and that of their squares, two float64 at
   * `sums`, over the first `samples` lanes. Each lane adds up its own positions; then the lanes are added in order.
   */
  channelSums(
    x: number,
    sums: number,
    channels: number,
    positions: number,
    samples: number,
    accumulate: 0 | 1,
  ): void;

  /** y = x * scale + shift, by channel. */
  scaleChannels(
    x: number,
    y: number,
    scale: number,
    shift: number,
    channels: number,
    positions: number,
  ): void;

  /** Of each channel, the sums of dy * (x - mean) * inverse and of dy over positions and lanes: gradients of the scale and of the shift. */
  normGradients(
    dy: number,
    x: number,
    mean: number,
    inverse: number,
    scaleGradient: number,
    shiftGradient: number,
    channels: number,
    positions: number,
    accumulate: 0 | 1,
  ): void;

  /** dx = ((dy - meanGradient) - (x - mean) * slope) * factor, by channel; 0 in the lanes from `samples` on. */
  normInputGradient(
    dy: number,
    x: number,
    dx: number,
    mean: number,
    meanGradient: number,
    slope: number,
    factor: number,
    channels: number,
    positions: number,
    samples: number,
  ): void;

  // optimizer/flat.as.ts

  /** sum += other. */
  add(sum: number, other: number, count: number): void;

  /** sum += other, float64; the count is even. */
  addDoubles(sum: number, other: number, count: number): void;

  /** y = a + b. */
  sumOfTwo(a: number, b: number, y: number, count: number): void;

  /** Copy float32 values. */
  copy(from: number, to: number, count: number): void;

  /** 1 if every value is finite, else 0. */
  allFinite(x: number, count: number): number;

  /** x *= factor. */
  scale(x: number, count: number, factor: number): void;

  /** Values beyond -limit or limit become these. */
  clamp(x: number, count: number, limit: number): void;

  /** x += part * (y - x). */
  lerp(x: number, y: number, count: number, part: number): void;

  /** Sum of the squares, float64: four sums, each of every fourth value in order, then (0 + 2) + (1 + 3). */
  sumOfSquares(x: number, count: number): number;

  /**
   * One step of SGD as torch.optim.SGD takes it, dampening 0:
   *   g = gradient * scale + weightDecay * w;  v = momentum * v + g;  w -= learningRate * (nesterov ? g + momentum * v : v)
   * Without momentum there is no v: `velocity` is left alone.
   */
  sgd(
    w: number,
    gradient: number,
    velocity: number,
    count: number,
    scale: number,
    learningRate: number,
    momentum: number,
    weightDecay: number,
    nesterov: 0 | 1,
  ): void;

  /**
   * One step of Adam as torch.optim.Adam takes it, or of AdamW:
   *   g = gradient * scale + decay * w;  w *= keep;
   *   m = lerp(m, g, fresh1);  v = keep2 * v + fresh2 * g * g;
   *   w -= rate * m / (sqrt(v) / correction + epsilon)
   * `fresh1` is 1 - beta1, `keep2` beta2 and `fresh2` 1 - beta2. Adam has keep 1, AdamW decay 0.
   * Like PyTorch's, lerp starts from the nearer end: m + fresh1 * (g - m), or g - (1 - fresh1) * (g - m) where fresh1 is 1/2 or more.
   */
  adam(
    w: number,
    gradient: number,
    firstMoment: number,
    secondMoment: number,
    count: number,
    scale: number,
    decay: number,
    keep: number,
    fresh1: number,
    keep2: number,
    fresh2: number,
    correction: number,
    epsilon: number,
    rate: number,
  ): void;

  // optimizer/lion.as.ts

  /**
   * One step of Lion (Chen et al. 2023, algorithm 2):
   *   g = gradient * scale;  c = keep1 * m + fresh1 * g;  w = w * keep - rate * sign(c);  m = keep2 * m + fresh2 * g
   * `keep1` is beta1, `fresh1` 1 - beta1, and likewise of beta2; `keep` is 1 - rate * decay. The sign of 0 is 0.
   */
  lion(
    w: number,
    gradient: number,
    firstMoment: number,
    count: number,
    scale: number,
    keep: number,
    keep1: number,
    fresh1: number,
    keep2: number,
    fresh2: number,
    rate: number,
  ): void;

  // optimizer/rmsprop.as.ts

  /**
   * One step of RMSprop as torch.optim.RMSprop takes it:
   *   g = gradient * scale + decay * w;  v = keep * v + fresh * g * g;
   *   centered: m = keep * m + fresh * g;  s = sqrt(max(v - m * m, 0)) + epsilon;  else: s = sqrt(v) + epsilon
   *   b = momentum * b + g / s;  w -= rate * b
   * @param firstMoment m; 0 where it is not centered
   * @param velocity b; 0 without momentum: w -= rate * g / s
   */
  rmsprop(
    w: number,
    gradient: number,
    secondMoment: number,
    firstMoment: number,
    velocity: number,
    count: number,
    scale: number,
    decay: number,
    keep: number,
    fresh: number,
    epsilon: number,
    momentum: number,
    rate: number,
  ): void;

  // pool/argmax.as.ts

  /**
   * The argmaxes and their gradients side by side, as pairs (u32, f32): a list for each row of windows and output, `[rows][outputs]`, of
   * `columns` windows by 8 samples at most, in this order; and each list's bytes.
   *
   * @param dz, argmaxes `[outputs][rows][columns]` lane groups; an argmax is stored as its byte offset from the first sample's first
   *   value (u32)
   * @param skip leave argmaxes without a gradient out: it pays where there are many, behind a ReLU
   * @param lists 8 bytes behind each list's last pair are written too
   */
  listArgmaxes(
    dz: number,
    argmaxes: number,
    outputs: number,
    rows: number,
    columns: number,
    skip: 0 | 1,
    lists: number,
    sizes: number,
  ): void;

  /**
   * patches[o][i][v] = sum over the argmaxes of dz[o] * x[argmax + row i + v]: the gradient of the weights, in patches. A list is summed in
   * order, in blocks of `BLOCK` argmaxes, then the rows of windows.
   *
   * @param x 8 samples, each `[height][width][channels]`, rows `row` bytes apart
   * @param lists, sizes as `listArgmaxes` writes them
   * @param patches `[outputs][kernelHeight][patchVectors]` vectors
   */
  argmaxWeightGradient(
    x: number,
    row: number,
    lists: number,
    sizes: number,
    outputs: number,
    rows: number,
    columns: number,
    kernelHeight: number,
    patchVectors: number,
    patches: number,
  ): void;

  /**
   * dx = sum over outputs o and argmaxes of dz[o] * w[o], at the argmax's patch: the gradient of the input, sample by sample. A block of
   * `blockOutputs` outputs is added as `scatterOutputs` says; then the blocks, in order.
   *
   * @param patches weights as `packPatches` writes them
   * @param lists, sizes as `listArgmaxes` writes them
   * @param dx 8 samples, `bytes` in all, a multiple of 16, rows `row` bytes apart; up to 12 bytes behind a patch row are added to too, but zeros
   * @param block scratch as large as dx, if there is more than one block of outputs
   */
  argmaxInputGradient(
    patches: number,
    lists: number,
    sizes: number,
    outputs: number,
    rows: number,
    columns: number,
    kernelHeight: number,
    patchVectors: number,
    dx: number,
    bytes: number,
    row: number,
    blockOutputs: number,
    block: number,
  ): void;

  /**
   * Weights `[outputs][channels][kernelHeight][kernelWidth]` to patches `[outputs][kernelHeight][kernelWidth * channels, to whole vectors]`.
   */
  packPatches(
    w: number,
    outputs: number,
    channels: number,
    kernelHeight: number,
    kernelWidth: number,
    patchVectors: number,
    patches: number,
  ): void;

  /** Patches to `[outputs][channels][kernelHeight][kernelWidth]`; added to if `accumulate`. */
  unpackPatches(
    patches: number,
    outputs: number,
    channels: number,
    kernelHeight: number,
    kernelWidth: number,
    patchVectors: number,
    dw: number,
    accumulate: 0 | 1,
  ): void;

  // pool/extremes.as.ts

  /**
   * Max-pooling before an activation that has no peak of its own: then the highest output of a window is that of its highest input, or,
   * if the activation falls before it rises, of its lowest.
   *
   * @param x `[channels][height][width]` lane groups; windows go over it with a border around it, whose first row and column are at
   *   (-top, -left): what of a window lies on the border does not count here, but some of it must lie inside
   * @param high, low `[channels][rows][columns]` lane groups; of equal values the first counts. low 0: not wanted
   * @param highAt, lowAt the same, u32: lane * placeLane + row * placeRow + column * placeColumn. highAt 0: not wanted
   */
  windowExtremes(
    x: number,
    high: number,
    highAt: number,
    low: number,
    lowAt: number,
    channels: number,
    height: number,
    width: number,
    windowHeight: number,
    windowWidth: number,
    strideHeight: number,
    strideWidth: number,
    rows: number,
    columns: number,
    top: number,
    left: number,
    placeRow: number,
    placeColumn: number,
    placeLane: number,
  ): void;

  /**
   * The gradient of `windowExtremes`' x: each of dz at its argmax, as `highAt` has it, and 0 elsewhere; where windows overlap, they are added in order.
   *
   * @param dx `[channels][height][width]` lane groups
   */
  spreadToArgmaxes(
    dz: number,
    argmaxes: number,
    dx: number,
    channels: number,
    height: number,
    width: number,
    windowHeight: number,
    windowWidth: number,
    strideHeight: number,
    strideWidth: number,
    rows: number,
    columns: number,
    top: number,
    left: number,
    placeRow: number,
    placeColumn: number,
    placeLane: number,
  ): void;

  /**
   * For the windows that lie on a border of zeros in part: y = max(y, 0), and where a zero of the border wins, nothing has a slope. Where y
   * is exactly 0 the border does not win, wherever it lies; PyTorch gives such a tie to whichever comes first in the window.
   */
  meetBorder(
    y: number,
    slope: number,
    channels: number,
    height: number,
    width: number,
    windowHeight: number,
    windowWidth: number,
    strideHeight: number,
    strideWidth: number,
    rows: number,
    columns: number,
    top: number,
    left: number,
  ): void;

  // pool/pool.as.ts

  /** Also writes `argmaxes`, each output's argmax index within its window, as int32 lanes; of equal values the first wins, as in PyTorch. */
  maxPoolForward(
    x: number,
    y: number,
    argmaxes: number,
    channels: number,
    height: number,
    width: number,
    windowHeight: number,
    windowWidth: number,
    strideHeight: number,
    strideWidth: number,
    rows: number,
    columns: number,
    top: number,
    left: number,
  ): void;

  maxPoolBackward(
    dy: number,
    argmaxes: number,
    dx: number,
    channels: number,
    height: number,
    width: number,
    windowHeight: number,
    windowWidth: number,
    strideHeight: number,
    strideWidth: number,
    rows: number,
    columns: number,
    top: number,
    left: number,
  ): void;

  /** Averages; a window's sum goes row after row, in blocks. */
  averagePoolForward(
    x: number,
    y: number,
    channels: number,
    height: number,
    width: number,
    windowHeight: number,
    windowWidth: number,
    strideHeight: number,
    strideWidth: number,
    rows: number,
    columns: number,
    top: number,
    left: number,
  ): void;

  averagePoolBackward(
    dy: number,
    dx: number,
    channels: number,
    height: number,
    width: number,
    windowHeight: number,
    windowWidth: number,
    strideHeight: number,
    strideWidth: number,
    rows: number,
    columns: number,
    top: number,
    left: number,
  ): void;

  // samples/gather.as.ts

  /** Eight samples of `count` floats each to lane groups; `samples` holds their 8 addresses (u32). */
  gatherFloats(samples: number, count: number, groups: number): void;

  /**
   * Eight samples' bytes to lane groups: byte * scale + shift, for `count` bytes from `offset` on.
   * `samples` holds the 8 addresses (u32); 7 bytes behind a sample's last must be readable.
   */
  gatherBytes(
    samples: number,
    offset: number,
    count: number,
    scale: number,
    shift: number,
    groups: number,
  ): void;

  /**
   * `gatherBytes` of bytes whose brightness and contrast are changed first, sample by sample, and of which `groups` gets a part:
   * (clamp(byte * gain + lift, 0, 255) * scale + shift) * weight.
   * @param jitter gain, lift and weight, 8 float32 each: a lane group each
   * @param accumulate 1 to add to what is in `groups`
   */
  gatherJittered(
    samples: number,
    offset: number,
    count: number,
    scale: number,
    shift: number,
    jitter: number,
    accumulate: number,
    groups: number,
  ): void;

  // samples/recolor.as.ts

  /**
   * Three planes of `pixels` bytes through a matrix: red' = rr * red + rg * green + rb * blue, in float32 in this order, rounded to the
   * nearest byte (of two equally near ones the even one); so green' and blue'.
   * @param matrix rr, rg, rb, gr, gg, gb, br, bg, bb, 9 float32
   */
  recolorBytes(image: number, pixels: number, matrix: number): void;

  /** Each of `count` bytes by a table of 256. */
  mapBytes(bytes: number, count: number, table: number): void;

  /** How often each value is among `count` bytes: 256 uint32. */
  countBytes(bytes: number, count: number, counts: number): void;

  // samples/rectangle.as.ts

  /** The channel's byte of `fills` in all of it: cutout. */
  fillRectangle(
    image: number,
    channels: number,
    height: number,
    width: number,
    top: number,
    bottom: number,
    left: number,
    right: number,
    fills: number,
  ): void;

  /** The same rectangle of another image of that size: CutMix. */
  pasteRectangle(
    from: number,
    to: number,
    channels: number,
    height: number,
    width: number,
    top: number,
    bottom: number,
    left: number,
    right: number,
  ): void;

  /** Uniform bytes, a hash of (key, place in the image): random erasing. The hash is lowbias32 (https://github.com/skeeto/hash-prospector). */
  noiseRectangle(
    image: number,
    channels: number,
    height: number,
    width: number,
    top: number,
    bottom: number,
    left: number,
    right: number,
    key: number,
  ): void;

  // samples/reframe.as.ts

  /**
   * A sample's planes, `[channels, height, width]` bytes, seen through another frame: row r and column x of the result are row
   * r + down and column x + right of the image; columns count from the right where it is mirrored, rows from below where it is inverted.
   * What lies outside the image has the channel's byte of `fills`, or, where it reflects, what the image has as far inside of its first or last
   * row or column: |down| and |right| are then below height and width.
   *
   * Up to 15 bytes behind the result are written; up to |right| + 15 bytes before and behind the image are read.
   * @param mask room for a row, rounded up to a multiple of 16 bytes
   */
  reframeBytes(
    from: number,
    to: number,
    channels: number,
    height: number,
    width: number,
    down: number,
    right: number,
    mirrored: number,
    inverted: number,
    reflects: number,
    mask: number,
    fills: number,
  ): void;

  // samples/warp.as.ts

  /**
   * The pixel about (x, y) of the result is the image's value at
   *   (xx * x + xy * y + x0, yx * x + yy * y + y0),
   * where pixel i reaches from i to i + 1: bilinear among the pixels of rows [top, bottom) and columns [left, right), whose edges go on
   * for half a pixel. Where the point is outside of these, it is the channel's byte of `fills`. As Pillow's `Image.transform` has it.
   *
   * The arithmetic is of integers: positions in 2^-32 pixels, weights in 1/2048, one rounding to the nearest byte.
   * A byte behind the image may be read.
   * @param map xx, xy, x0, yx, yy, y0, 6 float64
   * @param scratch room for 5 rows of uint32, each rounded up to a multiple of 4
   */
  warpBytes(
    from: number,
    to: number,
    channels: number,
    height: number,
    width: number,
    map: number,
    top: number,
    bottom: number,
    left: number,
    right: number,
    scratch: number,
    fills: number,
  ): void;

  // winograd/grid-gradient.as.ts

  /**
   * dw of a convolution with 3 x 3 kernels, of `[channels][height][width]` lane groups with zeros above and to the left, `top` and `left`.
   *
   * @param dy `[outputs][rows][columns]` lane groups
   * @param table byte offsets (u32) of a strip's terms, 32 bytes apart
   * @param lines scratch: `6 * (left + width + 6) + 60` columns of 8 lane groups, and a group of zeros; zero at first
   * @param v, d scratch: 36 planes of `[channels or outputs / 8][terms]` groups of 8, and 2 groups more each
   * @param u scratch: `[36][block][block]` floats, a plane 64 bytes longer, for each pair of blocks, or once if there is one strip
   * @param half scratch: 432 bytes
   * @param dw `[outputs][channels][3][3]`; added to if `accumulate`
   * @param stripRows rows of tiles at a time: their terms are added, then the strips' sums
   * @param block channels, and outputs, of which all points are summed before the next, a multiple of 8: a matter of speed, never of the sums
   */
  winogradGridGradient(
    x: number,
    channels: number,
    height: number,
    width: number,
    top: number,
    left: number,
    dy: number,
    outputs: number,
    rows: number,
    columns: number,
    table: number,
    lines: number,
    v: number,
    d: number,
    u: number,
    half: number,
    dw: number,
    stripRows: number,
    block: number,
    accumulate: 0 | 1,
    joined: 0 | 1,
  ): void;

  // winograd/grid.as.ts

  /**
   * A whole convolution of `[channels][height][width]` lane groups with zeros above and to the left, `top` and `left`, and as many as it
   * takes below and to the right.
   *
   * @param table byte offsets (u32) of the channels in a plane of v
   * @param panels as `packWinogradGrid` writes them, points `wPlane` bytes apart
   * @param bias `[outputs]`, or 0 for none
   * @param lines scratch: 7 rows of `left + width + 6` lane groups, zero at first
   * @param v, sums scratch: 36 planes of `[channels or outputs][stripRows][tiles]` lane groups, and 2 lane groups more each
   * @param half scratch: 24 lane groups
   * @param stripRows rows of tiles at a time: a matter of speed, never of the sums
   */
  winogradGrid(
    x: number,
    channels: number,
    height: number,
    width: number,
    top: number,
    left: number,
    table: number,
    panels: number,
    wPlane: number,
    bias: number,
    lines: number,
    v: number,
    sums: number,
    half: number,
    y: number,
    outputs: number,
    rows: number,
    columns: number,
    stripRows: number,
    joined: 0 | 1,
  ): void;

  /**
   * G of 3 x 3 kernels to 36 planes of panels, `plane` bytes apart: for each 128 inputs one as `weightedSums` takes it; up to 12 bytes behind
   * the last may be written. Weight (output, input, row, tap) is at w + output * outputStep + input * inputStep + row * rowStep +
   * tap * tapStep bytes.
   */
  packWinogradGrid(
    w: number,
    outputStep: number,
    inputStep: number,
    rowStep: number,
    tapStep: number,
    outputs: number,
    inputs: number,
    panels: number,
    plane: number,
  ): void;

  // winograd/rows.as.ts

  /**
   * B for all of a picture; tile t starts at column t * step - left, and what lies outside the picture is 0.
   *
   * @param x `[channels][height][width]` lane groups
   * @param v address of channel 0's first row in plane 0; channels lie `channel` bytes apart, points `plane` bytes, rows without gaps
   */
  winogradInput(
    x: number,
    channels: number,
    height: number,
    width: number,
    left: number,
    step: number,
    tiles: number,
    v: number,
    channel: number,
    plane: number,
  ): void;

  /**
   * y[o][row] = bias[o] + A of (sum over t of w(point, t, o) * v(point)[row][table[t]]).
   *
   * @param v as `winogradInput` writes it, but from the picture's padding on; rows `tiles` lane groups long
   * @param table byte offsets (u32) of the `terms` inputs of a tile, over channels and kernel rows, from the tile's first
   * @param panels as `packWinograd` writes them
   * @param bias `[outputs]`, or 0 for none
   * @param sums scratch, `[6][outputs][tiles]` lane groups
   * @param y `[outputs][rows][columns]` lane groups
   */
  winogradSums(
    v: number,
    plane: number,
    table: number,
    terms: number,
    panels: number,
    bias: number,
    sums: number,
    y: number,
    outputs: number,
    rows: number,
    columns: number,
    step: number,
    tiles: number,
    joined: 0 | 1,
  ): void;

  /**
   * G of weights, to panels as `weightedSums` takes them, one for each point. Weight (output, input, row, tap) is at
   * w + output * outputStep + input * inputStep + row * rowStep + tap * tapStep bytes; terms are inputs and kernel rows.
   */
  packWinograd(
    w: number,
    outputStep: number,
    inputStep: number,
    rowStep: number,
    tapStep: number,
    outputs: number,
    inputs: number,
    kernelHeight: number,
    taps: number,
    panels: number,
  ): void;

  // winograd/weight-gradient.as.ts

  /** G of all of dy, `lines` rows of `columns` lane groups, to `[6][lines][tiles]` lane groups, points `plane` bytes apart. */
  winogradGradient(
    dy: number,
    lines: number,
    columns: number,
    step: number,
    to: number,
    plane: number,
  ): void;

  /** A of `[6][count]` sums to the gradient of `[count][taps]` weights; added to if `accumulate`. */
  unpackWinograd(sums: number, count: number, taps: number, dw: number, accumulate: 0 | 1): void;
}

import type { ActivationType } from '../config/activations.js';
import { noSharedMemory } from '../platform/machine.js';

/**
 * The WebAssembly kernels' signatures. What each does, with shapes, stands above it in `assembly/`.
 * Every argument is a number: an address, stride or count in the shared memory, or a float32.
 */
export type Kernels = ActivationKernels & {
  /** 1 if the engine joins the halves of a lane group: for kernels that then go another way, to the same bits. */
  readonly joined: 0 | 1;
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
    joined: number,
  ): void;
  packPanels(w: number, outputs: number, terms: number, panels: number): void;
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
    accumulate: number,
    sums: number,
    joined: number,
  ): void;
  packInputPanels(
    w: number,
    outputs: number,
    channels: number,
    kernelHeight: number,
    kernelWidth: number,
    strideWidth: number,
    panels: number,
  ): void;
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
  biasGradient(dy: number, db: number, outputs: number, positions: number, accumulate: number): void;
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
    joined: number,
  ): void;
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
  winogradGrid(
    x: number,
    channels: number,
    height: number,
    width: number,
    top: number,
    left: number,
    table: number,
    panels: number,
    bias: number,
    lines: number,
    v: number,
    sums: number,
    y: number,
    outputs: number,
    rows: number,
    columns: number,
    step: number,
    tiles: number,
    plane: number,
    joined: number,
  ): void;
  packWinogradGrid(
    w: number,
    outputStep: number,
    inputStep: number,
    rowStep: number,
    tapStep: number,
    outputs: number,
    inputs: number,
    taps: number,
    panels: number,
    plane: number,
  ): void;
  winogradGradient(dy: number, lines: number, columns: number, step: number, to: number, plane: number): void;
  unpackWinograd(sums: number, count: number, taps: number, dw: number, accumulate: number): void;
  denseForward(x: number, inputs: number, w: number, bias: number, y: number, outputs: number): void;
  denseWeightGradient(
    dy: number,
    xt: number,
    dw: number,
    outputs: number,
    inputs: number,
    accumulate: number,
  ): void;
  transpose(x: number, count: number, rows: number): void;
  gatherBytes(
    samples: number,
    offset: number,
    count: number,
    scale: number,
    shift: number,
    groups: number,
  ): void;
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
  gatherFloats(samples: number, count: number, groups: number): void;
  reframeBytes(
    from: number,
    to: number,
    channels: number,
    height: number,
    width: number,
    down: number,
    right: number,
    mirrored: number,
    top: number,
    bottom: number,
    left: number,
    end: number,
    masks: number,
    fills: number,
  ): void;
  maxPoolForward(x: number, y: number, winners: number, channels: number, ...window: PoolGeometry): void;
  maxPoolBackward(dy: number, winners: number, dx: number, channels: number, ...window: PoolGeometry): void;
  windowExtremes(
    x: number,
    high: number,
    highAt: number,
    low: number,
    lowAt: number,
    channels: number,
    ...windows: [...PoolGeometry, ...BorderGeometry, placeRow: number, placeColumn: number, placeLane: number]
  ): void;
  siluOfLow(low: number, y: number, slope: number, at: number, lowAt: number, count: number): void;
  meetBorder(
    y: number,
    slope: number,
    channels: number,
    ...windows: [...PoolGeometry, ...BorderGeometry]
  ): void;
  listWinners(
    dz: number,
    winners: number,
    outputs: number,
    rows: number,
    columns: number,
    skip: number,
    lists: number,
    sizes: number,
  ): void;
  winnersWeightGradient(
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
  winnersInputGradient(
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
  ): void;
  packPatches(
    w: number,
    outputs: number,
    channels: number,
    kernelHeight: number,
    kernelWidth: number,
    patchVectors: number,
    patches: number,
  ): void;
  unpackPatches(
    patches: number,
    outputs: number,
    channels: number,
    kernelHeight: number,
    kernelWidth: number,
    patchVectors: number,
    dw: number,
    accumulate: number,
  ): void;
  toSamples(
    x: number,
    channels: number,
    rows: number,
    columns: number,
    to: number,
    sample: number,
    row: number,
  ): void;
  fromSamples(
    from: number,
    sample: number,
    row: number,
    channels: number,
    rows: number,
    columns: number,
    x: number,
  ): void;
  averagePoolForward(x: number, y: number, channels: number, ...window: PoolGeometry): void;
  averagePoolBackward(dy: number, dx: number, channels: number, ...window: PoolGeometry): void;
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
  spreadPlanes(from: number, to: number, planes: number, groups: number, apart: number): void;
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
  crossEntropy(
    logits: number,
    labels: number,
    weights: number,
    smoothing: number,
    samples: number,
    classes: number,
    dz: number,
    losses: number,
    ranks: number,
  ): void;
  add(sum: number, other: number, count: number): void;
  allFinite(x: number, count: number): number;
  sgd(
    w: number,
    gradient: number,
    velocity: number,
    count: number,
    scale: number,
    learningRate: number,
    momentum: number,
    weightDecay: number,
    nesterov: number,
  ): void;
};

/** Input height and width, window and stride of each, output rows and columns. */
export type PoolGeometry = [
  height: number,
  width: number,
  windowHeight: number,
  windowWidth: number,
  strideHeight: number,
  strideWidth: number,
  rows: number,
  columns: number,
];

/** What a border around a picture adds above and to the left. */
export type BorderGeometry = [top: number, left: number];

type ActivationKernels = {
  [A in ActivationType as `${A}Forward`]: (x: number, y: number, slope: number, count: number) => void;
} & {
  [A in ActivationType as `${A}Backward`]: (kept: number, dy: number, dx: number, count: number) => void;
};

/** Bytes of a lane group: 8 samples of float32. */
export const groupBytes = 32;
/** Samples of a shard, one a lane. */
export const lanes = 8;

/** The kernels compiled, by `compile.ts`; can be posted to worker threads. */
export interface CompiledKernels {
  /** A `WebAssembly.Module`: the types of a program that uses lockstep may know none. */
  readonly module: object;
  /** Whether the engine joins the halves of a lane group into 256-bit operations. */
  readonly joined: boolean;
}

/** A `WebAssembly.Memory` that all threads share. Named apart from the DOM's type, which comes with preact's and knows no shared ones. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
}

/** The kernels over a shared memory. */
export function instantiateKernels({ module, joined }: CompiledKernels, memory: SharedMemory): Kernels {
  const { exports } = new WebAssembly.Instance(module as WebAssembly.Module, {
    env: { memory: memory as unknown as WebAssembly.Memory },
  });
  return { ...(exports as unknown as Omit<Kernels, 'joined'>), joined: joined ? 1 : 0 };
}

const pageBytes = 65536;

/**
 * Memory that all threads share, zeroed; it never grows. At most 4 GiB, which is what a 32-bit address reaches.
 * @throws UserError if the system has not that much
 */
export function createSharedMemory(bytes: number): SharedMemory {
  const pages = Math.ceil(bytes / pageBytes);
  try {
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    return memory as unknown as SharedMemory;
  } catch (cause) {
    throw noSharedMemory(bytes, cause);
  }
}

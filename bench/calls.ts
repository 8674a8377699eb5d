import { Arena } from '#lockstep/compile/arena.js';
import type { ResolvedConfig } from '#lockstep/config/resolved.js';
import { sampleShape } from '#lockstep/data/features.js';
import { buildNetwork, type Network } from '#lockstep/graph/network.js';
import type { Operator, Places } from '#lockstep/graph/operator.js';
import { sizeOf } from '#lockstep/graph/shape.js';
import {
  groupBytes,
  instantiateKernels,
  type Kernels,
  lanes,
  type SharedMemory,
} from '#lockstep/kernels/kernels.js';
import { compileKernels } from '#lockstep/platform/kernels.js';
import { createSharedMemory } from '#lockstep/platform/memory.js';
import { bindRule, slotsOf } from '#lockstep/runtime/optimizers/rules.js';

/** When a kernel runs: for each micro-batch of 8 samples, or once a step. */
export type Pass =
  | 'prepare'
  | 'gather'
  | 'forward'
  | 'loss'
  | 'weight gradient'
  | 'input gradient'
  | 'tree'
  | 'optimizer';

/** A kernel with the arguments that a network calls it with, over a memory of its own. */
export interface KernelCall {
  readonly layer: string;
  readonly pass: Pass;
  readonly kernel: string;
  /** Floating-point operations of the products that it makes for 8 samples; 0 for a kernel that moves or maps values. */
  readonly flops: number;
  /** What it moves or maps: float32 of the layer's wider side, or of the parameters. */
  readonly values: number;
  run(): void;
}

interface Recorded extends Pick<KernelCall, 'kernel' | 'run'> {
  readonly args: readonly number[];
}

/** Multiply-adds of a kernel's call for one sample. Those that a kernel makes with what it adds to fill a vector do not count. */
function multiplyAddsOf({ kernel, args }: Recorded, layer: Operator): number {
  const at = (index: number) => args[index]!;
  const product = (values: readonly number[]) => values.reduce((a, b) => a * b, 1);
  switch (kernel) {
    case 'weightedSums': // terms, outputs, rows, columns
      return at(4) * at(9) * at(10) * at(11);
    case 'pointwiseSums': // channels, outputs, rows, columns
      return at(4) * at(8) * at(9) * at(10);
    case 'convWeightGradient': // terms, outputs, rows, columns
      return at(5) * at(7) * at(8) * at(9);
    case 'winogradSums': // 6 points; terms, outputs, rows, tiles
      return 6 * at(3) * at(8) * at(9) * at(12);
    case 'winogradGrid': // 36 points; channels, outputs, rows and columns of tiles
      return 36 * at(1) * at(15) * Math.ceil(at(16) / 4) * Math.ceil(at(17) / 4);
    case 'winogradGridGradient':
      return 36 * at(1) * at(7) * Math.ceil(at(8) / 4) * Math.ceil(at(9) / 4);
    case 'argmaxWeightGradient':
    case 'argmaxInputGradient': // an argmax an output, and each input of its kernel
      return product(layer.output) * product(layer.parameters[0]!.shape.slice(1));
    case 'convInputGradient':
    case 'denseForward':
    case 'denseWeightGradient':
      return layer.multiplyAdds;
    default:
      return 0;
  }
}

const { kernels: compiled } = compileKernels();

/** Every kernel call of a step, once each: the layers' as they make them themselves, and those around them. */
export function callsOfNetwork(config: ResolvedConfig): KernelCall[] {
  const network = buildNetwork(config.model.layers, sampleShape(config.data.features));
  const first = network.nodes.findIndex((layer) => layer.parameters.length > 0);
  const ofLayers = network.nodes.flatMap((layer, i) => callsOfLayer(layer, i >= first, i > first));
  return [...ofLayers, ...callsAround(network, config)];
}

/** A layer bound to buffers that no other shares: calls can be repeated, and find the same values. */
function callsOfLayer(layer: Operator, backward: boolean, inputGradient: boolean): KernelCall[] {
  const arena = new Arena();
  const spare = 4 * groupBytes; // `transpose` reads up to 3 groups behind a buffer's end
  const groups = (count: number) => arena.take(count * groupBytes + spare);
  const floats = (shape: readonly number[]) => arena.take(sizeOf(shape) * 4);
  const x = groups(sizeOf(layer.input));
  const y = groups(sizeOf(layer.output));
  const dy = groups(sizeOf(layer.output));
  const dx = inputGradient ? groups(sizeOf(layer.input)) : 0;
  const places: Places = {
    ...{ x, y, dy, dx, xs: [x], dxs: [dx], state: [], statistics: 0, folded: 0, isFrozen: false },
    parameters: layer.parameters.map((p) => floats(p.shape)),
    gradients: layer.parameters.map((p) => floats(p.shape)),
    tables: layer.tables.map((table) => arena.take(table.byteLength)),
    scratch: layer.scratch.map(({ bytes }) => arena.take(bytes)),
  };
  const { memory, kernels } = createMemory(arena);
  layer.tables.forEach((table, i) => {
    new Uint32Array(memory.buffer, places.tables[i]!).set(table);
  });

  const { recorder, take } = record(kernels);
  const samples = new Int32Array(lanes);
  const context = { training: true, seed: 1, epoch: 1, samples, count: lanes, batchSamples: lanes };
  const bound = layer.bind(recorder, places, context, new Uint32Array(memory.buffer));
  const wider = lanes * Math.max(sizeOf(layer.input), sizeOf(layer.output));
  const weights = layer.parameters.reduce((sum, p) => sum + sizeOf(p.shape), 0);
  const describe = (call: Recorded, pass: Pass): KernelCall => ({
    layer: layer.label,
    pass,
    kernel: call.kernel,
    flops: 2 * lanes * multiplyAddsOf(call, layer),
    values: pass === 'prepare' ? weights : wider,
    run: call.run,
  });

  bound.prepare?.();
  const prepare = take().map((call) => describe(call, 'prepare'));
  bound.forward();
  const forward = take().map((call) => describe(call, 'forward'));
  if (backward) bound.backward(0, 1);
  const ofParameters = /(Weight|bias|winograd(Grid)?)Gradient$|^(transpose|toSamples|listArgmaxes|unpack.*)$/;
  const back = take().map((call) =>
    describe(call, ofParameters.test(call.kernel) ? 'weight gradient' : 'input gradient'),
  );
  return [...prepare, ...forward, ...back];
}

/** What the micro-batch, the tree and the optimizer call. */
function callsAround(network: Network, config: ResolvedConfig): KernelCall[] {
  const arena = new Arena();
  const inputs = sizeOf(network.input);
  const { classes, bufferLength } = network;
  const [samples, losses, classesBefore] = [0, 0, 0].map(() => arena.take(lanes * 4)) as [
    number,
    number,
    number,
  ];
  const targets = arena.take(3 * groupBytes);
  const stored = arena.take(lanes * inputs * 4 + 8);
  const input = arena.take(inputs * groupBytes);
  const [logits, dz] = [arena.take(classes * groupBytes), arena.take(classes * groupBytes)];
  const [w, gradient, ...slots] = ['w', 'gradient', ...slotsOf(config.optimizer)].map(() =>
    arena.take(bufferLength * 4),
  ) as [number, number, ...number[]];
  const { memory, kernels } = createMemory(arena);
  const words = new Uint32Array(memory.buffer);
  const bytes = config.data.features.type === 'pixels';
  for (let lane = 0; lane < lanes; lane++) {
    words[samples / 4 + lane] = stored + lane * inputs * (bytes ? 1 : 4);
    words[targets / 4 + lane] = lane % classes;
  }

  const { recorder, take } = record(kernels);
  const call = (pass: Pass, values: number): KernelCall => {
    const { kernel, run } = take()[0]!;
    return { layer: '', pass, kernel, flops: 0, values, run };
  };
  const calls: KernelCall[] = [];
  if (bytes) recorder.gatherBytes(samples, 0, inputs, 1 / 255, 0, input);
  else recorder.gatherFloats(samples, inputs, input);
  calls.push(call('gather', lanes * inputs));
  recorder.crossEntropy(logits, targets, 0, 0, lanes, classes, dz, losses, classesBefore);
  calls.push(call('loss', lanes * classes));
  recorder.add(w, gradient, bufferLength);
  calls.push(call('tree', bufferLength));
  recorder.allFinite(gradient, bufferLength);
  calls.push(call('optimizer', bufferLength));
  const update = bindRule(recorder, config.optimizer);
  update(w, gradient, slots, bufferLength, 1, config.optimizer.learningRate, 1);
  calls.push(call('optimizer', bufferLength));
  return calls;
}

/** A memory full of values in [-1, 1], and the kernels over it. */
function createMemory(arena: Arena): { memory: SharedMemory; kernels: Kernels } {
  const memory = createSharedMemory(arena.size);
  const values = new Float32Array(memory.buffer);
  for (let i = 0; i < values.length; i++) values[i] = Math.sin(i);
  return { memory, kernels: instantiateKernels(compiled, memory) };
}

/** Kernels that do their work and write down each call; `take` returns the calls since it was last asked. */
function record(kernels: Kernels): { recorder: Kernels; take: () => Recorded[] } {
  let calls: Recorded[] = [];
  const wrap = ([kernel, work]: [string, unknown]) => {
    const wrapped = (...args: number[]) => {
      const run = (work as (...args: number[]) => void).bind(undefined, ...args);
      calls.push({ kernel, args, run });
      return run();
    };
    return [kernel, typeof work === 'function' ? wrapped : work];
  };
  const recorder = Object.fromEntries(Object.entries(kernels).map(wrap)) as unknown as Kernels;
  const take = () => {
    const taken = calls;
    calls = [];
    return taken;
  };
  return { recorder, take };
}

import type { ResolvedCustom } from '../../config/resolved.js';
import { ExitCode } from '../../errors.js';
import { lanes } from '../../kernels/kernels.js';
import { Draws, hash, mix, Purpose } from '../../numerics/random.js';
import {
  type CodeName,
  type CustomCode,
  callCode,
  codeError,
  factoryOf,
  firstNotFinite,
  nameOf,
  requireFinite,
} from '../custom-code.js';
import type { CustomOperator, CustomShapes } from '../custom-types.js';
import {
  type Operator,
  type ParameterSpec,
  type Places,
  plainOperator,
  type RunContext,
} from '../operator.js';
import { type Shape, sizeOf } from '../shape.js';
import type { LayerPlace } from '../wiring.js';
import { labelOf, requireRoom } from './geometry.js';

/**
 * An own operator: a module's functions, called for a sample at a time with arrays of its own. Gradients of its parameters: float64 within
 * a micro-batch, sample after sample, float32 along the tree.
 */
export function custom(
  config: ResolvedCustom,
  input: Shape,
  place: LayerPlace,
  inputs: readonly Shape[],
): Operator {
  const label = labelOf(config, place);
  const output = config.outShape === 'same' ? input : config.outShape;
  const parameters = parametersOf(config, input);
  const weights = parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  requireRoom(label, [...inputs, output], weights);
  const shapes = { inputs, output };
  /** One for each worker, whose micro-batches run one after the other: they share its arrays. */
  const bound = new WeakMap<RunContext, BoundCustom>();
  return {
    ...plainOperator,
    label: config.name,
    input,
    output,
    parameters,
    backwardReads: { x: true, y: true },

    bind(_, at, context, words) {
      let own = bound.get(context);
      if (own === undefined) {
        const operator = createOperator(config, label, shapes, context.code);
        own = new BoundCustom(config, label, shapes, operator, place.number, context);
        bound.set(context, own);
      }
      const { forward, backward } = own;
      const floats = new Float32Array(words.buffer);
      return {
        forward: () => forward(floats, at),
        backward: (sums, accumulate) => backward(floats, at, sums, accumulate),
      };
    },
  };
}

/** Fans as PyTorch counts them: of `[out, in, ...]`, and of `[n]` n. */
function parametersOf({ name, parameters }: ResolvedCustom, input: Shape): ParameterSpec[] {
  return Object.entries(parameters).map(([key, { shape, init }]) => {
    const [out, within = out, ...kernel] = shape as [number, ...number[]];
    const field = sizeOf(kernel);
    const fans = { fanIn: within * field, fanOut: out * field, channels: input[0]! };
    return { name: `${name}.${key}`, shape, init, ...fans, isCustom: true };
  });
}

interface TensorShapes {
  readonly inputs: readonly Shape[];
  readonly output: Shape;
}

/** @throws UserError (exit code usage) where the module's factory throws, or gives no operator */
export function createOperator(
  config: ResolvedCustom,
  label: string,
  { inputs, output }: TensorShapes,
  code: CustomCode | undefined,
): CustomOperator {
  const name = nameOf(`layer ${label}`, config);
  const factory = factoryOf(code, config);
  const parameters = Object.fromEntries(
    Object.entries(config.parameters).map(([key, { shape }]) => [key, [...shape]]),
  );
  const shapes: CustomShapes = { input: inputs[0]!, inputs, output, parameters };
  const made = callCode(name, 'its factory', ExitCode.usage, () =>
    factory(structuredClone(config.options), shapes),
  ) as CustomOperator | undefined;
  if (typeof made?.forward === 'function' && typeof made.backward === 'function') return made;
  throw codeError(
    name,
    `its factory returned ${made === null ? 'null' : typeof made}, expected an object with the functions forward and backward`,
    ExitCode.usage,
  );
}

type Arrays = Record<string, Float32Array | Float64Array>;

/** An own operator in a worker's memory: brings each sample's values into arrays of its own, calls it, and takes what it gives. */
class BoundCustom {
  readonly #name: CodeName;
  readonly #operator: CustomOperator;
  readonly #context: RunContext;
  readonly #layer: number;
  readonly #inputs: readonly Float32Array[];
  readonly #output: Float32Array;
  readonly #outputGradient: Float32Array;
  readonly #inputGradients: readonly Float32Array[];
  readonly #parameters: Arrays;
  /** Of one sample, and summed over a micro-batch's. */
  readonly #parameterGradients: Record<string, Float64Array>;
  readonly #sums: readonly Float64Array[];
  #draws = new Draws(0);

  constructor(
    { parameters, ...config }: ResolvedCustom,
    label: string,
    { inputs, output }: TensorShapes,
    operator: CustomOperator,
    layer: number,
    context: RunContext,
  ) {
    this.#name = nameOf(`layer ${label}`, config);
    this.#operator = operator;
    this.#context = context;
    this.#layer = layer;
    const zeros = (shape: Shape) => new Float32Array(sizeOf(shape));
    this.#inputs = inputs.map(zeros);
    this.#output = zeros(output);
    this.#outputGradient = zeros(output);
    this.#inputGradients = inputs.map(zeros);
    const sizes = Object.entries(parameters).map(([key, { shape }]) => [key, sizeOf(shape)] as const);
    this.#parameters = Object.fromEntries(sizes.map(([key, size]) => [key, new Float32Array(size)]));
    this.#parameterGradients = Object.fromEntries(sizes.map(([key, size]) => [key, new Float64Array(size)]));
    this.#sums = sizes.map(([, size]) => new Float64Array(size));
  }

  readonly #random = (): number => {
    if (this.#context.training) return this.#draws.between(0, 1);
    throw codeError(
      this.#name,
      `random() was called in an evaluation, which has no random numbers; call it where training is true`,
      ExitCode.training,
    );
  };

  readonly forward = (floats: Float32Array, at: Places): void => {
    this.#readParameters(floats, at);
    for (let lane = 0; lane < lanes; lane++) {
      this.#output.fill(0);
      if (lane < this.#context.count) this.#runForward(floats, at, lane);
      // A lane without a sample counts for nothing, but is computed with all the same: it is 0.
      write(floats, at.y, lane, this.#output);
    }
  };

  readonly backward = (floats: Float32Array, at: Places, sums: number, accumulate: 0 | 1): void => {
    this.#readParameters(floats, at);
    for (const sum of this.#sums) sum.fill(0);
    for (let lane = 0; lane < lanes; lane++) {
      for (const gradient of this.#inputGradients) gradient.fill(0);
      if (lane < this.#context.count) this.#runBackward(floats, at, lane);
      for (const [i, gradient] of this.#inputGradients.entries())
        if (at.dxs[i] !== 0) write(floats, at.dxs[i]!, lane, gradient);
    }
    if (!at.isFrozen) this.#giveSums(floats, at, sums, accumulate);
  };

  #runForward(floats: Float32Array, at: Places, lane: number): void {
    this.#readInputs(floats, at, lane);
    this.#call('forward', {});
    if (firstNotFinite(this.#output) >= 0 && this.#isSound(this.#inputs))
      requireFinite(this.#name, 'output', this.#output);
  }

  #runBackward(floats: Float32Array, at: Places, lane: number): void {
    this.#readInputs(floats, at, lane);
    read(floats, at.y, lane, this.#output);
    read(floats, at.dy, lane, this.#outputGradient);
    const parameterGradients = Object.values(this.#parameterGradients);
    for (const gradient of parameterGradients) gradient.fill(0);
    this.#call('backward', {
      outputGradient: this.#outputGradient,
      inputGradient: this.#inputGradients[0]!,
      inputGradients: this.#inputGradients,
      parameterGradients: this.#parameterGradients,
    });
    const isWrong = [...this.#inputGradients, ...parameterGradients].some((g) => firstNotFinite(g) >= 0);
    if (isWrong && this.#isSound([...this.#inputs, this.#output, this.#outputGradient])) {
      for (const [i, gradient] of this.#inputGradients.entries())
        requireFinite(this.#name, `inputGradients[${i}]`, gradient);
      for (const [key, gradient] of Object.entries(this.#parameterGradients))
        requireFinite(this.#name, `parameterGradients.${key}`, gradient);
    }
    for (const [p, gradient] of parameterGradients.entries()) {
      const sum = this.#sums[p]!;
      for (let i = 0; i < sum.length; i++) sum[i]! += gradient[i]!;
    }
  }

  /** Of the lane's sample, whose draws begin anew. */
  #readInputs(floats: Float32Array, at: Places, lane: number): void {
    for (const [i, values] of this.#inputs.entries()) read(floats, at.xs[i]!, lane, values);
    const { seed, epoch, samples } = this.#context;
    this.#draws = new Draws(mix(hash(seed, Purpose.custom, this.#layer, epoch), samples[lane]!));
  }

  /** Copies: own code that writes to a parameter changes nobody's weights. */
  #readParameters(floats: Float32Array, { parameters }: Places): void {
    for (const [p, values] of Object.values(this.#parameters).entries()) {
      const from = parameters[p]! / 4;
      values.set(floats.subarray(from, from + values.length));
    }
  }

  #call(pass: 'forward' | 'backward', gradients: object): void {
    const returned = callCode(this.#name, pass, ExitCode.training, () =>
      this.#operator[pass]({
        input: this.#inputs[0]!,
        inputs: this.#inputs,
        output: this.#output,
        parameters: this.#parameters,
        training: this.#context.training,
        random: this.#random,
        ...(gradients as { inputGradient: Float32Array }),
      } as never),
    ) as unknown;
    if (!Array.isArray(returned) && !ArrayBuffer.isView(returned)) return;
    if (returned === this.#output || this.#inputGradients.includes(returned as Float32Array)) return;
    throw codeError(
      this.#name,
      `${pass} returned an array, which nobody reads; write into ${pass === 'forward' ? 'output' : 'the gradients'} that it is given`,
      ExitCode.training,
    );
  }

  /** Whether these are finite, and the parameters are: else it is not this operator that is at fault. */
  #isSound(values: readonly Float32Array[]): boolean {
    return [...values, ...Object.values(this.#parameters)].every((each) => firstNotFinite(each) < 0);
  }

  #giveSums(floats: Float32Array, { gradients }: Places, sums: number, accumulate: 0 | 1): void {
    for (const [p, sum] of this.#sums.entries()) {
      const to = (sums + gradients[p]!) / 4;
      for (let i = 0; i < sum.length; i++)
        floats[to + i] = accumulate === 1 ? floats[to + i]! + Math.fround(sum[i]!) : sum[i]!;
    }
  }
}

/** A lane of the lane groups at an address. */
function read(floats: Float32Array, address: number, lane: number, to: Float32Array): void {
  for (let i = 0, from = address / 4 + lane; i < to.length; i++, from += lanes) to[i] = floats[from]!;
}

function write(floats: Float32Array, address: number, lane: number, from: Float32Array): void {
  for (let i = 0, to = address / 4 + lane; i < from.length; i++, to += lanes) floats[to] = from[i]!;
}

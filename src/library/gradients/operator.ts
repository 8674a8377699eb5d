import { ExitCode, UserError } from '../../errors.js';
import { callCode, firstNotFinite } from '../../graph/custom-code.js';
import type { CustomOperator, CustomShapes, Values } from '../../graph/custom-types.js';
import { type Shape, sizeOf } from '../../graph/shape.js';
import { Draws, hash } from '../../numerics/random.js';
import type { OperatorCheck } from './check.js';
import { type Compared, compare, fillNormal, precisions } from './compare.js';
import type { Found } from './report.js';

/** An own operator's gradients, called as a training calls it: forward and backward may be on two threads, other samples between. */

type Kind = typeof Float64Array | typeof Float32Array;

/** One sample's tensors. */
interface Sample {
  readonly inputs: readonly Values[];
  readonly output: Values;
  readonly parameters: Record<string, Values>;
  readonly outputGradient: Values;
  readonly inputGradients: readonly Values[];
  readonly parameterGradients: Record<string, Values>;
}

const name = { text: 'the operator' };
/** How far float32 may be from float64, relative to the largest value. */
const float32Error = 1e-2;

export function checkOperator(check: OperatorCheck): Found {
  const { seed = 1, samples = 3, most = 200, precision = 'float64' } = check;
  const shapes = shapesOf(check);
  const faults = new Set<string>();
  const compared: Compared[] = [];
  try {
    for (let sample = 0; sample < samples; sample++) {
      const kind = precision === 'float64' ? Float64Array : Float32Array;
      const values = drawn(shapes, kind, hash(seed, sample));
      compared.push(...checkSample(check, shapes, values, hash(seed, sample, 1), most, faults));
      if (precision === 'float64') checkFloat32(check, shapes, values, hash(seed, sample, 1), faults);
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    faults.add(error.message);
  }
  return { what: name.text, precision, compared, faults: [...faults] };
}

function shapesOf({ input, outShape = 'same', parameters = {} }: OperatorCheck): CustomShapes {
  const inputs = (input.every((each) => typeof each === 'number') ? [input] : input) as readonly Shape[];
  const sizes = [...inputs, ...(outShape === 'same' ? [] : [outShape]), ...Object.values(parameters)];
  const isShape = (shape: Shape) =>
    shape.length > 0 && shape.every((side) => Number.isInteger(side) && side > 0);
  if (inputs.length === 0 || !sizes.every(isShape))
    throw new UserError(
      `checkGradients: found the shapes ${JSON.stringify(sizes)}; expected lists of whole numbers above 0, such as [8] or [3, 4, 4]`,
      ExitCode.usage,
    );
  return { input: inputs[0]!, inputs, output: outShape === 'same' ? inputs[0]! : outShape, parameters };
}

function makeOperator({ operator, options = {} }: OperatorCheck, shapes: CustomShapes): CustomOperator {
  const made = callCode(name, 'its factory', ExitCode.usage, () =>
    operator(structuredClone(options), shapes),
  );
  if (typeof made?.forward === 'function' && typeof made.backward === 'function') return made;
  throw new UserError(
    'its factory returned no object with the functions forward and backward',
    ExitCode.usage,
  );
}

function drawn({ inputs, output, parameters }: CustomShapes, kind: Kind, seed: number): Sample {
  const named = (make: (size: number) => Values) =>
    Object.fromEntries(Object.entries(parameters).map(([key, shape]) => [key, make(sizeOf(shape))]));
  const values: Sample = {
    inputs: inputs.map((shape) => new kind(sizeOf(shape))),
    output: new kind(sizeOf(output)),
    parameters: named((size) => new kind(size)),
    outputGradient: new kind(sizeOf(output)),
    inputGradients: inputs.map((shape) => new kind(sizeOf(shape))),
    // As a training has them.
    parameterGradients: named((size) => new Float64Array(size)),
  };
  const drawn = [...values.inputs, ...Object.values(values.parameters), values.outputGradient];
  for (const [i, each] of drawn.entries()) fillNormal(each, hash(seed, i));
  return values;
}

const gradientsOf = ({ inputGradients, parameterGradients }: Sample): Values[] => [
  ...inputGradients,
  ...Object.values(parameterGradients),
];

/** @param random seed of the sequence that each call begins anew */
function run(operator: CustomOperator, pass: 'forward' | 'backward', sample: Sample, random: number): void {
  const draws = new Draws(random);
  const made = pass === 'forward' ? [sample.output] : gradientsOf(sample);
  for (const each of made) each.fill(0);
  const returned = callCode(name, pass, ExitCode.training, () =>
    operator[pass]({
      ...sample,
      input: sample.inputs[0]!,
      inputGradient: sample.inputGradients[0]!,
      training: true,
      random: () => draws.between(0, 1),
    }),
  ) as unknown;
  if (
    ArrayBuffer.isView(returned) &&
    returned !== sample.output &&
    !sample.inputGradients.includes(returned as Values)
  )
    throw new UserError(
      `${pass} returned an array, which nobody reads; write into those that it is given`,
      ExitCode.training,
    );
  if (made.some((each) => firstNotFinite(each) >= 0))
    throw new UserError(`${pass} gave values that are not finite, of finite ones`, ExitCode.training);
}

function checkSample(
  check: OperatorCheck,
  shapes: CustomShapes,
  sample: Sample,
  random: number,
  most: number,
  faults: Set<string>,
): Compared[] {
  const operator = makeOperator(check, shapes);
  const readable = () => [...sample.inputs, ...Object.values(sample.parameters)].map((each) => each.slice());
  const before = readable();
  const unchanged = (values: readonly Values[], was: readonly Values[], what: string) => {
    if (values.some((each, i) => each.some((value, k) => !Object.is(value, was[i]![k])))) faults.add(what);
  };
  run(operator, 'forward', sample, random);
  unchanged(readable(), before, 'forward writes to its inputs or parameters, which it may only read');
  const output = sample.output.slice();
  run(operator, 'forward', sample, random);
  unchanged([sample.output], [output], 'forward gives other values for the same sample, called twice');
  // Another sample before this one's backward pass, and that by an operator that has not seen its forward pass.
  const other = drawn(shapes, sample.output.constructor as Kind, hash(random, 7));
  run(operator, 'forward', other, random);
  run(operator, 'backward', sample, random);
  const expected = gradientsOf(sample).map((each) => each.slice());
  run(makeOperator(check, shapes), 'backward', sample, random);
  unchanged(
    gradientsOf(sample),
    expected,
    'backward gives other gradients where another operator of the factory ran the forward pass: it keeps something from forward to backward, ' +
      'which may be on two threads; compute it anew',
  );
  unchanged(readable(), before, 'backward writes to its inputs or parameters, which it may only read');

  const { outputGradient } = sample;
  const objective = () => {
    run(operator, 'forward', sample, random);
    let [value, size] = [0, 0];
    for (let i = 0; i < outputGradient.length; i++) {
      const term = outputGradient[i]! * sample.output[i]!;
      value += term;
      size += Math.abs(term);
    }
    return { value, size };
  };
  const precision = precisions[sample.output instanceof Float64Array ? 'float64' : 'float32'];
  const tensors = [
    ...sample.inputs.map((values, i) => ({
      name: shapes.inputs.length > 1 ? `inputs[${i}]` : 'input',
      values,
      gradient: expected[i]!,
    })),
    ...Object.entries(sample.parameters).map(([key, values], p) => ({
      name: `parameters.${key}`,
      values,
      gradient: expected[shapes.inputs.length + p]!,
    })),
  ];
  return tensors.flatMap((tensor) => compare(tensor, objective, precision, most));
}

function largest(values: Values): number {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most;
}

/** The same in float32, as a training calls it, gives about the same. */
function checkFloat32(
  check: OperatorCheck,
  shapes: CustomShapes,
  sample: Sample,
  random: number,
  faults: Set<string>,
): void {
  const single = drawn(shapes, Float32Array, 0);
  const pairs = (a: Sample, b: Sample): [Values, Values][] => [
    ...a.inputs.map((each, i): [Values, Values] => [each, b.inputs[i]!]),
    ...Object.entries(a.parameters).map(([key, each]): [Values, Values] => [each, b.parameters[key]!]),
    [a.outputGradient, b.outputGradient],
  ];
  for (const [from, to] of pairs(sample, single)) to.set(from);
  const double = drawn(shapes, Float64Array, 0);
  for (const [from, to] of pairs(single, double)) to.set(from);
  for (const each of [single, double]) {
    const operator = makeOperator(check, shapes);
    run(operator, 'forward', each, random);
    run(operator, 'backward', each, random);
  }
  const results = (of: Sample) => [of.output, ...gradientsOf(of)];
  const doubles = results(double);
  for (const [i, values] of results(single).entries()) {
    const scale = largest(doubles[i]!);
    if (values.some((value, k) => Math.abs(value - doubles[i]![k]!) > float32Error * scale))
      faults.add(
        `${i === 0 ? 'forward' : 'backward'} gives other values with Float32Array, which a training has, than with Float64Array`,
      );
  }
}

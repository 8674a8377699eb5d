import type { ConfigInput } from '../../config/input.js';
import { mostLayers } from '../../config/schema-model.js';
import type { SampleFormat } from '../../data/dataset.js';
import { ExitCode, UserError } from '../../errors.js';
import type { Shape } from '../../graph/shape.js';
import type { FloatTensor } from '../graph-builder.js';
import type { ValueInfoProto } from '../schema/onnx-ml_pb.js';
import { type Built, Draft, type Fragment, refusal } from './draft.js';
import { Graph } from './graph.js';
import { layersOf } from './layers.js';
import { match } from './matchers/matchers.js';
import { metadataOf, type Said } from './metadata.js';
import { type InputMeaning, normalizationFrom, ofRange } from './normalization.js';
import { type Axis, readModel, type Signature, signatureOf } from './read-model.js';
import type { ExternalFile } from './tensor.js';

export interface ImportOptions {
  /** `[3, height, width]` of a sample, where the file leaves it open. */
  readonly input?: Shape | undefined;
  /** What the graph's input holds of a pixel; undefined where the file says it, or nobody. */
  readonly meaning?: InputMeaning;
}

/** A network with its weights, as a file of another program has it. */
export interface ImportedModel {
  /** undefined where the file has none. */
  readonly name: string | undefined;
  readonly features: ConfigInput['data']['features'];
  readonly layers: ConfigInput['model']['layers'];
  /** By the names of files of weights: `LAYER.weight` and so on. */
  readonly weights: ReadonlyMap<string, FloatTensor>;
  /** Values that the last layer gives. */
  readonly outputs: number;
  /** Names of the outputs' classes; undefined where the file has none. */
  readonly classes: readonly string[] | undefined;
  /** Empty for histograms; undefined where nobody says it. */
  readonly normalization: SampleFormat['normalization'] | undefined;
  readonly epoch: number | undefined;
  /** What is not as in the file, or was decided: a sentence each. */
  readonly notes: readonly string[];
}

/**
 * The network in an ONNX file: a chain or graph of the operators that lockstep has layers for, as PyTorch's exporters and `lockstep export`
 * write it.
 * @param path of the file, in messages
 * @param external bytes of a file beside it, for tensors that lie there
 * @throws UserError: exit code usage that says what lockstep lacks, with the node, since nothing is approximated; data where it is no model
 */
export function importOnnx(
  path: string,
  bytes: Uint8Array,
  external: ExternalFile,
  options: ImportOptions = {},
): ImportedModel {
  try {
    return imported(bytes, external, options);
  } catch (error) {
    if (!(error instanceof UserError) || error.exitCode === ExitCode.environment) throw error;
    throw new UserError(`${path}: ${error.message}`, error.exitCode, { cause: error, path });
  }
}

function imported(
  bytes: Uint8Array,
  external: ExternalFile,
  { input: wanted, meaning }: ImportOptions,
): ImportedModel {
  const { model, opset } = readModel(bytes);
  const proto = model.graph!;
  const said = metadataOf(model);
  const stored = new Set(proto.initializer.map(({ name }) => name));
  const input = signatureOf(
    theOne(
      'input',
      proto.input.filter(({ name }) => !stored.has(name)),
    ),
  );
  const output = theOne('output', proto.output);
  const isHistogram = said.input === 'histogram';
  const shape = isHistogram ? histogramShape(input, said) : pictureShape(input, wanted);
  const graph = new Graph(proto, opset, [input.name], external);

  const first: Built = isHistogram
    ? { bins: shape[0]! / 3, shape }
    : { affine: { scale: [1, 1, 1], shift: [0, 0, 0], isOfBytes: input.isBytes }, shape };
  const batch = typeof input.axes[0] === 'number' ? input.axes[0] : undefined;
  const draft = new Draft(graph, input.name, first, batch);
  const logits = withoutSoftmax(graph, graph.source(output.name), draft.notes);
  for (const { value, fragment } of fragmentsOf(graph, logits)) {
    draft.set(value, fragment.build(draft));
    if (draft.layers.length > mostLayers)
      throw refusal(`it has more than ${mostLayers} layers, which is the most that lockstep trains`);
  }
  const last = draft.built(logits);
  const { seen } = draft;
  if (last === undefined || !('layer' in last) || seen === undefined)
    throw refusal(`its output ${JSON.stringify(output.name)} does not depend on its input`);
  if (last.shape.length !== 1 || last.layer !== draft.layers.length - 1)
    throw refusal(
      `its output ${JSON.stringify(output.name)} is batch x ${last.shape.join(' x ')}; expected batch x classes, what the last layer gives`,
    );

  const outputs = last.shape[0]!;
  const normalization =
    'bins' in seen
      ? { mean: [], deviation: [] }
      : normalizationFrom(seen.affine, meaning ?? saidMeaning(said), said.normalization);
  const [, height, width] = shape as [number, number, number];
  const { layers, weights, notes } = layersOf(draft.layers);
  return {
    name: said.name,
    features: featuresOf(),
    layers,
    weights,
    outputs,
    classes: said.classes?.length === outputs ? said.classes : undefined,
    normalization,
    epoch: said.epoch,
    notes: [...draft.notes, ...notes],
  };

  function featuresOf(): ImportedModel['features'] {
    if (isHistogram) return said.features!;
    if ('bins' in seen!) return { type: 'colorHistogram', width, height, bins: seen.bins as 64 };
    type Triple = [number, number, number];
    const fixed = normalization && {
      mean: [...normalization.mean] as Triple,
      deviation: [...normalization.deviation] as Triple,
    };
    return { type: 'pixels', width, height, normalize: fixed ?? 'channels' };
  }
}

/** The graph's fragments, in the order in which they can run: those that the output needs, found from its end. */
function fragmentsOf(graph: Graph, output: string) {
  const needed = new Set([output]);
  const found: { readonly value: string; readonly fragment: Fragment }[] = [];
  for (const node of graph.nodes.toReversed()) {
    const [value, ...others] = node.outputs;
    const other = others.find((each) => each !== '' && needed.has(each));
    if (other !== undefined)
      throw node.refusal(`its output ${JSON.stringify(other)} is read, which lockstep does not have`);
    if (value === undefined || !needed.has(value)) continue;
    const fragment = match(node, graph);
    found.push({ value, fragment });
    for (const read of fragment.reads) needed.add(read);
  }
  return found.reverse();
}

function theOne(what: string, all: readonly ValueInfoProto[]): ValueInfoProto {
  const [first, ...others] = all;
  if (first !== undefined && others.length === 0) return first;
  const names = all.map(({ name }) => JSON.stringify(name)).slice(0, 5);
  throw refusal(
    `it has ${all.length} ${what}s${names.length > 0 ? ` (${names.join(', ')})` : ''}; expected one`,
  );
}

/** Training's loss contains the softmax, and evaluations make it themselves. */
function withoutSoftmax(graph: Graph, output: string, notes: Set<string>): string {
  const last = graph.producer(output);
  if (last?.type !== 'Softmax' && last?.type !== 'LogSoftmax') return output;
  const axis = last.numberOf('axis', graph.opset < 13 ? 1 : -1);
  if (axis !== 1 && axis !== -1) throw last.refusal(`its axis is ${axis}; expected that of the classes, 1`);
  notes.add(
    `${last.label} at the end is left out: it is part of lockstep's loss, and evaluate and predict make it themselves`,
  );
  return last.input;
}

const axesText = (axes: readonly Axis[]) => `[${axes.join(', ')}]`;

function pictureShape({ name, axes }: Signature, wanted: Shape | undefined): Shape {
  const label = `its input ${JSON.stringify(name)} is ${axesText(axes)}`;
  if (axes.length !== 4) throw refusal(`${label}; expected images, [batch, 3, height, width]`);
  const [, channels, height, width] = axes;
  if (axes[3] === 3 && channels !== 3)
    throw refusal(
      `${label}, channels last; lockstep's images are [batch, 3, height, width]: export the model in that layout (NCHW)`,
    );
  const shape = [channels, height, width].map((axis, i) =>
    typeof axis === 'number' ? axis : (wanted?.[i] ?? 0),
  );
  const clash = wanted !== undefined && shape.join() !== wanted.join();
  if (clash) throw refusal(`${label}, and --input says ${wanted.join(',')}`);
  if (shape.includes(0))
    throw refusal(
      `${label}: its size is left open; give the size of the images that it is for, such as --input 3,224,224`,
    );
  if (shape[0] !== 3)
    throw refusal(`${label}: images of ${shape[0]} channels; lockstep's have 3, red, green and blue`);
  return shape;
}

function histogramShape({ name, axes }: Signature, { features }: Said): Shape {
  const values = features?.type === 'colorHistogram' ? 3 * features.bins : undefined;
  if (axes.length === 2 && axes[1] === values && values !== undefined) return [values];
  throw refusal(
    `its input ${JSON.stringify(name)} is ${axesText(axes)}, and not the histogram that its metadata says`,
  );
}

function saidMeaning({ input, normalization }: Said): InputMeaning {
  if (input === 'pixels') return ofRange(255);
  return input === 'normalized' ? normalization : undefined;
}

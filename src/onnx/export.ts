import { create, toBinary } from '@bufbuild/protobuf';
import { resizeFilters } from '../data/images/resample.js';
import { configLayers } from '../graph/network.js';
import type { Shape } from '../graph/shape.js';
import { sampleNode } from '../graph/wiring.js';
import type { TrainedModel } from '../inference/trained-model.js';
import { lockstepVersion } from '../runs/summary.js';
import { GraphBuilder, type Value } from './graph-builder.js';
import { type GraphInput, inputOf, writePreprocessing } from './input.js';
import { LayerWriter, writers } from './operators.js';
import type { InputKind, OnnxOptions } from './options.js';
import { ModelProtoSchema, TensorProto_DataType } from './schema/onnx-ml_pb.js';
import { foldNorms, tensorsOf } from './tensors.js';

/** Of June 2022: what runtimes of the years since read. Its files are of version 8 of the format. */
export const opset = 17;
const irVersion = 8n;

/** What is needed of a model. */
export type ExportedModel = Pick<
  TrainedModel,
  'config' | 'network' | 'weights' | 'classes' | 'format' | 'epoch'
>;

export interface OnnxFile {
  readonly bytes: Uint8Array;
  readonly input: GraphInput;
  /** `logits` or `probabilities`, `[batch, classes]`. */
  readonly output: Value;
  /** Names of the batch norms that were folded, and of those that were not. */
  readonly norms: { readonly folded: readonly string[]; readonly kept: readonly string[] };
}

/**
 * A model as an ONNX file: the same function to rounding, for any number of images at once.
 * @throws UserError (exit code usage) that names a layer that ONNX cannot hold
 */
export function exportOnnx(
  model: ExportedModel,
  { input: kind = 'pixels', softmax = false, fold = false }: OnnxOptions = {},
): OnnxFile {
  const { config, network, format, classes } = model;
  const { features } = config.data;
  const layers = configLayers(config.model.layers, network.input);
  const own = tensorsOf(network, model.weights);
  const { tensors, norms } = fold ? foldNorms(layers, own) : { tensors: own, norms: new Set<string>() };
  const graph = new GraphBuilder();
  const input = inputOf(kind, format, features);
  const sample = kind === 'pixels' ? writePreprocessing(graph, input, format, features) : input.name;

  const values: Value[] = [];
  for (const { config: layer, inputs, number, operator } of layers) {
    const from = inputs.map((from) => (from === sampleNode ? sample : values[from]!));
    // A dash keeps it apart from the names that configs give.
    const name = layer.name || `${layer.type}-${number}`;
    const writer = new LayerWriter(graph, tensors, name, from, operator.input);
    const write = writers[layer.type] as (to: LayerWriter, config: typeof layer) => Value;
    values.push(norms.has(name) ? from[0]! : write(writer, layer));
  }
  const logits = values.at(-1)!;
  const output = softmax ? 'probabilities' : 'logits';
  graph.rename(softmax ? graph.node('Softmax', 'softmax/softmax', [logits], { axis: 1n }) : logits, output);

  const bytes = toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion,
      opsetImport: [{ domain: '', version: BigInt(opset) }],
      producerName: 'lockstep',
      producerVersion: lockstepVersion(),
      metadataProps: Object.entries(metadataOf(model, kind, output)).map(([key, value]) => ({ key, value })),
      graph: {
        name: config.name,
        node: graph.nodes,
        initializer: graph.constants,
        input: [tensor(input.name, input.shape, input.meaning)],
        output: [tensor(output, [classes.length], softmax ? 'of the classes' : 'before the softmax')],
      },
    }),
  );
  const all = layers.flatMap(({ config: { type, name } }) => (type === 'batchNorm' ? [name!] : []));
  return {
    bytes,
    input,
    output,
    norms: { folded: [...norms], kept: all.filter((name) => !norms.has(name)) },
  };
}

/** What a file says of itself besides its graph: text, or JSON. The keys are those of the files of weights where they say the same. */
function metadataOf(
  { config, classes, format, epoch }: ExportedModel,
  input: InputKind,
  output: Value,
): Record<string, string> {
  const { features } = config.data;
  const seen = { pixels: 'normalized', colorHistogram: 'histogram', values: 'values' } as const;
  return {
    name: config.name,
    classes: JSON.stringify(classes),
    input: input === 'normalized' || features.type === 'values' ? seen[features.type] : input,
    output,
    ...(features.type !== 'values' && {
      channels: 'RGB',
      size: JSON.stringify({ height: features.height, width: features.width }),
      resize: JSON.stringify(resizeFilters),
    }),
    features: JSON.stringify(features),
    ...(features.type === 'pixels' && { normalization: JSON.stringify(format.normalization) }),
    ...(epoch !== undefined && { epoch: String(epoch) }),
  };
}

/** A float32 tensor of as many samples as its user wishes. */
const tensor = (name: Value, shape: Shape, docString: string) => ({
  name,
  docString,
  type: {
    value: {
      case: 'tensorType' as const,
      value: {
        elemType: TensorProto_DataType.FLOAT,
        shape: {
          dim: [
            { value: { case: 'dimParam' as const, value: 'batch' } },
            ...shape.map((size) => ({ value: { case: 'dimValue' as const, value: BigInt(size) } })),
          ],
        },
      },
    },
  },
});

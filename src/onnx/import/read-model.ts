import { fromBinary } from '@bufbuild/protobuf';
import { ExitCode, UserError } from '../../errors.js';
import {
  type ModelProto,
  ModelProtoSchema,
  TensorProto_DataType,
  type ValueInfoProto,
} from '../schema/onnx-ml_pb.js';
import { typeName } from './tensor.js';

/** The operator sets that are read: those that PyTorch's exporters of the last years write. */
export const opsets = { least: 11, most: 23 } as const;

/** Nodes of a graph: more is no network of a kind that trains here. */
const mostNodes = 20_000;

/** @throws UserError: exit code data where the bytes are no ONNX model, usage for one that lockstep does not read */
export function readModel(bytes: Uint8Array): { readonly model: ModelProto; readonly opset: number } {
  const refuse = (why: string) => new UserError(why, ExitCode.usage);
  let model: ModelProto;
  try {
    model = fromBinary(ModelProtoSchema, bytes, { readUnknownFields: false });
  } catch (error) {
    throw new UserError('it is no ONNX model, or it is cut short', ExitCode.data, { cause: error });
  }
  const nodes = model.graph?.node.length ?? 0;
  if (model.irVersion === 0n || nodes === 0)
    throw new UserError(
      'it is no ONNX model: expected a graph of nodes, such as torch.onnx.export writes',
      ExitCode.data,
    );
  if (nodes > mostNodes) throw refuse(`its graph has ${nodes} nodes; expected at most ${mostNodes}`);
  if (model.functions.length > 0)
    throw refuse(
      `it has functions of its own, such as ${model.functions[0]!.name}; export it with them inlined (in PyTorch, optimize=True)`,
    );
  const opset = Number(
    model.opsetImport.find(({ domain }) => domain === '' || domain === 'ai.onnx')?.version ?? 0,
  );
  if (opset >= opsets.least && opset <= opsets.most) return { model, opset };
  throw refuse(
    `it is of ONNX's operator set ${opset}; expected ${opsets.least} to ${opsets.most}: export it with opset_version=17`,
  );
}

/** The size of an input's axis: a number, or the name of one that is not fixed. */
export type Axis = number | string;

/** An input or output of a graph: its type and its axes. */
export interface Signature {
  readonly name: string;
  readonly axes: readonly Axis[];
  readonly isBytes: boolean;
}

/** @throws UserError (exit code usage) where it is no tensor of float32 (or bytes), or its axes are not known */
export function signatureOf({ name, type }: ValueInfoProto): Signature {
  const label = `input ${JSON.stringify(name)}`;
  if (type?.value.case !== 'tensorType') throw new UserError(`${label} is no tensor`, ExitCode.usage);
  const { elemType, shape } = type.value.value;
  const isBytes = elemType === TensorProto_DataType.UINT8;
  if (elemType !== TensorProto_DataType.FLOAT && !isBytes)
    throw new UserError(
      `${label} is ${typeName(elemType)}; expected float32: export the model as float32, such as by model.float()`,
      ExitCode.usage,
    );
  const axes = (shape?.dim ?? []).map(({ value }): Axis => {
    if (value.case === 'dimValue') return Number(value.value);
    return value.case === 'dimParam' && value.value !== '' ? value.value : '?';
  });
  return { name, axes, isBytes };
}

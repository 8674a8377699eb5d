import { ExitCode, UserError } from '../../errors.js';
import { type Shape, showShape, sizeOf } from '../../graph/shape.js';
import { type TensorProto, TensorProto_DataLocation, TensorProto_DataType } from '../schema/onnx-ml_pb.js';

/** A tensor whose values are known before the graph runs. */
export type Constant = FloatConstant | IntegerConstant;
export interface FloatConstant {
  readonly type: 'float';
  /** By which the file calls it; '' where it has no name. */
  readonly name: string;
  readonly shape: Shape;
  readonly values: Float32Array;
}
export interface IntegerConstant {
  readonly type: 'integer';
  readonly name: string;
  readonly shape: Shape;
  /** int64 beyond 2^53 are rounded: they stand for "to the end". */
  readonly values: readonly number[];
}

/** Bytes of a file beside the model, by its name. */
export type ExternalFile = (name: string) => Uint8Array;

const typeNames = new Map<number, string>(
  Object.entries(TensorProto_DataType).map(([name, value]) => [value, name.toLowerCase()]),
);
export const typeName = (type: number): string => typeNames.get(type) ?? `type ${type}`;

/** Of a tensor: more than a sample or a layer may have. */
const mostValues = 2 ** 31;

/**
 * @param what names the tensor in messages
 * @throws UserError (exit code usage) for another type than float32 and integers, and for values that are not as many as its shape says
 */
export function constantOf(tensor: TensorProto, what: string, external: ExternalFile): Constant {
  const { name, dataType } = tensor;
  const refuse = (why: string) => new UserError(`${what} ${why}`, ExitCode.usage);
  const shape = tensor.dims.map(Number);
  const size = sizeOf(shape);
  if (!shape.every((side) => Number.isSafeInteger(side) && side >= 0) || !(size <= mostValues))
    throw refuse(`has the shape ${showShape(shape)}, which no tensor can have`);
  const width = widths.get(dataType);
  if (width === undefined)
    throw refuse(
      `is ${typeName(dataType)}; lockstep has float32 alone: export the model as float32, such as by model.float(), and not quantized`,
    );
  const raw = rawOf(tensor, refuse, external);
  const counted = <T extends ArrayLike<unknown>>(values: T): T => {
    if (values.length === size && (raw === undefined || raw.length === size * width)) return values;
    const found = raw === undefined ? `${values.length} values` : `${raw.length} bytes`;
    throw refuse(`holds ${found}, but its shape ${showShape(shape)} needs ${size} values of ${width} bytes`);
  };
  if (dataType === FLOAT) {
    const values = raw === undefined ? Float32Array.from(tensor.floatData) : floatsOf(raw);
    return { type: 'float', name, shape, values: counted(values) };
  }
  const typed = dataType === INT64 ? tensor.int64Data.map(Number) : tensor.int32Data;
  const values = raw === undefined ? typed : integersOf(raw, width);
  return { type: 'integer', name, shape, values: counted(values) };
}

const { FLOAT, INT64, INT32, BOOL, UINT8 } = TensorProto_DataType;
/** Bytes of a value of each type that can be read. */
const widths = new Map<number, 1 | 4 | 8>([
  [FLOAT, 4],
  [INT64, 8],
  [INT32, 4],
  [BOOL, 1],
  [UINT8, 1],
]);

/** Values of files that PyTorch writes: raw little-endian bytes, in the file or in one beside it. undefined where they are in typed fields. */
function rawOf(
  { dataLocation, externalData, rawData, floatData, int32Data, int64Data }: TensorProto,
  refuse: (why: string) => UserError,
  external: ExternalFile,
): Uint8Array | undefined {
  if (dataLocation !== TensorProto_DataLocation.EXTERNAL)
    return rawData.length === 0 && floatData.length + int32Data.length + int64Data.length > 0
      ? undefined
      : rawData;
  const said = new Map(externalData.map(({ key, value }) => [key, value]));
  const location = said.get('location') ?? '';
  // Only what lies beside the model: a name that leads elsewhere would read any file of the user's.
  if (!/^[^/\\\0:]+$/.test(location) || location === '.' || location === '..')
    throw refuse(
      `lies in ${JSON.stringify(location)}; expected the name of a file in the model's own folder`,
    );
  const bytes = external(location);
  const offset = Number(said.get('offset') ?? 0);
  const length = Number(said.get('length') ?? bytes.length - offset);
  if ([offset, length].every((n) => Number.isSafeInteger(n) && n >= 0) && offset + length <= bytes.length)
    return bytes.subarray(offset, offset + length);
  throw refuse(`lies at bytes ${offset} to ${offset + length} of ${location}, which has ${bytes.length}`);
}

function floatsOf(bytes: Uint8Array): Float32Array {
  // A copy: the bytes may begin anywhere in the file, and floats begin at multiples of 4.
  return new Float32Array(new Uint8Array(bytes).buffer, 0, Math.floor(bytes.length / 4));
}

function integersOf(bytes: Uint8Array, width: 1 | 4 | 8): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.length / width) }, (_, i) => {
    if (width === 8) return Number(view.getBigInt64(8 * i, true));
    return width === 4 ? view.getInt32(4 * i, true) : view.getUint8(i);
  });
}

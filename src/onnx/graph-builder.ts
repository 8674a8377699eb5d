import { create } from '@bufbuild/protobuf';
import { ExitCode, UserError } from '../errors.js';
import type { Shape } from '../graph/shape.js';
import { bytesOf } from '../tensors/safetensors.js';
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataType,
  TensorProtoSchema,
} from './schema/onnx-ml_pb.js';

/** Name of a tensor in an ONNX graph. */
export type Value = string;

/** FLOAT for a number, INT for a bigint, INTS for an array. */
export type Attribute = number | bigint | readonly number[];

/** A float32 tensor with its values. */
export interface FloatTensor {
  readonly shape: Shape;
  readonly values: Float32Array;
}

/** The nodes and constants of an ONNX graph in the making. */
export class GraphBuilder {
  readonly nodes: NodeProto[] = [];
  readonly #constants = new Map<Value, TensorProto>();

  get constants(): TensorProto[] {
    return [...this.#constants.values()];
  }

  /**
   * Adds a node of one output.
   * @param name unique among the nodes
   * @returns the output, `NAME.output`: no parameter is called output, so it is nothing else's
   * @throws UserError where a number is out of float32's range, which attributes have
   */
  node(
    type: string,
    name: string,
    inputs: readonly Value[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value {
    const output = `${name}.output`;
    const attribute = Object.entries(attributes).map(([key, value]) => attributeOf(name, key, value));
    this.nodes.push(
      create(NodeProtoSchema, { opType: type, name, input: [...inputs], output: [output], attribute }),
    );
    return output;
  }

  /** The operator that gives a value; undefined of the graph's input. */
  typeOf(value: Value): string | undefined {
    return this.nodes.find(({ output }) => output[0] === value)?.opType;
  }

  /** Adds a constant, float32. */
  floats(name: Value, { shape, values }: FloatTensor): Value {
    return this.#constant(name, TensorProto_DataType.FLOAT, shape, bytesOf(values));
  }

  /** Adds a constant, an int64 vector: a shape, axes, widths. */
  integers(name: Value, values: readonly number[]): Value {
    const data = BigInt64Array.from(values, BigInt);
    return this.#constant(name, TensorProto_DataType.INT64, [values.length], bytesOf(data));
  }

  /** Gives a node's output another name. */
  rename(from: Value, to: Value): void {
    const renamed = (value: Value) => (value === from ? to : value);
    for (const node of this.nodes) {
      node.input = node.input.map(renamed);
      node.output = node.output.map(renamed);
    }
  }

  #constant(name: Value, dataType: TensorProto_DataType, shape: Shape, rawData: Uint8Array): Value {
    const dims = shape.map(BigInt);
    this.#constants.set(
      name,
      create(TensorProtoSchema, { name, dataType, dims, rawData: rawData as Uint8Array<ArrayBuffer> }),
    );
    return name;
  }
}

function attributeOf(node: string, name: string, value: Attribute): AttributeProto {
  const type = AttributeProto_AttributeType;
  if (typeof value === 'bigint') return create(AttributeProtoSchema, { name, type: type.INT, i: value });
  if (typeof value !== 'number')
    return create(AttributeProtoSchema, { name, type: type.INTS, ints: value.map(BigInt) });
  const single = Math.fround(value);
  if (Number.isFinite(single) && (single !== 0 || value === 0))
    return create(AttributeProtoSchema, { name, type: type.FLOAT, f: single });
  throw new UserError(
    `layer ${node} cannot be exported: its ${name} is ${value}, and ONNX keeps it as float32, in which that is ${single}; ` +
      'train it with a number between 1e-38 and 3e38',
    ExitCode.usage,
  );
}

import { ExitCode, UserError } from '../../errors.js';
import { type AttributeProto, AttributeProto_AttributeType, type NodeProto } from '../schema/onnx-ml_pb.js';

/** A node of the file's graph. */
export class Node {
  readonly type: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly name: string;
  /** Among the file's nodes. */
  readonly number: number;
  readonly #attributes: ReadonlyMap<string, AttributeProto>;

  constructor(proto: NodeProto, inputs: readonly string[], number: number) {
    // ai.onnx is another spelling of the operators that all files have.
    const isOwn = proto.domain === '' || proto.domain === 'ai.onnx';
    this.type = isOwn ? proto.opType : `${proto.domain}.${proto.opType}`;
    this.inputs = inputs;
    this.outputs = proto.output;
    this.name = proto.name;
    this.number = number;
    this.#attributes = new Map(proto.attribute.map((attribute) => [attribute.name, attribute]));
  }

  get input(): string {
    return this.inputs[0] ?? '';
  }
  get output(): string {
    return this.outputs[0] ?? '';
  }

  /** In messages: its name, or what it gives where it has none; and its operator. */
  get label(): string {
    return `node ${JSON.stringify(this.name || this.output)} (${this.type})`;
  }

  /** The error that this node cannot be imported. */
  refusal(why: string): UserError {
    return new UserError(`${this.label} cannot be imported: ${why}`, ExitCode.usage);
  }

  has(name: string): boolean {
    return this.#attributes.has(name);
  }
  numberOf(name: string, otherwise: number): number {
    const attribute = this.#attributes.get(name);
    if (attribute === undefined) return otherwise;
    const { FLOAT, INT } = AttributeProto_AttributeType;
    if (attribute.type === FLOAT) return attribute.f;
    if (attribute.type === INT) return Number(attribute.i);
    throw this.refusal(`its ${name} is no number`);
  }
  integers(name: string): readonly number[] | undefined {
    return this.#attributes.get(name)?.ints.map(Number);
  }
  text(name: string, otherwise: string): string {
    const attribute = this.#attributes.get(name);
    return attribute === undefined ? otherwise : Buffer.from(attribute.s).toString('utf8');
  }
  attribute(name: string): AttributeProto | undefined {
    return this.#attributes.get(name);
  }
}

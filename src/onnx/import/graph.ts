import { ExitCode, UserError } from '../../errors.js';
import { type GraphProto, TensorProto_DataType } from '../schema/onnx-ml_pb.js';
import { FoldedConstants } from './folding.js';
import { Node } from './node.js';
import { type Constant, constantOf, type ExternalFile } from './tensor.js';

/** float32's lowest number: a maximum with it changes nothing. */
const lowest = -(2 - 2 ** -23) * 2 ** 127;

/** The file's nodes, in an order in which they can run, with what reads and gives each value. Nodes that change nothing are left out. */
export class Graph {
  readonly nodes: readonly Node[];
  readonly constants: FoldedConstants;
  readonly opset: number;
  readonly #producers = new Map<string, Node>();
  readonly #readers = new Map<string, Node[]>();
  /** Of what a node gives that changes nothing, what it reads. */
  readonly #same = new Map<string, string>();

  /** @throws UserError (exit code usage) where the nodes are no graph */
  constructor(graph: GraphProto, opset: number, inputs: readonly string[], external: ExternalFile) {
    this.opset = opset;
    const refuse = (why: string) => new UserError(why, ExitCode.usage);
    if (graph.sparseInitializer.length > 0)
      throw refuse('the graph has sparse tensors, which lockstep has not');
    const given = new Map<string, Constant>();
    const known = new Set(['', ...inputs]);
    for (const tensor of graph.initializer) {
      const read = () => constantOf(tensor, `tensor ${JSON.stringify(tensor.name)}`, external);
      given.set(tensor.name, read());
      known.add(tensor.name);
    }
    this.constants = new FoldedConstants(given, external);
    const nodes: Node[] = [];
    for (const [number, proto] of graph.node.entries()) {
      const node = new Node(
        proto,
        proto.input.map((value) => this.source(value)),
        number,
      );
      for (const value of proto.input)
        if (!known.has(value))
          throw node.refusal(
            `it reads ${JSON.stringify(value)}, which no input, tensor or node before it gives`,
          );
      for (const value of node.outputs) {
        if (value === '') continue;
        if (known.has(value)) throw node.refusal(`${JSON.stringify(value)} is given twice`);
        known.add(value);
      }
      if (this.constants.fold(node)) continue;
      if (this.#changesNothing(node)) {
        this.#same.set(node.output, node.input);
        continue;
      }
      nodes.push(node);
      for (const value of node.outputs) if (value !== '') this.#producers.set(value, node);
      for (const value of new Set(node.inputs)) {
        const readers = this.#readers.get(value);
        if (readers === undefined) this.#readers.set(value, [node]);
        else readers.push(node);
      }
    }
    this.nodes = nodes;
  }

  /** The value that a name stands for: of what a node gives that changes nothing, what it reads. */
  source(value: string): string {
    return this.#same.get(value) ?? value;
  }

  /** The node that gives a value; undefined of the graph's input and of constants. @param type if it is of this operator */
  producer(value: string, type?: string): Node | undefined {
    const node = this.#producers.get(value);
    return node === undefined || (type !== undefined && node.type !== type) || node.output !== value
      ? undefined
      : node;
  }

  /** The nodes that read a value. */
  readers(value: string): readonly Node[] {
    return this.#readers.get(value) ?? [];
  }

  constant(value: string): Constant | undefined {
    return this.constants.get(value);
  }

  /** The value of a constant of one element. */
  scalar(value: string): number | undefined {
    const constant = this.constant(value);
    return constant?.values.length === 1 ? constant.values[0] : undefined;
  }

  #changesNothing(node: Node): boolean {
    switch (node.type) {
      case 'Identity':
      case 'CastLike':
        return true;
      case 'Cast':
        // All that is computed is float32; only a constant or the input is anything else.
        return node.numberOf('to', 0) === TensorProto_DataType.FLOAT;
      case 'LeakyRelu':
        return node.numberOf('alpha', 0.01) === 1;
      case 'Max':
        return node.inputs.length === 2 && (this.scalar(node.inputs[1]!) ?? 0) <= lowest;
      default:
        return false;
    }
  }
}

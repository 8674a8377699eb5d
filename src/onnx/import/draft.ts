import type { LayerType } from '../../config/schema.js';
import { ExitCode, UserError } from '../../errors.js';
import type { Shape } from '../../graph/shape.js';
import { sampleNode } from '../../graph/wiring.js';
import type { FloatTensor } from '../graph-builder.js';
import type { Graph } from './graph.js';
import type { Node } from './node.js';
import { type Size, sizesOf } from './sizes.js';

/** What pixels become before the first layer, channel by channel: x * scale + shift. */
export interface Affine {
  readonly scale: readonly number[];
  readonly shift: readonly number[];
  /** Whether x is known to be from 0 to 255. */
  readonly isOfBytes: boolean;
}

/** What a value of the graph is here: what a layer gives, or the input with what is done to its pixels. Shapes are ONNX's, without the batch. */
export type Built =
  | { readonly layer: number; readonly shape: Shape }
  | { readonly affine: Affine; readonly shape: Shape }
  | { readonly bins: number; readonly shape: Shape };

/** What a layer reads. */
export interface Read {
  readonly layer: number;
  readonly shape: Shape;
}

/** A layer of the network in the making. */
export interface DraftLayer {
  readonly type: LayerType;
  /** Its keys in a config, but for name, inputs and bias. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly inputs: readonly number[];
  /** Of a layer with parameters: what the file calls it, if it does. */
  readonly wanted: string | undefined;
  /** By their part of the name: weight, bias, running_mean, running_var. */
  readonly tensors: Readonly<Record<string, FloatTensor>>;
}

/** A part of the graph that is one layer or a few: a node, and the nodes before it that belong to it. */
export interface Fragment {
  /** Values that it reads. */
  readonly reads: readonly string[];
  build(draft: Draft): Built;
}

/** Recognizes what a node is the last one of; undefined where it is something else. @throws UserError where it is known, and cannot be had */
export type Matcher = (node: Node, graph: Graph) => Fragment | undefined;

/** What the network sees of the sample: its pixels with a normalization, or its histogram. */
export type Seen = { readonly affine: Affine } | { readonly bins: number };

/** The network as it is made of fragments, in the order in which they run. */
export class Draft {
  readonly graph: Graph;
  readonly layers: DraftLayer[] = [];
  /** Decisions that the user should know of, a sentence each. */
  readonly notes = new Set<string>();
  /** Of the input, if the file fixes it: exporters then write it into shapes. */
  readonly #batch: number | undefined;
  readonly #values = new Map<string, Built>();
  #seen: Seen | undefined;

  constructor(graph: Graph, input: string, built: Built, batch: number | undefined) {
    this.graph = graph;
    this.#batch = batch;
    this.#values.set(input, built);
  }

  get seen(): Seen | undefined {
    return this.#seen;
  }

  set(value: string, built: Built): void {
    this.#values.set(value, built);
  }

  /** What a value is; undefined of one that belongs to a fragment's inside. */
  built(value: string): Built | undefined {
    return this.#values.get(value);
  }

  /** The layer that gives a value, the sample included: from then on what is done to its pixels is what the network sees. */
  read(node: Node, value: string): Read {
    const built = this.#values.get(value);
    if (built === undefined)
      throw node.refusal(
        `${JSON.stringify(value)} is no float32 tensor of the graph's input that is known here`,
      );
    if ('layer' in built) return built;
    const { shape, ...seen } = built;
    if (this.#seen !== undefined && JSON.stringify(this.#seen) !== JSON.stringify(seen))
      throw node.refusal('it reads the input after other arithmetic on its pixels than layers before it do');
    this.#seen = seen;
    return { layer: sampleNode, shape };
  }

  /** As `read`, of `[channels, height, width]`. */
  readPicture(node: Node, value: string): Read & { readonly shape: readonly [number, number, number] } {
    const read = this.read(node, value);
    if (read.shape.length === 3) return read as Read & { shape: [number, number, number] };
    throw node.refusal(
      `it needs an input of batch x channels x height x width, and gets batch x ${read.shape.join(' x ')}`,
    );
  }

  /** Adds a layer; returns what it gives. */
  put(layer: Omit<DraftLayer, 'wanted' | 'tensors'> & Partial<DraftLayer>, shape: Shape): Read {
    this.layers.push({ wanted: undefined, tensors: {}, ...layer });
    return { layer: this.layers.length - 1, shape };
  }

  /** The whole numbers of a shape in the graph, whose batch may be a number that is not known; undefined of others. */
  sizes(value: string): readonly Size[] | undefined {
    return sizesOf(this.graph, value, (of) => this.#values.get(of)?.shape);
  }

  /** Whether the first number of a shape stands for the batch, as it is. */
  isBatch(size: Size | undefined, position: number): boolean {
    return size === 'batch' || (size === 0 && position === 0) || (size !== undefined && size === this.#batch);
  }
}

/** The error that a whole graph cannot be imported. */
export const refusal = (why: string): UserError => new UserError(why, ExitCode.usage);

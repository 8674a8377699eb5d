import { Arena } from '../compile/arena.js';
import { layOut } from '../compile/placement.js';
import { compileProgram } from '../compile/program.js';
import type { LossConfig } from '../config/schema.js';
import { bytesOfSample, meanColour, type SampleFormat } from '../data/dataset.js';
import type { CustomCode } from '../graph/custom-code.js';
import { foldNorms } from '../graph/fold.js';
import type { Network } from '../graph/network.js';
import {
  type CompiledKernels,
  groupBytes,
  instantiateKernels,
  type Kernels,
  lanes,
} from '../kernels/kernels.js';
import { createSharedMemory } from '../platform/memory.js';
import type { Weights } from '../runs/weights.js';
import { BoundProgram } from '../runtime/bound-program.js';
import { CustomLoss } from '../runtime/custom-loss.js';
import { bindSamples } from '../runtime/sample-values.js';
import { type ImageView, viewsOf } from './views.js';

/** Extra bytes: the kernels read a little beyond the last sample. */
const spare = 64;

/** A sample's most probable classes, the most probable first: arrays of `[count]`, or of all classes where there are fewer. */
export interface Likeliest {
  readonly labels: Int32Array;
  readonly probabilities: Float32Array;
}

/** Runs a network on 8 samples at a time, on the calling thread and in its own memory. Gives the same bits as an evaluation. */
export class Classifier {
  readonly network: Network;
  readonly #kernels: Kernels;
  readonly #buffer: SharedArrayBuffer;
  readonly #bound: BoundProgram;
  readonly #gather: readonly (() => void)[];
  readonly #views: readonly ImageView[];
  /** Where there are several views: `writeView` brings one of all lanes to where `#gather` finds it, and the logits are added up. */
  readonly #writeView: (view: ImageView) => void;
  readonly #sums: Float64Array;
  readonly #samples: readonly Uint8Array[];
  readonly #parameters: number;
  readonly #state: number;
  readonly #logits: number;
  /** Address of the loss's gradient. */
  readonly #gradient: number;
  readonly #labels: Int32Array;
  readonly #losses: Float32Array;
  readonly #classesBefore: Int32Array;
  readonly #customLoss: CustomLoss | undefined;

  /**
   * @param views those whose mean the logits are; by default the sample as it is
   * @param own what own operators need, and the loss by which `judge` judges; by default cross entropy
   */
  constructor(
    network: Network,
    format: SampleFormat,
    compiled: CompiledKernels,
    views: readonly ImageView[] = viewsOf('none', format),
    own: { readonly code?: CustomCode; readonly loss?: LossConfig } = {},
  ) {
    const arena = new Arena();
    const sampleBytes = bytesOfSample(format);
    const program = compileProgram(network);
    const evaluated = foldNorms(network);
    const layout = layOut(evaluated, program.evaluation);
    const placement = layout.at(arena.take(layout.workerBytes), 0);
    const parameters = arena.take(network.bufferLength * 4);
    const state = arena.take(network.stateLength * 4);
    const folded = arena.take(network.bufferLength * 4);
    const tables = network.nodes.map((layer) => layer.tables.map((table) => arena.take(table.byteLength)));
    const addresses = arena.take(lanes * 4);
    const samples = Array.from({ length: lanes }, () => arena.take(sampleBytes + spare));
    const [labels, losses, classesBefore] = [
      arena.take(groupBytes),
      arena.take(groupBytes),
      arena.take(groupBytes),
    ];
    const isViewed = views.length > 1;
    const seen = isViewed ? samples.map(() => arena.take(sampleBytes + spare)) : samples;
    const [mask, fills] = [arena.take(isViewed ? format.sampleShape[2]! + spare : 0), arena.take(spare)];
    const memory = createSharedMemory(arena.size);
    this.network = network;
    this.#kernels = instantiateKernels(compiled, memory);
    this.#buffer = memory.buffer;
    this.#parameters = parameters;
    this.#state = state;
    const words = new Uint32Array(this.#buffer);
    words.set(seen, addresses / 4);
    for (const [i, layer] of network.nodes.entries()) {
      for (const [j, table] of layer.tables.entries()) words.set(table, tables[i]![j]! / 4);
    }
    this.#samples = samples.map((address) => new Uint8Array(this.#buffer, address, sampleBytes));
    this.#gather = bindSamples(this.#kernels, format, addresses, placement.input);
    const context = {
      training: false,
      seed: 0,
      epoch: 0,
      samples: new Int32Array(lanes),
      count: lanes,
      batchSamples: 0,
      code: own.code,
    };
    this.#customLoss = own.loss && CustomLoss.of(own.loss, network.classes, own.code);
    const shared = { parameters, folded, state, tables };
    this.#bound = new BoundProgram(
      evaluated,
      program,
      program.evaluation,
      this.#kernels,
      placement,
      shared,
      context,
      words,
    );
    this.#views = views;
    this.#sums = new Float64Array(network.classes * lanes);
    const [channels, height, width] = format.sampleShape as [number, number, number];
    this.#writeView = ({ down, right, mirrored }) => {
      for (const [lane, to] of seen.entries()) {
        const size = [channels, height, width, down, right, mirrored ? 1 : 0, 0, 0] as const;
        this.#kernels.reframeBytes(samples[lane]!, to, ...size, mask, fills);
      }
    };
    // What lies outside has the mean colour, as in a random crop.
    if (isViewed) new Uint8Array(this.#buffer).set(meanColour(format), fills);
    this.#logits = placement.outputs.at(-1)!;
    this.#gradient = placement.outputGradients.at(-1)!;
    this.#labels = new Int32Array(this.#buffer, labels, lanes);
    this.#losses = new Float32Array(this.#buffer, losses, lanes);
    this.#classesBefore = new Int32Array(this.#buffer, classesBefore, lanes);
  }

  /** Sets the values of the network's `weights`, in its order. */
  setWeights(weights: Weights): void {
    for (const [i, { kind, offset, size }] of this.network.weights.entries()) {
      const from = kind === 'parameter' ? this.#parameters : this.#state;
      new Float32Array(this.#buffer, from + offset * 4, size).set(weights[i]!);
    }
    this.#bound.fold();
    this.#bound.prepare(true);
  }

  /** The memory of a lane's sample, to be filled with bytes as `SampleFormat` describes them. Unused lanes may keep old samples. */
  sample(lane: number): Uint8Array {
    return this.#samples[lane]!;
  }

  /** Computes the samples' logits. With several views: their weighted mean, summed in float64 in the views' order. */
  run(): void {
    if (this.#views.length === 1) {
      this.#runOnce();
      return;
    }
    const sums = this.#sums.fill(0);
    const logits = new Float32Array(this.#buffer, this.#logits, sums.length);
    for (const view of this.#views) {
      this.#writeView(view);
      this.#runOnce();
      for (let i = 0; i < sums.length; i++) sums[i]! += view.weight * logits[i]!;
    }
    logits.set(sums);
  }

  #runOnce(): void {
    for (const call of this.#gather) call();
    for (const operator of this.#bound.stages[0]!.forward) operator.forward();
  }

  /** After `run`: the logits, `[classes]` for each of the first `samples` lanes. */
  logits(samples: number): Float32Array[] {
    const { classes } = this.network;
    return byLane(new Float32Array(this.#buffer, this.#logits, classes * lanes), samples, classes);
  }

  /** After `run`: the class probabilities (softmax of the logits), `[classes]` for each of the first `samples` lanes. */
  probabilities(samples: number): Float32Array[] {
    return byLane(this.#softmax(samples), samples, this.network.classes);
  }

  /**
   * After `run`: each lane's loss (cross entropy in nats, or an own loss), and how many classes come before its label (0 is a top-1 hit). Both are views of
   * `[8]`; elements from `labels.length` on are meaningless.
   */
  judge(labels: Int32Array): { readonly losses: Float32Array; readonly classesBefore: Int32Array } {
    this.#labels.set(labels);
    this.#loss(labels.length);
    this.#ownLoss(labels);
    return { losses: this.#losses, classesBefore: this.#classesBefore };
  }

  /** An own loss in place of the cross entropy. */
  #ownLoss(labels: Int32Array): void {
    const loss = this.#customLoss;
    if (loss === undefined) return;
    const values = this.network.classes * lanes;
    const [logits, gradient] = [this.#logits, this.#gradient].map(
      (at) => new Float32Array(this.#buffer, at, values),
    );
    for (const [lane, label] of labels.entries())
      this.#losses[lane] = loss.lane(lane, logits!, [{ label, factor: 1 }], gradient!, false);
  }

  /** After `run`: for each of the first `samples` lanes, the `count` classes with the largest logits. Equal logits keep label order. */
  likeliest(samples: number, count: number): Likeliest[] {
    const { classes } = this.network;
    const probabilities = this.#softmax(samples);
    const logits = new Float32Array(this.#buffer, this.#logits, classes * lanes);
    return Array.from({ length: samples }, (_, lane) => {
      // Ordered by logit: different logits may have equal exponentials.
      const labels = largest(logits, lane, classes, count);
      return {
        labels,
        probabilities: Float32Array.from(labels, (label) => probabilities[label * lanes + lane]!),
      };
    });
  }

  /** Probabilities in lane groups, `[classes][8]`: a view. */
  #softmax(samples: number): Float32Array {
    // The gradient of the cross entropy is p - 1 at the label and p elsewhere. No class is -1, so it is p everywhere.
    this.#labels.fill(-1);
    this.#loss(samples);
    return new Float32Array(this.#buffer, this.#gradient, this.network.classes * lanes);
  }

  #loss(samples: number): void {
    const { classes } = this.network;
    this.#kernels.crossEntropy(
      this.#logits,
      this.#labels.byteOffset,
      0,
      0,
      samples,
      classes,
      this.#gradient,
      this.#losses.byteOffset,
      this.#classesBefore.byteOffset,
    );
  }
}

/** From lane groups, `[classes][8]`, to `[classes]` of each lane. */
const byLane = (groups: Float32Array, samples: number, classes: number): Float32Array[] =>
  Array.from({ length: samples }, (_, lane) =>
    Float32Array.from({ length: classes }, (_, label) => groups[label * lanes + lane]!),
  );

/** The classes of a lane's `count` largest logits. */
function largest(logits: Float32Array, lane: number, classes: number, count: number): Int32Array {
  const best = new Int32Array(Math.min(count, classes));
  const logitOf = (label: number) => logits[label * lanes + lane]!;
  for (let label = 0; label < classes; label++) {
    const logit = logitOf(label);
    let place = Math.min(label, best.length);
    while (place > 0 && logit > logitOf(best[place - 1]!)) {
      if (place < best.length) best[place] = best[place - 1]!;
      place--;
    }
    if (place < best.length) best[place] = label;
  }
  return best;
}

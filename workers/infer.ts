import { workerData } from 'node:worker_threads';
import { bytesOfSample } from '#lockstep/data/dataset.js';
import { areValues, type ImageFeatures } from '#lockstep/data/features.js';
import { Budget } from '#lockstep/data/images/budget.js';
import { decodeFile, decodeImage, decodePixels } from '#lockstep/data/images/decode.js';
import { NoImage } from '#lockstep/data/images/open-image.js';
import { refusalOf } from '#lockstep/data/images/reasons.js';
import { toSample } from '#lockstep/data/images/sample.js';
import { loadSharp } from '#lockstep/data/images/sharp.js';
import { checksumOf } from '#lockstep/data/packed/checksums.js';
import { forEachQueued } from '#lockstep/data/queue.js';
import { readFully } from '#lockstep/files/transfer.js';
import { loadCode } from '#lockstep/graph/custom-loading.js';
import { buildNetwork } from '#lockstep/graph/network.js';
import { Classifier } from '#lockstep/inference/classifier.js';
import type { SentImage } from '#lockstep/inference/sent-image.js';
import type {
  BadImage,
  ClassifyResult,
  ClassifyTask,
  InferenceSetup,
  JudgeResult,
  JudgeTask,
} from '#lockstep/inference/tasks.js';
import { lanes } from '#lockstep/kernels/kernels.js';
import { answering } from '#lockstep/platform/answer.js';
import { importModule } from '#lockstep/platform/node-modules.js';
import { bytesOf } from '#lockstep/tensors/safetensors.js';

/** A thread of the inference pool. It has its own copy of the model. */
const { kernels, layers, loss, format, weights, data, views } = workerData as InferenceSetup;
const sampleBytes = bytesOfSample(format);

let classifierOfThread: Promise<Classifier> | undefined;

/** This thread's classifier. Made in the first task, so that an error becomes the task's answer. */
function theClassifier(): Promise<Classifier> {
  classifierOfThread ??= makeClassifier();
  return classifierOfThread;
}

async function makeClassifier(): Promise<Classifier> {
  const network = buildNetwork(layers, format.sampleShape);
  const code = await loadCode({ model: { layers }, loss }, importModule);
  const classifier = new Classifier(network, format, kernels, views, { code, loss });
  classifier.setWeights(weights);
  return classifier;
}

/** Images of a task that sharp decodes at once, so that libuv's threads always have work. */
const atOnce = 4;

/** This thread's memory for decoding. */
const budget = new Budget();

/** Runs the model on packed samples, and computes their losses and ranks. */
export const judge = answering(
  async ({ file, position, labels, checksums }: JudgeTask): Promise<JudgeResult> => {
    const classifier = await theClassifier();
    const count = labels.length;
    const predicted = new Int32Array(count);
    const confidence = new Float32Array(count);
    const losses = new Float32Array(count);
    const classesBefore = new Int32Array(count);
    for (let first = 0; first < count; first += lanes) {
      const group = labels.subarray(first, first + lanes);
      for (let lane = 0; lane < group.length; lane++) {
        const sample = classifier.sample(lane);
        const index = first + lane;
        try {
          if (!readFully(file, sample, position + index * sampleBytes)) return { damaged: index };
        } catch (error) {
          return { unreadable: (error as Error).message };
        }
        if (checksumOf(sample) !== checksums[index]) return { damaged: index };
      }
      classifier.run();
      for (const [lane, { labels, probabilities }] of classifier.likeliest(group.length, 1).entries()) {
        predicted[first + lane] = labels[0]!;
        confidence[first + lane] = probabilities[0]!;
      }
      const judged = classifier.judge(group);
      losses.set(judged.losses.subarray(0, group.length), first);
      classesBefore.set(judged.classesBefore.subarray(0, group.length), first);
    }
    return { predicted, confidence, losses, classesBefore };
  },
);

/** An image as the network sees it. */
async function sampleOf(image: SentImage, alone: boolean): Promise<Uint8Array> {
  const { features } = data;
  if (image.type === 'values' || areValues(features)) return bytesOf((image as SentValues).values);
  return toSample(await decode(image, features, alone), features);
}

type SentValues = Extract<SentImage, { type: 'values' }>;

/** RGB of an image at the size that the network sees. */
async function decode(
  image: Exclude<SentImage, SentValues>,
  { width, height }: ImageFeatures,
  alone: boolean,
): Promise<Uint8Array> {
  if (image.type === 'pixels') return decodePixels(image, width, height, data);
  const limit = alone ? undefined : budget;
  const decoded =
    image.type === 'file'
      ? decodeImage({ file: image.file }, { type: 'file' }, width, height, data, limit)
      : decodeFile(Buffer.from(image.bytes.buffer), width, height, data, limit);
  return (await decoded).rgb;
}

/** The most probable classes of images. */
export const classify = answering(
  async ({ images, alone, top, ...wanted }: ClassifyTask): Promise<ClassifyResult> => {
    const classifier = await theClassifier();
    if (!areValues(data.features)) loadSharp(); // fails here, so that a missing sharp is not reported as bad images
    const samples = new Array<Uint8Array | undefined>(images.length);
    const bad: BadImage[] = [];
    await forEachQueued(images, atOnce, async (image, index) => {
      try {
        samples[index] = await sampleOf(image, alone);
      } catch (error) {
        bad.push({ index, ...refusalOf(error), final: alone || error instanceof NoImage });
      }
    });
    const { classes } = classifier.network;
    const count = Math.min(top, classes);
    const labels = new Int32Array(images.length * count);
    const probabilities = new Float32Array(images.length * count);
    const logits = new Float32Array(wanted.logits ? images.length * classes : 0);
    for (let first = 0; first < images.length; first += lanes) {
      const group = samples.slice(first, first + lanes);
      // A bad image's lane keeps the bytes of an earlier image.
      for (const [lane, sample] of group.entries())
        if (sample !== undefined) classifier.sample(lane).set(sample);
      classifier.run();
      for (const [lane, likeliest] of classifier.likeliest(group.length, count).entries()) {
        labels.set(likeliest.labels, (first + lane) * count);
        probabilities.set(likeliest.probabilities, (first + lane) * count);
      }
      if (!wanted.logits) continue;
      for (const [lane, values] of classifier.logits(group.length).entries())
        logits.set(values, (first + lane) * classes);
    }
    return { labels, probabilities, bad, ...(wanted.logits && { logits }) };
  },
);

/** Makes this thread ready: the first image then takes as long as any other. */
export const warm = answering(async () => {
  (await theClassifier()).run();
  if (!areValues(data.features)) loadSharp();
});

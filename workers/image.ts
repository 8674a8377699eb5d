import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sampleBytes } from '#lockstep/data/features.js';
import { Budget } from '#lockstep/data/images/budget.js';
import type {
  BadOfTask,
  DecodeResult,
  DecodeTask,
  DrawTask,
  StoredSample,
} from '#lockstep/data/images/image-tasks.js';
import { refusalOf } from '#lockstep/data/images/reasons.js';
import { makeSample } from '#lockstep/data/images/sample.js';
import { loadSharp, sharp } from '#lockstep/data/images/sharp.js';
import { lookAt } from '#lockstep/data/inspect/look.js';
import type { InspectResult, InspectTask, Look } from '#lockstep/data/inspect/tasks.js';
import { checksumOf } from '#lockstep/data/packed/checksums.js';
import { addPixels, noSums } from '#lockstep/data/pixel-sums.js';
import { forEachQueued } from '#lockstep/data/queue.js';
import { drawPicture, pictureSize } from '#lockstep/data/synthetic/shapes.js';
import { readFully, writeFully } from '#lockstep/files/transfer.js';
import { answering } from '#lockstep/platform/answer.js';

/** The functions of a thread of the image pool. */

/**
 * Images of a task that sharp decodes at once, so that libuv's threads always have work while this thread handles a result. With 2, a
 * tenth of the speed is lost.
 */
const atOnce = 4;

/** This thread's memory for decoding. */
const budget = new Budget();

/** Makes the samples of a task's images, and writes them into the task's file. A bad image's sample is meaningless. */
export const decode = answering(async (task: DecodeTask): Promise<DecodeResult> => {
  const { images, reusable, encoding, alone, features, limits } = task;
  if (encoding.type === 'file') loadSharp(); // fails here, so that a missing sharp is not reported as bad images
  const bytes = sampleBytes(features);
  const chunk = new Uint8Array(images.length * bytes);
  const checksums = new Uint32Array(images.length);
  const remarksOf = new Uint8Array(images.length);
  const sums = noSums();
  const bad: BadOfTask[] = [];
  let reused = 0;
  await forEachQueued(images, atOnce, async (image, index) => {
    const sample = chunk.subarray(index * bytes, (index + 1) * bytes);
    try {
      const stored = reusable[index];
      if (stored !== undefined && readStored(stored, sample)) {
        remarksOf[index] = stored.remarks;
        reused++;
      } else {
        const made = await makeSample(image, encoding, features, limits, alone ? undefined : budget);
        sample.set(made.bytes);
        remarksOf[index] = made.remarks;
      }
    } catch (error) {
      bad.push({ index, ...refusalOf(error) });
      return;
    }
    checksums[index] = checksumOf(sample);
    if (features.type === 'pixels') addPixels(sums, sample);
  });
  const inPlace = ({ file, position }: StoredSample, index: number) =>
    file === task.rows && position === task.position + index * bytes;
  const untouched = reused === images.length && reusable.every((stored, index) => inPlace(stored!, index));
  if (!untouched) writeFully(task.rows, chunk, task.position);
  return { bad, checksums, remarks: remarksOf, reused, untouched, sums };
});

/** Reads a stored sample into `into`. Returns whether its checksum matches. */
function readStored(stored: StoredSample, into: Uint8Array): boolean {
  try {
    return readFully(stored.file, into, stored.position) && checksumOf(into) === stored.checksum;
  } catch {
    return false;
  }
}

/** Draws a task's pictures and writes them as JPEG files. */
export const draw = answering(async (task: DrawTask): Promise<void> => {
  await forEachQueued(task.pictures, atOnce, async ({ path, label, index }) => {
    const raw = { width: pictureSize, height: pictureSize, channels: 3 } as const;
    const jpeg = sharp(drawPicture(task.seed, label, index), { raw }).jpeg({ quality: 90 });
    writeFileSync(join(task.folder, path), await jpeg.toBuffer());
  });
});

/** Inspects each of a task's images. */
export const inspect = answering(
  async ({ images, encoding, alone, limits }: InspectTask): Promise<InspectResult> => {
    if (encoding.type === 'file') loadSharp();
    const looks = new Array<Look>(images.length);
    const sums = noSums();
    await forEachQueued(images, atOnce, async (image, index) => {
      looks[index] = await lookAt(image, encoding, limits, sums, alone ? undefined : budget);
    });
    return { looks, sums };
  },
);

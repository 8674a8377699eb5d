import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { decodeImage, reasonOf, toSample } from '#lockstep/data/decode.js';
import { sampleBytes } from '#lockstep/data/features.js';
import { type DecodeResult, type DecodeTask, type DrawTask, noSums } from '#lockstep/data/image-tasks.js';
import { lookAt } from '#lockstep/data/inspect/look.js';
import type { InspectResult, InspectTask, Look } from '#lockstep/data/inspect/tasks.js';
import { forEachQueued } from '#lockstep/data/queue.js';
import { drawPicture, pictureSize } from '#lockstep/data/shapes.js';
import { writeFully } from '#lockstep/files/transfer.js';

/** A thread of the image pool. The pool has a thread per core, so sharp needs none of its own within an image. */
sharp.concurrency(1);
sharp.cache(false);

/** Images of a task in sharp at once: one is decoded in libuv's pool while this thread handles the other. */
const atOnce = 2;

/** Decodes a task's images into its rows. A bad image's row is left as it is. */
export async function decode(task: DecodeTask): Promise<DecodeResult> {
  const { images, encoding, features, maxPixels } = task;
  const bytes = sampleBytes(features);
  const chunk = new Uint8Array(images.length * bytes);
  const sums = noSums();
  const bad: { index: number; reason: string }[] = [];
  await forEachQueued(images, atOnce, async (image, index) => {
    try {
      const rgb = await decodeImage(image, encoding, features.width, features.height, maxPixels);
      chunk.set(toSample(rgb, features, sums), index * bytes);
    } catch (error) {
      bad.push({ index, reason: reasonOf(error) });
    }
  });
  writeFully(task.rows, chunk, task.position);
  return { bad, sums };
}

/** Draws a task's pictures and writes them as JPEG files. */
export async function draw(task: DrawTask): Promise<void> {
  await forEachQueued(task.pictures, atOnce, async ({ path, label, index }) => {
    const raw = { width: pictureSize, height: pictureSize, channels: 3 } as const;
    const jpeg = sharp(drawPicture(task.seed, label, index), { raw }).jpeg({ quality: 90 });
    writeFileSync(join(task.folder, path), await jpeg.toBuffer());
  });
}

/** Finds out what each of a task's images is. */
export async function inspect({ images, encoding, maxPixels }: InspectTask): Promise<InspectResult> {
  const looks = new Array<Look>(images.length);
  const sums = noSums();
  await forEachQueued(images, atOnce, async (image, index) => {
    looks[index] = await lookAt(image, encoding, maxPixels, sums);
  });
  return { looks, sums };
}

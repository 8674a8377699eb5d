import { dataError } from '../faults.js';
import type { ImageLimits } from '../images/decode.js';
import { openImagePool } from '../images/image-pool.js';
import { inChunks } from '../images/in-chunks.js';
import { requireMachine } from '../images/reasons.js';
import type { Source } from '../source.js';
import { AllImages } from './all-images.js';
import { Findings } from './findings.js';

export interface InspectOptions {
  readonly threads: number;
  /** Images beyond these limits count as broken. */
  readonly limits: ImageLimits;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Decodes every image of the source once, at full size. The result does not depend on `threads`. Broken images are findings, not errors.
 * @throws UserError (exit code data) where the source holds no images, (environment) where the machine fails while it reads one
 */
export async function inspectSource(source: Source, options: InspectOptions): Promise<Findings> {
  const { threads, limits, onProgress } = options;
  const { encoding } = source;
  if (encoding.type === 'values') {
    throw dataError(
      `${source.dir}: holds values, float32 [${encoding.shape.join(', ')}] a sample, and no images to look at; train and evaluate take it.`,
    );
  }
  const images = new AllImages(source);
  const findings = new Findings(images);
  const pool = openImagePool(threads, true);
  let done = 0;
  try {
    // Two tasks per thread, so that no thread waits for its next task.
    await inChunks(source, 2 * threads, async ({ split, first, count }, alone) => {
      const { bytesOf, nameOf } = source.splits[split];
      const ranges = Array.from({ length: count }, (_, i) => bytesOf(first + i));
      const result = await pool.inspect({ images: ranges, encoding, alone, limits });
      const place = { split, index: first };
      findings.add(place, result);
      const failed = [...result.looks.entries()].flatMap(([i, look]) =>
        'reason' in look ? [{ i, look }] : [],
      );
      for (const { i, look } of failed) {
        requireMachine(look, () => `${source.dir}/${nameOf(first + i)}`);
        if (alone) findings.addBroken(place, look.reason);
      }
      if (!alone) {
        done += count;
        onProgress?.(done, images.count);
      }
      return failed.map(({ i }) => i);
    });
  } finally {
    await pool.close();
  }
  return findings;
}

import type { MemoryPlan } from '../compile/memory-plan.js';
import type { ClassIndex } from '../data/sampler.js';

/** The training samples by class, in the shared memory; undefined where no sampler wants it. */
export function classIndex(buffer: SharedArrayBuffer, { byClass }: MemoryPlan): ClassIndex | undefined {
  if (byClass === undefined) return undefined;
  const starts = new Int32Array(buffer, byClass.starts, byClass.classes + 1);
  return { starts, samples: new Int32Array(buffer, byClass.samples, byClass.count) };
}

/** Fill it in, from the samples' labels. */
export function fillClassIndex({ samples, starts }: ClassIndex, labels: Int32Array): void {
  starts.fill(0);
  for (const label of labels) starts[label + 1]!++;
  for (let label = 1; label < starts.length; label++) starts[label]! += starts[label - 1]!;
  const next = starts.slice();
  for (const [index, label] of labels.entries()) samples[next[label]!++] = index;
}

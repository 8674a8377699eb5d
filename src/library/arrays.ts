import { argumentError, isObject } from './argument-error.js';
import type { ArraysInput, ArraysOptions, IterableOptions, LabelledImages } from './arrays/input.js';
import type { Dataset } from './dataset.js';

/**
 * A dataset from arrays. It is written once, into a folder named by its content, so that a run can be resumed, evaluated and verified from its
 * config; the same arrays find it again.
 * @throws UserError (mostly of code `data`) that says what is wrong with the arrays, and where (`path`)
 */
export async function fromArrays(arrays: ArraysInput, options: ArraysOptions = {}): Promise<Dataset> {
  if (!isObject(arrays)) throw argumentError('fromArrays', '{ images, shape, labels }', arrays, 'arrays');
  const { writeArrays } = await import('./arrays/write-arrays.js');
  return writeArrays(arrays, options);
}

/**
 * A dataset from images as they come: paths or bytes of image files, raw pixels of one size and number of channels, or values. They are read
 * once, one after the other, and kept as those of `fromArrays` are; image files are decoded by `fit`, which names those that cannot be used.
 * @throws UserError (mostly of code `data`) that says what is wrong with a sample, and which one (`path`); and what the iterable throws
 */
export async function fromIterable(samples: LabelledImages, options: IterableOptions = {}): Promise<Dataset> {
  const { collectSamples } = await import('./arrays/collect-samples.js');
  return collectSamples(samples, options);
}

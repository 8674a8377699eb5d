import { splitNames } from './dataset.js';
import type { Source } from './source.js';

/** The class that all images are of, whatever other names there are; undefined where there are several, or no image. */
export function onlyClassOf({ classes, splits }: Source): string | undefined {
  let only: number | undefined;
  for (const split of splitNames) {
    for (const label of splits[split].labels) {
      only ??= label;
      if (label !== only) return undefined;
    }
  }
  return only === undefined ? undefined : classes[only];
}

/** What inspecting warns of and training refuses. */
export const oneClassFault = (name: string) =>
  `all images are of one class, ${JSON.stringify(name)}; expected two classes or more to tell apart`;

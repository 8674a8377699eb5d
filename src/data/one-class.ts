import { splitNames } from './dataset.js';
import type { Source } from './source.js';

/** The one class that has images; undefined where several have, or none. */
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

/** Inspecting warns with this message; training stops with it. */
export const oneClassFault = (name: string) =>
  `all images are of one class, ${JSON.stringify(name)}; expected two classes or more to tell apart`;

import { nearest } from './describe.js';

/** Layers by name or by a pattern of names, in which * stands for any letters. */
export function layerMatcher(patterns: readonly string[]): (layer: string) => boolean {
  const matchers = patterns.map((pattern) => {
    const parts = pattern.split('*').map((part) => part.replace(/[^A-Za-z0-9_]/g, '\\$&'));
    return new RegExp(`^${parts.join('.*')}$`, 'su');
  });
  return (layer) => matchers.some((matcher) => matcher.test(layer));
}

/** What is wrong with a pattern that no layer's name matches; undefined where one does. */
export function unmatched(pattern: string, layers: readonly string[]): string | undefined {
  if (layers.some(layerMatcher([pattern]))) return undefined;
  const near = nearest(pattern, layers);
  return (
    `found "${pattern}", which no layer with parameters is named; ` +
    (near === undefined ? `they are ${layers.join(', ')}` : `did you mean "${near}"?`)
  );
}

/** Matches layers by name, or by a pattern in which * stands for any letters. */
export function layerMatcher(patterns: readonly string[]): (layer: string) => boolean {
  const matchers = patterns.map((pattern) => {
    const parts = pattern.split('*').map((part) => part.replace(/[^A-Za-z0-9_]/g, '\\$&'));
    return new RegExp(`^${parts.join('.*')}$`, 's');
  });
  return (layer) => matchers.some((matcher) => matcher.test(layer));
}

/**
 * Cuts a list into consecutive parts, so that the longest is as short as can be.
 * @param mayCut whether after each of them
 * @returns the first of each part and the one behind its last; fewer than `most` where these do not make it shorter
 */
export function foldedAt(
  lengths: readonly number[],
  mayCut: readonly boolean[],
  most: number,
): (readonly [first: number, end: number])[] {
  let least = Math.max(0, ...lengths);
  let enough = lengths.reduce((sum, length) => sum + length, 0);
  // By halves, to a unit: a limit either takes few enough parts, or it does not.
  while (enough - least > 1) {
    const middle = (least + enough) / 2;
    const longest = partsWithin(lengths, mayCut, middle);
    if (longest.length <= most && longest.every((part) => lengthOf(lengths, part) <= middle)) enough = middle;
    else least = middle;
  }
  return partsWithin(lengths, mayCut, enough);
}

const lengthOf = (lengths: readonly number[], [first, end]: readonly [number, number]): number =>
  lengths.slice(first, end).reduce((sum, length) => sum + length, 0);

/** As few parts as possible that are no longer than this, where they may be cut so. */
function partsWithin(lengths: readonly number[], mayCut: readonly boolean[], limit: number) {
  const parts: (readonly [number, number])[] = [];
  let first = 0;
  let cut = 0;
  let length = 0;
  for (let i = 0; i < lengths.length; i++) {
    length += lengths[i]!;
    if (length > limit && cut > first) {
      parts.push([first, cut]);
      first = cut;
      length = lengthOf(lengths, [first, i + 1]);
    }
    if (mayCut[i]) cut = i + 1;
  }
  return [...parts, [first, lengths.length] as const];
}

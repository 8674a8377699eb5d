import { join } from 'node:path';
import { writeFileWhole } from '../../files/whole-file.js';
import type { Candidate } from './candidate.js';
import type { Comparison } from './comparison.js';
import { markdownOf } from './markdown.js';
import { comparisonPage } from './page.js';

export const comparisonFiles = {
  page: 'compare.html',
  markdown: 'compare.md',
  json: 'compare.json',
} as const;

/** Writes the comparison's three files into `out`, in place of those that are there. */
export async function writeComparison(
  out: string,
  comparison: Comparison,
  candidates: readonly Candidate[],
): Promise<void> {
  const title = titleOf(candidates.map(({ name }) => name));
  const write = (file: keyof typeof comparisonFiles, text: string) =>
    writeFileWhole(join(out, comparisonFiles[file]), text);
  write('json', `${JSON.stringify(comparison, null, 2)}\n`);
  write('markdown', markdownOf(comparison, title));
  write('page', await comparisonPage(comparison, candidates, title));
}

const mostNamed = 4;

/** `perceptron, lenet5 and improved` */
function titleOf(names: readonly string[]): string {
  if (names.length > mostNamed)
    return `${names.slice(0, mostNamed - 1).join(', ')} and ${names.length - mostNamed + 1} more`;
  return names.length === 1 ? names[0]! : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

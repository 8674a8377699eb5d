import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { missingFile } from './images/reasons.js';

/** Why the image `path` below `dir` cannot be used; of one that is not there, with the file that is nearly called so. */
export function reasonWithNear(dir: string, path: string, reason: string): string {
  const near = reason === missingFile ? nearPath(dir, path) : undefined;
  if (near === undefined) return reason;
  const slashed = path.replaceAll('\\', '/');
  const differences = [
    ...(slashed === path ? [] : ['with / for \\']),
    ...(slashed.normalize() === near.normalize() ? [] : ['in other letter case']),
    ...(slashed.normalize() !== slashed || near.normalize() !== near ? ['in another Unicode form'] : []),
  ];
  return `${reason}; there is ${near}${differences.length === 0 ? '' : `, ${differences.join(' and ')}`}`;
}

/** The file below `dir` whose path differs in separators, letter case or Unicode form alone. */
function nearPath(dir: string, path: string): string | undefined {
  const found: string[] = [];
  for (const part of path.split(/[/\\]/).filter((part) => part !== '' && part !== '.')) {
    const names = namesIn(join(dir, ...found));
    const name = names.includes(part) ? part : names.find((other) => folded(other) === folded(part));
    if (name === undefined) return undefined;
    found.push(name);
  }
  return found.length === 0 ? undefined : found.join('/');
}

const folded = (name: string) => name.normalize().toLowerCase();

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}

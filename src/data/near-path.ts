import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { missingFile } from './images/reasons.js';

/** Why the image `path` below `dir` cannot be used. For a missing image, also names a file with nearly the same path. */
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

/** The file below `dir` whose path differs only in separators, letter case or Unicode form. */
function nearPath(dir: string, path: string): string | undefined {
  const actual: string[] = [];
  for (const part of path.split(/[/\\]/).filter((part) => part !== '' && part !== '.')) {
    const names = namesIn(join(dir, ...actual));
    const name = names.includes(part) ? part : names.find((other) => folded(other) === folded(part));
    if (name === undefined) return undefined;
    actual.push(name);
  }
  return actual.length === 0 ? undefined : actual.join('/');
}

const folded = (name: string) => name.normalize().toLowerCase();

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}

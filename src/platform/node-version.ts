import { readFileSync } from 'node:fs';

/**
 * Ends a Node that is too old with a word, where it would end in a SyntaxError. This file imports nothing that an old one lacks, and what
 * does is imported after it, by `import()`.
 */
export function requireNode(version = process.versions.node): void {
  const { engines } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const needed: string = engines.node.replace('>=', '');
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [neededMajor = 0, neededMinor = 0] = needed.split('.').map(Number);
  if (major > neededMajor || (major === neededMajor && minor >= neededMinor)) return;
  console.error(
    `error: lockstep needs Node ${needed} or newer, and this is Node ${version}: https://nodejs.org`,
  );
  process.exit(5); // ExitCode.environment
}

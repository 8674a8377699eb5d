import { readFileSync } from 'node:fs';

/**
 * Ends the process with a clear message if Node is too old; otherwise it would fail with a SyntaxError. This module uses only what old
 * versions have. Other modules must be imported after it, by `import()`.
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

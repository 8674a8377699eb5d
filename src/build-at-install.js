// Builds a checkout when its packages have been installed. It is `postprepare`, not `prepare`: npm runs both for a checkout, but asks the
// users of a package about a `prepare` that only builds it.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const missing = ['assemblyscript', 'esbuild', 'typescript'].filter(
  (name) => !existsSync(at(`node_modules/${name}`)),
);

if (missing.length === 0) {
  process.exitCode = spawnSync('npm run build', { cwd: at('.'), shell: true, stdio: 'inherit' }).status ?? 1;
} else if (existsSync(at('dist/lockstep.js'))) {
  console.log('lockstep: what is built stays as it is (the packages that build it were left out)');
} else {
  console.error(
    `error: lockstep is not built, and cannot be: ${missing.join(', ')} are not installed, since development packages were left out\n` +
      `(--omit=dev, or NODE_ENV=production). Run: npm ci --include=dev. Afterwards npm prune --omit=dev takes them away again.`,
  );
  process.exitCode = 1;
}

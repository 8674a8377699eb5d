import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runFiles } from '../../runs/directory.js';
import { KeyValues } from '../pages/elements.js';
import type { ReportData } from './report-data.js';

/** How to repeat the training, and the hashes that it must give. */
export function Repeat({ content: { run } }: { content: ReportData }) {
  const { directory, config, summary } = run;
  const hash = (value: string | null | undefined) =>
    typeof value === 'string' ? <span class="mono">{value}</span> : undefined;
  return (
    <>
      <p>
        The same config, seed and data give the same weights to the bit, at any number of threads, on any
        machine. In the folder where the training was started, this repeats it, and says whether the bits
        agree:
      </p>
      <pre>
        {lockstep} verify {quoted(directory)}
      </pre>
      <p>and this trains it anew, in a run directory of its own:</p>
      <pre>
        {lockstep} train --config {quoted(join(directory, runFiles.config))}
      </pre>
      <KeyValues
        pairs={[
          ['Weights, SHA-256', hash(summary?.weightsSha256)],
          ['Dataset key', hash(summary?.datasetKey)],
          ['Numerics version', summary?.numericsVersion],
          ['Seed', config.seed],
          ['Starts from', config.training.init],
          ['lockstep', summary?.versions.lockstep],
          ['Node.js', summary?.versions.node],
        ]}
      />
    </>
  );
}

/** The command that starts lockstep: by name if npm has installed the package, else by its file in the checkout. */
const lockstep = fileURLToPath(import.meta.url)
  .split(sep)
  .includes('node_modules')
  ? 'npx lockstep'
  : 'node dist/lockstep.js';

/** Quotes a path for a shell. */
const quoted = (path: string): string =>
  /^[\w@%+=:,./\\-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;

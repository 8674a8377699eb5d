import { join } from 'node:path';
import { runFiles } from '../../runs/directory.js';
import { lockstepCommand, quoted } from '../command.js';
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
        {lockstepCommand} verify {quoted(directory)}
      </pre>
      <p>and this trains it anew, in a run directory of its own:</p>
      <pre>
        {lockstepCommand} train --config {quoted(join(directory, runFiles.config))}
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

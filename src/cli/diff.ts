import type { Argv, CommandModule, InferredOptionTypes } from 'yargs';
import { ExitCode } from '../errors.js';
import { table } from '../runs/columns.js';
import { differenceOf, type RunDifference } from '../runs/run-difference.js';
import { openRun } from '../runs/saved-run.js';
import type { TensorDifference } from '../runs/weight-difference.js';
import { integer } from '../views/format.js';
import { oneLine } from '../views/printable.js';
import { print, printJson } from './output.js';
import { reported } from './reported.js';

const options = {
  json: { type: 'boolean', default: false, describe: 'Print JSON instead of tables' },
} as const;

type Arguments = InferredOptionTypes<typeof options> & { readonly a: string; readonly b: string };

/** `lockstep diff`: what two runs do not have in common. */
export const diffCommand: CommandModule<object, Arguments> = {
  command: 'diff <a> <b>',
  describe: 'Say what differs between two runs; exit code 6 where their weights do',
  builder: (yargs) =>
    (yargs as Argv<object>)
      .positional('a', { type: 'string', demandOption: true, describe: 'Run directory' })
      .positional('b', { type: 'string', demandOption: true, describe: 'Another one' })
      .options(options)
      .example([['$0 diff runs/monday runs/tuesday', '']]) as unknown as Argv<Arguments>,
  handler: ({ a, b, json }) =>
    reported(() => {
      const difference = differenceOf(openRun(a), openRun(b));
      if (json) printJson(difference);
      else print(describe(difference));
      if (difference.sameWeights !== true) process.exitCode = ExitCode.different;
    }),
};

const widest = 40;
const show = (value: unknown) => (value === undefined ? '-' : oneLine(JSON.stringify(value), widest));

function describe({ sameWeights, config, circumstances, firstStep, weights }: RunDifference): string {
  const rows = (title: string, found: RunDifference['config']) =>
    found.length === 0
      ? `${title}: the same\n`
      : `${table(
          [title, 'a', 'b'],
          found.map(({ path, a, b }) => [oneLine(path, 60), show(a), show(b)]),
        )}\n`;
  const step =
    firstStep === undefined
      ? 'step losses: the same, as far as both have them\n'
      : `step losses: the first that differs is of epoch ${firstStep.epoch}, step ${firstStep.step}\n`;
  const files = weights.map(({ file, tensors }) => {
    if (tensors === null) return `${file}: not in both runs\n`;
    return tensors.length === 0 ? `${file}: the same bits\n` : `${file}\n${tensorTable(tensors)}\n`;
  });
  const verdict = {
    true: 'The weights are the same, bit for bit.',
    false: 'The weights differ.',
    null: 'There are no weights in both runs.',
  }[String(sameWeights) as 'true' | 'false' | 'null'];
  return [rows('config', config), rows('circumstances', circumstances), step, files.join(''), verdict].join(
    '\n',
  );
}

const kinds = { missing: 'only in a', unknown: 'only in b', shape: 'another shape' } as const;

/** Tensors that differ, and by how much. */
export function tensorTable(tensors: readonly TensorDifference[]): string {
  return table(
    ['tensor', 'values that differ', 'largest difference', 'relative (L2)'],
    tensors.map(({ name, kind, differing, size, largest, relative }) => [
      oneLine(name, 60),
      kind === 'values' ? `${integer(differing)} of ${integer(size)}` : kinds[kind],
      kind === 'values' ? largest.toExponential(2) : '',
      kind === 'values' ? relative.toExponential(2) : '',
    ]),
  );
}

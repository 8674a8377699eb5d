import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import yargs, { type CommandModule } from 'yargs';
import type { KnownOptions } from '#lockstep/cli/arguments.js';
import { commands } from '#lockstep/cli/commands.js';
import { dataCommands } from '#lockstep/cli/data.js';
import { ExitCode } from '#lockstep/errors.js';
import { runInProcess } from '../support/command-line.js';

const test = suite('arguments');

const own = ['help', 'version'];

/** Each command that does something: how it is called, and its options. */
const all = [
  ...commands
    .filter(({ command }) => command !== 'data')
    .map((command) => ({ path: [] as string[], command })),
  ...dataCommands.map((command) => ({ path: ['data'], command })),
].map(({ path, command }) => {
  const { builder } = command as CommandModule & { builder(parser: unknown): unknown };
  const parser = yargs([]);
  builder(parser);
  const { key, boolean, number } = (parser as unknown as { getOptions(): KnownOptions }).getOptions();
  const words = String(command.command).split(' ');
  // A word for each positional that must be there.
  const call = [...path, words[0]!, ...words.slice(1).filter((word) => word.startsWith('<'))];
  return { call, number, names: Object.keys(key).filter((name) => !own.includes(name)), boolean };
});

/** What the command line is refused for: its first line. */
async function refusal(...args: string[]): Promise<string> {
  const { code, stderr } = await runInProcess(args);
  assert.is(code, ExitCode.usage, `${args.join(' ')}: exit code ${code}: ${stderr}`);
  return /^error: (.*)$/m.exec(stderr)?.[1] ?? '';
}

test('the options of every command are looked at', () => {
  assert.equal(
    all.map(({ call }) => call.filter((word) => !word.startsWith('<')).join(' ')),
    [
      ...['new', 'train', 'evaluate', 'predict', 'report', 'export', 'import', 'compare', 'search'],
      ...['crossvalidate', 'dashboard'],
      ...['verify', 'diff', 'lr-find', 'profile'],
      ...['data fetch', 'data inspect', 'data preview'],
    ],
  );
  assert.ok(all.every(({ names }) => names.length > 0));
  assert.ok(all.some(({ number }) => number.includes('seed')));
});

for (const { call, names, number, boolean } of all) {
  const command = call.join(' ');
  test(`${command}: every option that takes a value refuses an empty one, its --no- form, and to be negated by =false`, async () => {
    for (const name of names.filter((name) => !boolean.includes(name))) {
      const empty = `--${name} is empty, but needs a value; is a shell variable not set?`;
      assert.is(await refusal(...call, `--${name}`, ''), empty);
      assert.is(await refusal(...call, `--${name}=`), empty);
      assert.is(await refusal(...call, `--no-${name}`), `there is no --no-${name}: --${name} takes a value`);
    }
  });

  test(`${command}: every number is one as JSON writes it`, async () => {
    for (const name of number) {
      for (const text of [
        'abc',
        '0x10',
        ' 7 ',
        '7 ',
        'Infinity',
        'NaN',
        '.5',
        '5.',
        '+5',
        '1_000',
        '1,5',
        '007',
        '1e999',
        '١',
      ])
        assert.is(
          await refusal(...call, `--${name}`, text),
          `--${name} is ${JSON.stringify(text)}, but needs a number, written as 10, 0.5 or 1e-3`,
        );
    }
  });

  test(`${command}: every option that takes none refuses one that it cannot mean`, async () => {
    for (const name of boolean.filter((name) => !own.includes(name))) {
      for (const text of ['', 'yes', '1'])
        assert.is(
          await refusal(...call, `--${name}=${text}`),
          `--${name} takes no value, found ${JSON.stringify(text)}; give --${name} or --no-${name}`,
        );
    }
  });
}

test('an option that is given twice', async () => {
  assert.is(await refusal('train', '--seed', '1', '--seed=2'), '--seed is given 2 times; give it once');
  assert.is(
    await refusal('data', 'inspect', 'x', '--no-sheet', '--sheet'),
    '--sheet is given 2 times; give it once',
  );
});

test('an empty argument that is no option’s', async () => {
  for (const args of [
    ['evaluate', ''],
    ['predict', 'run', 'a.png', ''],
    ['dashboard', ''],
    ['data', 'fetch', 'mnist', ''],
  ])
    assert.is(await refusal(...args), 'an argument is empty; is a shell variable not set?');
});

test('a choice that there is none of', async () => {
  assert.is(await refusal('train', '--config', 'x', '--log-format', 'xml'), 'Invalid values:');
});

test('a name in another spelling', async () => {
  assert.match(
    await refusal('train', '--batchSize', '3'),
    'Unknown argument: batchSize; did you mean --batch-size?',
  );
});

test('what is right goes on to the command: it has no such config', async () => {
  for (const seed of ['0', '-0', '7', '1e3', '4294967295']) {
    const { code, stderr } = await runInProcess([
      'train',
      '--config',
      'none.json',
      '--seed',
      seed,
      '--set',
      'name=',
    ]);
    assert.is(code, ExitCode.usage);
    assert.match(stderr, 'none.json: the config cannot be read: there is no such file');
  }
});

test.run();

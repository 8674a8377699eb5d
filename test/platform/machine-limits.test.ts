import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { ExitCode, UserError } from '#lockstep/errors.js';
import { answering, resultOf } from '#lockstep/platform/answer.js';
import { machineFault } from '#lockstep/platform/machine.js';
import { peakMemory } from '#lockstep/runs/peak-memory.js';
import { commandSuite, jsonLines, lockstepUnder, readJson, trainWell } from '../support/command-helpers.js';

/** A Node, or a machine, that lacks something: by Node's own flags and the shell's limits. */

const limits = commandSuite("the machine's limits");

limits(
  'where sharp cannot be loaded, a packed dataset trains to the same bits, and pictures are warnings',
  async (context) => {
    const folder = context.folder();
    await trainWell(folder, '--out', 'whole');
    const { code, stderr } = await lockstepUnder(
      { flags: ['--no-addons'] },
      folder,
      ...['train', '--config', 'config.json', '--out', 'run', '--tensorboard'],
    );
    assert.is(code, 0, stderr);
    const [whole, run] = ['whole', 'run'].map((name) => readJson(folder, name, 'summary.json'));
    assert.is(run.status, 'completed');
    assert.is(run.weightsSha256, whole.weightsSha256);
    assert.equal(run.final, whole.final);
    assert.is(whole.files.curvesPng, 'curves.png');
    assert.equal([run.files.curvesSvg, run.files.curvesPng], ['curves.svg', undefined]);
    assert.is(existsSync(join(folder, 'run/curves.png')), false);
    const warnings = jsonLines(readFileSync(join(folder, 'run/log.jsonl'), 'utf8'))
      .filter(({ event }) => event === 'warning')
      .map(({ msg }) => msg);
    assert.is(warnings.length, 2);
    assert.match(warnings[0], /^TensorBoard gets no pictures of filters: sharp, .* --no-addons/);
    assert.match(warnings[1], /^the curves cannot be drawn: sharp, .* --no-addons/);
  },
);

limits(
  'where sharp cannot be loaded, a report has its page, and decoding ends with exit code 5',
  async (context) => {
    const folder = context.folder();
    await trainWell(folder, '--out', 'run');
    const report = await lockstepUnder({ flags: ['--no-addons'] }, folder, 'report', 'run');
    assert.is(report.code, 0, report.stderr);
    assert.match(report.stderr, 'There are no pictures of mistakes, filters and augmentation: sharp');
    assert.match(report.stderr, 'The plots could not all be written as files: sharp');
    for (const file of ['run/report.html', 'run/plots/report-loss.svg'])
      assert.ok(existsSync(join(folder, file)), file);
    // A fault in a thread of the pool keeps its class and its exit code.
    for (const args of [
      ['predict', 'run', join(context.dataset, 'images/c0/0.png')],
      ['train', '--config', 'config.json', '--set', 'data.cache=elsewhere'],
      ['data', 'inspect', context.dataset],
    ]) {
      const { code, stderr } = await lockstepUnder({ flags: ['--no-addons'] }, folder, ...args);
      assert.is(code, ExitCode.environment, `${args[0]}: ${stderr}`);
      assert.match(
        stderr,
        /error: sharp, which decodes and draws images, cannot be loaded: .* without --no-addons/,
      );
      assert.not.match(stderr, /^\s+at /m);
    }
  },
);

/** What a training says where Node was started with a flag. */
const flags: Record<
  string,
  { readonly flags: readonly string[]; readonly says: RegExp; readonly on?: boolean }
> = {
  'no compiler': { flags: ['--jitless'], says: /^error: this Node has no WebAssembly/m },
  'no code from strings': {
    flags: ['--disallow-code-generation-from-strings'],
    says: /^error: this Node generates no code from strings, which Piscina/m,
  },
  'no threads by permission': {
    flags: [
      process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission',
      '--allow-fs-read=*',
      '--allow-fs-write=*',
    ],
    says: /^error: Node's permission model allows no threads; start it without --permission/m,
  },
  'no vectors': {
    flags: ['--no-enable-sse4-1'],
    says: /^error: WebAssembly has no 128-bit vectors/m,
    on: process.arch === 'x64',
  },
};

for (const [what, { flags: given, says, on = true }] of Object.entries(flags)) {
  limits(`${what}: exit code 5 before there is data or a run`, async (context) => {
    if (!on) return;
    const folder = context.folder();
    const { code, stderr } = await lockstepUnder(
      { flags: given },
      folder,
      'train',
      '--config',
      'config.json',
      '--out',
      'run',
    );
    assert.is(code, ExitCode.environment, stderr);
    assert.match(stderr, says);
    assert.not.match(stderr, /^\s+at /m);
    assert.is(existsSync(join(folder, 'run')), false);
  });
}

limits('too little address space is reported as such, with the limit', async (context) => {
  if (process.platform !== 'linux') return;
  const folder = context.folder();
  await trainWell(folder, '--out', 'run');
  // Less than V8 reserves for one memory.
  const gibibytes = 6;
  const shell = `ulimit -v ${gibibytes * 2 ** 20}`;
  const { code, stderr } = await lockstepUnder({ shell }, folder, 'evaluate', 'run', '--threads', '1');
  assert.is(code, ExitCode.environment, stderr);
  assert.match(
    stderr,
    /1 MiB are needed, .* 10\.0 GiB of address space.* the limit of this process is 6\.0 GiB \(ulimit -v\)/,
  );
});

limits("a task's error keeps its class and exit code, or its stack trace", async () => {
  const refuse = answering((exitCode: ExitCode) => {
    throw new UserError('not here', exitCode);
  });
  for (const exitCode of [ExitCode.data, ExitCode.environment]) {
    const answer = structuredClone(await refuse(exitCode));
    assert.throws(
      () => resultOf(answer),
      (error: unknown) =>
        error instanceof UserError && error.exitCode === exitCode && error.message === 'not here',
    );
  }
  assert.is(resultOf(await answering((x: number) => x + 1)(1)), 2);
  const own = answering(() => {
    throw new TypeError('ours');
  });
  const thrown: unknown = await own(undefined).catch((error: unknown) => error);
  assert.instance(thrown, TypeError);
});

limits("Node's errors about the machine become UserErrors; other errors stay unchanged", () => {
  const coded = (code: string, message = code) => Object.assign(new Error(message), { code });
  const told: readonly (readonly [Error, RegExp])[] = [
    [
      coded('ERR_WORKER_INIT_FAILED', 'Worker initialization failure: EAGAIN'),
      /no more threads: .*EAGAIN.*pids\.max/,
    ],
    [coded('ERR_WORKER_OUT_OF_MEMORY'), /use fewer threads \(--threads\)/],
    [new Error('worker exited with code: 1'), /use fewer threads \(--threads\)/],
    [coded('ERR_ACCESS_DENIED'), /--permission/],
    [new RangeError('Array buffer allocation failed'), /no more memory/],
    [coded('EMFILE', 'EMFILE: too many open files'), /EMFILE/],
  ];
  for (const [error, says] of told) {
    const fault = machineFault(error);
    assert.is(fault?.exitCode, ExitCode.environment, error.message);
    assert.match(fault!.message, says);
  }
  for (const error of [
    new TypeError('x is undefined'),
    new RangeError('offset is out of bounds'),
    coded('ENOENT'),
  ]) {
    assert.is(machineFault(error), undefined, error.message);
  }
});

limits('the peak of memory is of this process, not of the one that started it', () => {
  if (process.platform !== 'linux') return;
  const large = Buffer.alloc(300 * 2 ** 20, 1);
  const script = `import(${JSON.stringify(new URL('../../runs/peak-memory.js', import.meta.url).href)}).then((m) => console.log(m.peakMemory()))`;
  const peak = Number(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }));
  assert.ok(peak > 20 * 2 ** 20 && peak < 200 * 2 ** 20, `${peak} bytes`);
  assert.ok(peakMemory() > large.length);
});

limits.run();

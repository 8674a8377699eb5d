import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { readSealed, writeSealed } from '#lockstep/tensors/sealed.js';
import {
  commandSuite,
  lockstep,
  readJson,
  tinyConfig,
  train,
  trainBadly,
  trainWell,
  type Workspace,
} from '../support/command-helpers.js';
import { hang, needing } from '../support/needing.js';

/** Runs that are interrupted, and go on to the bits of a run in one piece. */

const resume = commandSuite('train: interrupted and resumed');

/** Long enough to be interrupted: 60 epochs of 4 steps. */
const longConfig = ({ dataset }: Workspace, epochs = 60) => {
  const config = tinyConfig(dataset);
  return {
    ...config,
    optimizer: { ...config.optimizer, momentum: 0.9 },
    training: { ...config.training, epochs, sampler: 'shuffled', augmentation: { flip: {} } },
  };
};

const hashOf = (folder: string, run: string): string => {
  const { status, weightsSha256 } = readJson(folder, run, 'summary.json');
  assert.is(status, 'completed');
  return weightsSha256;
};

/** Starts a training, waits until some epochs are done, and sends signals; returns how it ended. */
async function interrupt(folder: string, args: readonly string[], signals: readonly NodeJS.Signals[]) {
  const entry = fileURLToPath(new URL('../../train.js', import.meta.url));
  const child = spawn(process.execPath, [entry, ...args], { cwd: folder, timeout: hang });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  await epochsDone(child, join(folder, 'run/metrics.jsonl'), 3);
  for (const signal of signals) {
    child.kill(signal);
    await pause(350);
  }
  return { code: await ended, stderr };
}

async function resumeWell(folder: string, ...args: readonly string[]): Promise<void> {
  const { code, stderr } = await train(folder, '--resume', 'run', ...args);
  assert.equal({ code, stderr }, { code: 0, stderr: '' });
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function epochsDone(child: ChildProcess, metrics: string, count: number): Promise<void> {
  while (child.exitCode === null) {
    if (existsSync(metrics) && readFileSync(metrics, 'utf8').split('\n').length > count) return;
    await pause(5);
  }
}

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  resume(
    `${signal} saves and ends with ${code}; the resumed run has the bits of one in a piece`,
    async (context) => {
      const config = longConfig(context, 150);
      const folder = context.folder(config);
      const start = ['--config', 'config.json', '--out', 'run', '--threads', '2'];
      const ended = await interrupt(folder, start, [signal]);
      assert.equal(ended, { code, stderr: '' });
      const { status } = readJson(folder, 'run', 'summary.json');
      assert.is(status, 'stopped');
      assert.not.ok(
        readdirSync(join(folder, 'run')).some((name) => name.endsWith('.tmp')),
        'nothing is left behind',
      );
      await resumeWell(folder, '--threads', '3');
      const whole = context.folder(config);
      await trainWell(whole, '--out', 'run', '--threads', '1');
      assert.is(hashOf(folder, 'run'), hashOf(whole, 'run'));
      const { threads, parts } = readJson(folder, 'run', 'summary.json');
      assert.is(threads, 3);
      assert.equal(
        parts.map((part: { threads: number }) => part.threads),
        [2, 3],
      );
      assert.ok(parts[1].epoch > 0 || parts[1].step > 0);
      const lossesOf = (of: string) =>
        readFileSync(join(of, 'run/metrics.jsonl'), 'utf8')
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line))
          .map(({ epoch, train, validation }) => ({ epoch, train, validation }));
      assert.equal(lossesOf(folder), lossesOf(whole), 'and its metrics');
    },
  );
}

resume('a reader that leaves, as tee does at Ctrl-C, costs no step', async (context) => {
  const folder = context.folder(longConfig(context, 4000));
  const entry = fileURLToPath(new URL('../../train.js', import.meta.url));
  for (const [signals, code] of [
    [[], 5],
    [['SIGINT'], 130],
  ] as const) {
    const out = ['--out', `run${code}`];
    const child = spawn(process.execPath, [entry, '--config', 'config.json', ...out], {
      cwd: folder,
      timeout: hang,
    });
    const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
    await epochsDone(child, join(folder, `run${code}/metrics.jsonl`), 3);
    child.stdout.destroy();
    child.stderr.destroy();
    for (const signal of signals) child.kill(signal);
    assert.is(await ended, code);
    assert.is(readJson(folder, `run${code}/summary.json`)['status'], 'stopped');
  }
});

/** A program of Linux that runs another one on a terminal of its own. */
const hasScript = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0;

needing(
  resume,
  'the program script of Linux',
  hasScript,
)('a terminal that is closed saves too', async (context) => {
  const folder = context.folder(longConfig(context, 4000));
  const entry = fileURLToPath(new URL('../../train.js', import.meta.url));
  const command = `'${process.execPath}' '${entry}' --config config.json --out run`;
  const terminal = spawn('script', ['-qec', command, '/dev/null'], { cwd: folder, stdio: 'pipe' });
  terminal.stdout.resume();
  await epochsDone(terminal, join(folder, 'run/metrics.jsonl'), 3);
  terminal.kill('SIGKILL');
  const summary = join(folder, 'run/summary.json');
  for (const end = Date.now() + hang; Date.now() < end && !existsSync(summary); ) await pause(50);
  assert.is(readJson(summary).status, 'stopped');
});

resume('a second Ctrl-C ends at once, and what was saved is good', async (context) => {
  const config = longConfig(context, 4000);
  const folder = context.folder(config);
  const start = ['--config', 'config.json', '--out', 'run', '--threads', '2'];
  const { code } = await interrupt(folder, start, ['SIGINT', 'SIGINT']);
  assert.is(code, 130);
  const { epoch } = JSON.parse(lastLine(folder));
  await resumeWell(folder, '--epochs', String(epoch + 2));
  assert.is(JSON.parse(lastLine(folder)).epoch, epoch + 2);
});

const lastLine = (folder: string) =>
  readFileSync(join(folder, 'run/metrics.jsonl'), 'utf8').trimEnd().split('\n').at(-1)!;

/** A finished run of 2 epochs in a folder of its own. */
async function finished(context: Workspace): Promise<string> {
  const folder = context.folder(longConfig(context, 2));
  await trainWell(folder, '--out', 'run');
  return folder;
}

resume('a finished run goes on where its epochs are raised, as if it had been begun so', async (context) => {
  const folder = await finished(context);
  await resumeWell(folder, '--epochs', '5');
  const whole = context.folder(longConfig(context, 5));
  await trainWell(whole, '--out', 'run');
  assert.is(hashOf(folder, 'run'), hashOf(whole, 'run'));
  assert.is(readJson(folder, 'run/config.json').training.epochs, 5);
});

for (const [what, change] of [
  ['the schedule cosine', { schedule: { type: 'cosine' } }],
  ['lookahead.finalAlpha', { lookahead: { finalAlpha: 0.2 } }],
] as const) {
  resume(`${what}: every step depends on the number of epochs, which cannot change`, async (context) => {
    const config = longConfig(context, 2);
    const folder = context.folder({ ...config, optimizer: { ...config.optimizer, ...change } });
    await trainWell(folder, '--out', 'run');
    assert.match(
      await trainBadly(folder, 2, '--resume', 'run', '--epochs', '5'),
      `run is a run of 2 with ${what}: every step depends on that number`,
    );
  });
}

resume('a flipped bit of the checkpoint is found, and the run is left as it is', async (context) => {
  const folder = await finished(context);
  const path = join(folder, 'run/checkpoint.safetensors');
  const good = readFileSync(path);
  for (const at of [good.length - 1, 600]) {
    const bad = Buffer.from(good);
    bad[at]! ^= 4;
    writeFileSync(path, bad);
    assert.match(await trainBadly(folder, 3, '--resume', 'run'), 'run/checkpoint.safetensors');
  }
  writeFileSync(path, good.subarray(0, good.length - 8));
  assert.match(await trainBadly(folder, 3, '--resume', 'run'), 'run/checkpoint.safetensors');
  writeFileSync(path, good);
  await resumeWell(folder);
});

resume('other images, labels or classes are refused; the same in another place are not', async (context) => {
  const folder = await finished(context);
  const copy = join(folder, 'moved');
  cpSync(context.dataset, copy, { recursive: true });
  await resumeWell(folder, '--data', 'moved', '--epochs', '3');
  const list = join(copy, 'train.txt');
  writeFileSync(list, readFileSync(list, 'utf8').replace('0.png 0', '0.png 1'));
  const message = await trainBadly(folder, 3, '--resume', 'run', '--data', 'moved', '--epochs', '4');
  assert.match(message, 'moved is not the dataset that this run was begun with');
});

resume('a number of epochs that cannot be leaves the run as it is', async (context) => {
  const folder = await finished(context);
  const config = readFileSync(join(folder, 'run/config.json'));
  for (const epochs of ['0', '2.5']) {
    const message = await trainBadly(folder, 2, '--resume', 'run', `--epochs=${epochs}`);
    assert.match(message, `epochs is ${epochs} (--epochs), but needs a whole number`);
  }
  assert.match(await trainBadly(folder, 2, '--resume', 'run', '--epochs', '1'), 'run has done 2');
  // In the midst of the third epoch the weights after the second are gone.
  const path = join(folder, 'run/checkpoint.safetensors');
  const { tensors, metadata } = readSealed(path);
  const position = JSON.parse(metadata['position']!);
  const totals = { samples: 7, weight: 7, loss: 9, top1: 1, top5: 3 };
  writeSealed(path, tensors, {
    ...metadata,
    position: JSON.stringify({ ...position, done: { totals, steps: 1 } }),
  });
  assert.match(await trainBadly(folder, 2, '--resume', 'run', '--epochs', '2'), 'run has begun epoch 3');
  assert.equal(readFileSync(join(folder, 'run/config.json')), config);
});

resume('a config that was changed since is refused', async (context) => {
  const folder = await finished(context);
  const path = join(folder, 'run/config.json');
  const config = readJson(path);
  const changed = { ...config, optimizer: { ...config.optimizer, learningRate: 0.06 } };
  writeFileSync(path, JSON.stringify(changed));
  const message = await trainBadly(folder, 2, '--resume', 'run', '--epochs', '3');
  assert.match(message, 'optimizer.learningRate was 0.05 and is 0.06');
  writeFileSync(path, JSON.stringify({ ...config, name: 'renamed' }));
  await resumeWell(folder);
});

resume("losses of steps and best weights that are not the run's are refused", async (context) => {
  const folder = await finished(context);
  const losses = join(folder, 'run/step-losses.f64');
  const good = readFileSync(losses);
  writeFileSync(losses, good.subarray(8));
  const message = await trainBadly(folder, 3, '--resume', 'run', '--epochs', '3');
  assert.match(message, 'holds the losses of 7 steps, and the run has done 8');
  // A disk that was full may have taken a part of one.
  writeFileSync(losses, Buffer.concat([good, Buffer.alloc(3)]));
  const best = join(folder, 'run/best.safetensors');
  const { tensors, metadata } = readSealed(best);
  writeSealed(best, tensors, { ...metadata, epoch: '3' });
  assert.match(await trainBadly(folder, 3, '--resume', 'run'), 'at least 3 epochs are needed (--epochs)');
  await resumeWell(folder, '--epochs', '3');
  assert.is(readFileSync(losses).length, 3 * 4 * 8);
  assert.is((await lockstep(folder, 'verify', 'run')).code, 0);
  rmSync(best);
  assert.match(await trainBadly(folder, 3, '--resume', 'run'), 'best.safetensors');
});

resume('without its checkpoint a run that was trained is not begun anew', async (context) => {
  const folder = await finished(context);
  const checkpoint = join(folder, 'run/checkpoint.safetensors');
  renameSync(checkpoint, join(folder, 'elsewhere'));
  const message = await trainBadly(folder, 3, '--resume', 'run', '--epochs', '3');
  assert.match(
    message,
    /checkpoint\.safetensors is not there, and the run has been trained.*--init run\/best\.safetensors/,
  );
  assert.is(readJson(folder, 'run/summary.json')['status'], 'completed');
  renameSync(join(folder, 'elsewhere'), checkpoint);
  await resumeWell(folder, '--epochs', '3');
});

resume('damaged best weights are found before a step is taken', async (context) => {
  const folder = await finished(context);
  const best = join(folder, 'run/best.safetensors');
  const bytes = readFileSync(best);
  bytes[bytes.length - 3]! ^= 16;
  writeFileSync(best, bytes);
  const message = await trainBadly(folder, 3, '--resume', 'run', '--epochs', '3');
  assert.match(message, /is damaged.*--init run\/checkpoint\.safetensors/);
  assert.is(readFileSync(join(folder, 'run/step-losses.f64')).length, 2 * 4 * 8);
});

needing(
  resume,
  'pipes among the files',
  process.platform !== 'win32',
)('folders and pipes in the place of files', async (context) => {
  const folder = await finished(context);
  for (const [file, code] of [
    ['step-losses.f64', 5],
    ['log.jsonl', 5],
  ] as const) {
    const path = join(folder, 'run', file);
    const content = readFileSync(path);
    for (const put of [() => mkdirSync(path), () => spawnSync('mkfifo', [path])]) {
      rmSync(path);
      put();
      assert.match(await trainBadly(folder, code, '--resume', 'run', '--epochs', '3'), `${file} cannot be`);
      rmSync(path, { recursive: true });
      writeFileSync(path, content);
    }
  }
  await resumeWell(folder, '--epochs', '3');
});

resume('a run that goes on has not ended', async (context) => {
  const folder = await finished(context);
  const { code } = await interrupt(folder, ['--resume', 'run', '--epochs', '4000'], ['SIGKILL']);
  assert.is(code, null);
  assert.not.ok(existsSync(join(folder, 'run/summary.json')));
});

resume('what belongs to the config of a new run cannot be given', async (context) => {
  const folder = context.folder();
  const message = await trainBadly(folder, 2, '--resume', 'run', '--seed', '3', '--set', 'seed=4');
  assert.match(message, '--seed, --set cannot be given');
  assert.match(await trainBadly(folder, 2, '--resume', 'none'), 'none is no run directory');
  assert.match(await trainBadly(folder, 2), 'Missing required argument: config');
});

resume('a run that another process writes is not touched', async (context) => {
  const folder = context.folder(longConfig(context, 4000));
  const start = ['--config', 'config.json', '--out', 'run'];
  const entry = fileURLToPath(new URL('../../train.js', import.meta.url));
  const child = spawn(process.execPath, [entry, ...start], { cwd: folder, stdio: 'ignore' });
  try {
    await epochsDone(child, join(folder, 'run/metrics.jsonl'), 1);
    assert.match(await trainBadly(folder, 5, '--resume', 'run'), 'another process is writing there');
  } finally {
    child.kill('SIGKILL');
  }
});

needing(
  resume,
  'links',
  process.platform !== 'win32',
)('a training that was suspended for days keeps its run, and goes on to the same bits', async (context) => {
  const config = longConfig(context, 150);
  const folder = context.folder(config);
  const entry = fileURLToPath(new URL('../../train.js', import.meta.url));
  const start = ['--config', 'config.json', '--out', 'run'];
  const child = spawn(process.execPath, [entry, ...start], { cwd: folder, stdio: 'ignore' });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  try {
    await epochsDone(child, join(folder, 'run/metrics.jsonl'), 3);
    child.kill('SIGSTOP');
    const long = new Date(1_000_000_000_000);
    for (const name of claimsIn(folder)) utimesSync(join(folder, 'run', name), long, long);
    assert.match(await trainBadly(folder, 5, '--resume', 'run'), 'another process is writing there');
    child.kill('SIGCONT');
    assert.is(await ended, 0);
  } finally {
    child.kill('SIGKILL');
  }
  const whole = context.folder(config);
  await trainWell(whole, '--out', 'run', '--threads', '1');
  assert.is(hashOf(folder, 'run'), hashOf(whole, 'run'));
});

const claimsIn = (folder: string) =>
  readdirSync(join(folder, 'run')).filter((name) => name.startsWith('claim.'));

/** Whether all of a process's threads are stopped: the signal reaches them one after the other. */
const isStopped = (pid: number) =>
  readdirSync(`/proc/${pid}/task`).every(
    (thread) => /\) (\w)/.exec(readFileSync(`/proc/${pid}/task/${thread}/stat`, 'latin1'))?.[1] === 'T',
  );

resume('a training that finds its claim gone writes nothing more', async (context) => {
  const folder = context.folder(longConfig(context, 100_000));
  const entry = fileURLToPath(new URL('../../train.js', import.meta.url));
  const start = ['--config', 'config.json', '--out', 'run', '--log-format', 'pretty'];
  const child = spawn(process.execPath, [entry, ...start], { cwd: folder });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdout.resume();
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  try {
    await epochsDone(child, join(folder, 'run/metrics.jsonl'), 3);
    child.kill('SIGSTOP');
    while (process.platform === 'linux' && !isStopped(child.pid!)) await pause(1);
    // As another process takes over: without the claim, and without what is not finished.
    for (const name of readdirSync(join(folder, 'run'))) {
      if (name.endsWith('.tmp')) rmSync(join(folder, 'run', name));
    }
    const contents = () =>
      Object.fromEntries(
        readdirSync(join(folder, 'run')).map((name) => [
          name,
          readFileSync(join(folder, 'run', name), 'latin1'),
        ]),
      );
    const before = contents();
    child.kill('SIGCONT');
    assert.is(await ended, 5);
    assert.match(stderr, /error: run(: this process has lost its claim|.* cannot be written: ENOENT)/);
    const after = contents();
    for (const [name, content] of Object.entries(before))
      assert.ok(after[name] === content, `${name} is as it was`);
  } finally {
    child.kill('SIGKILL');
  }
});

for (const value of ['0', '-3', '1.5', 'often', '5 weeks']) {
  resume(`--checkpoint-every ${value} is refused`, async (context) => {
    const message = await trainBadly(
      context.folder(),
      2,
      '--config',
      'config.json',
      `--checkpoint-every=${value}`,
    );
    assert.match(message, `--checkpoint-every is ${value}, but needs`);
  });
}

resume.run();

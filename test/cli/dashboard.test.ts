import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { commandSuite, lockstep, readJson, train, trainBadly } from '../support/command-helpers.js';
import { putRun, served } from '../support/dashboard-helpers.js';
import { hang, needing } from '../support/needing.js';
import { endingAfter, epochsOf, going, longConfig } from '../support/signal-helpers.js';

const test = commandSuite('--dashboard and lockstep dashboard');

test('--dashboard prints its address once, ends with the training, and changes nothing', async ({
  folder,
}) => {
  const at = folder();
  const args = ['--config', 'config.json', '--log-format', 'json'];
  const with_ = await train(at, ...args, '--out', 'with', '--dashboard');
  const without = await train(at, ...args, '--out', 'without');
  assert.is(with_.code, 0, with_.stderr);
  const address = /^dashboard: (http:\/\/127\.0\.0\.1:\d+\/\?token=([\w-]{43}))\n$/.exec(with_.stderr);
  assert.ok(address, with_.stderr);
  assert.not.match(with_.stdout, address![2]!);
  assert.not.match(readFileSync(join(at, 'with/log.jsonl'), 'utf8'), address![2]!);
  assert.is(without.code, 0);
  const hash = (run: string) => JSON.parse(readFileSync(join(at, run, 'summary.json'), 'utf8')).weightsSha256;
  assert.is(hash('with'), hash('without'));
});

test('a port that is taken or none is told before anything is trained', async ({ folder }) => {
  await served({}, async ({ port }) => {
    const args = ['--config', 'config.json', '--dashboard', '--dashboard-port'];
    const told = await trainBadly(folder(), 5, ...args, String(port));
    assert.match(told, `cannot listen on 127.0.0.1, port ${port}`);
    assert.match(await trainBadly(folder(), 2, ...args, '70000'), '--dashboard-port is 70000, but needs');
    const without = await trainBadly(folder(), 2, '--config', 'config.json', '--dashboard-port', '8080');
    assert.match(without, '--dashboard-host and --dashboard-port need --dashboard');
  });
});

test('lockstep dashboard serves the runs of a folder until it is interrupted', async ({ folder }) => {
  const at = folder();
  putRun(join(at, 'runs'), 'a', 2);
  const entry = fileURLToPath(new URL('../../lockstep.js', import.meta.url));
  const child = spawn(process.execPath, [entry, 'dashboard'], { cwd: at, timeout: hang });
  let told = '';
  for await (const chunk of child.stderr.setEncoding('utf8')) {
    told += chunk;
    if (told.includes('\n')) break;
  }
  const address = told.replace('dashboard: ', '').trim();
  const page = await fetch(address);
  assert.is(page.status, 200);
  const events = await fetch(new URL('/events', address), {
    headers: { Cookie: page.headers.getSetCookie()[0]!.split(';')[0]! },
  });
  const { value } = await events.body!.getReader().read();
  assert.match(new TextDecoder().decode(value), '"folder":"a"');
  child.kill('SIGINT');
  assert.equal(await once(child, 'close'), [0, null]);
});

const onLinux = needing(test, 'Linux', process.platform === 'linux');

onLinux(
  'a config without end among the runs costs an open dashboard nothing, and the training goes on',
  async (context) => {
    const folder = context.folder(longConfig(context));
    mkdirSync(join(folder, 'runs/endless'), { recursive: true });
    symlinkSync('/proc/self/pagemap', join(folder, 'runs/endless/config.json'));
    const args = ['--config', 'config.json', '--out', 'run', '--dashboard'];
    await endingAfter(going(folder, 'train', args), async ({ said, until, send, ended }) => {
      await until(() => epochsOf(join(folder, 'run')) > 2);
      const address = /dashboard: (http:\S+)/.exec(said())![1]!;
      const page = await fetch(address);
      const events = await fetch(new URL('/events', address), {
        headers: { Cookie: page.headers.getSetCookie()[0]!.split(';')[0]! },
      });
      let heard = '';
      for await (const bytes of events.body!) {
        heard += new TextDecoder().decode(bytes);
        if (heard.includes('"folder":"endless"')) break;
      }
      assert.match(heard, 'config.json: the config cannot be read: it is a link');
      const epochs = epochsOf(join(folder, 'run'));
      await until(() => epochsOf(join(folder, 'run')) > epochs + 1);
      send('SIGTERM');
      assert.is(await ended, 143);
      const { peakBytes } = readJson(folder, 'run/summary.json').memory;
      assert.ok(peakBytes < 2 ** 30, `${peakBytes} bytes`);
    });
  },
);

test('lockstep dashboard of no folder is a wrong command line', async ({ folder }) => {
  const { code, stderr } = await lockstep(folder(), 'dashboard', 'nothing');
  assert.is(code, 2);
  assert.match(stderr, 'error: nothing is no folder; give one that holds runs, such as runs');
  const port = await lockstep(folder(), 'dashboard', '--port', 'x');
  assert.is(port.code, 2);
});

test.run();

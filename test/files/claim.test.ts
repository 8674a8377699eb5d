import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ExitCode, UserError } from '#lockstep/errors.js';
import { claim, isClaimed, seemsClaimed } from '#lockstep/files/claim.js';
import { temporaryName } from '#lockstep/files/temporary.js';
import { hang, needing } from '../support/needing.js';

/** Who may write to a folder: processes that live, are suspended, have ended, or are elsewhere. */

const claims = suite<{ folder: string }>('claims');
claims.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'lockstep-claim-'));
});
claims.after.each(({ folder }) => rmSync(folder, { recursive: true }));

const isLinux = process.platform === 'linux';
const onLinux = needing(claims, 'Linux', isLinux);
const brief = { renewEvery: 20, watchFor: 480 };

/** Another process that has claimed the folder. */
async function claiming(folder: string): Promise<ChildProcess> {
  const module = new URL('../../files/claim.js', import.meta.url);
  const code = `const { claim } = await import('${module}'); await claim(process.argv[1]); console.log('claimed'); setInterval(() => {}, 1e6);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout!, 'data');
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 5));

const names = (folder: string) => readdirSync(folder).filter((name) => name.startsWith('claim.'));

async function refused(folder: string, onWait?: (note: string) => void): Promise<string> {
  const options = { times: brief, ...(onWait && { onWait }) };
  try {
    await claim(folder, options);
  } catch (error) {
    assert.instance(error, UserError);
    assert.is((error as UserError).exitCode, ExitCode.environment);
    return (error as UserError).message;
  }
  throw new Error('it was not refused');
}

const long = new Date(1_000_000_000_000);

claims(
  'a process that is suspended for years keeps its claim, whatever the clock says',
  async ({ folder }) => {
    const child = await claiming(folder);
    try {
      child.kill('SIGSTOP');
      for (const name of names(folder)) utimesSync(join(folder, name), long, long);
      const message = await refused(folder, () => assert.unreachable('there is nothing to wait for'));
      assert.match(message, /another process is writing there.*delete .*claim\./);
      assert.is(await isClaimed(folder), true);
      assert.is(names(folder).length, 1, 'its own is still there, and the refused one gone');
    } finally {
      await kill(child);
    }
    const own = await claim(folder);
    assert.is(names(folder).length, 1, 'what has ended holds nothing, and is removed');
    own.release();
    assert.equal(names(folder), []);
  },
);

onLinux('an earlier process with the PID of one that lives has ended', async ({ folder }) => {
  const child = spawn('sleep', ['1000']);
  try {
    const path = temporaryName(join(folder, 'claim'), 'tmp', child.pid);
    writeFileSync(path, '');
    assert.is(await isClaimed(folder), true);
    // Started at another time.
    rmSync(path);
    writeFileSync(path.replace(/-[0-9a-f]{6}(?=-[0-9a-f]{8}\.tmp$)/, '-123456'), '');
    assert.is(await isClaimed(folder), false);
  } finally {
    await kill(child);
  }
});

onLinux('a zombie process holds no claim', async ({ folder }) => {
  // What sh has started belongs to sleep, which never asks; it ends when it does.
  const child = spawn(
    'sh',
    ['-c', '(until grep -q sleep /proc/$$/comm; do :; done) & echo $!; exec sleep 1000'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  try {
    const pid = Number(String((await once(child.stdout, 'data'))[0]));
    while (!/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))) await pause();
    writeFileSync(temporaryName(join(folder, 'claim'), 'tmp', pid), '');
    assert.is(await isClaimed(folder), false);
  } finally {
    await kill(child);
  }
});

onLinux("a program's name is not taken for its state", async ({ folder }) => {
  const program = join(folder, 'a) Z 1');
  copyFileSync(process.execPath, program);
  const child = spawn(program, ['-e', "console.log('here'); setInterval(() => {}, 1e6)"], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(child.stdout, 'data');
    writeFileSync(temporaryName(join(folder, 'claim'), 'tmp', child.pid), '');
    assert.is(await isClaimed(folder), true);
  } finally {
    await kill(child);
  }
});

claims('a process that exits removes its claim, so that others need not wait', async ({ folder }) => {
  const module = new URL('../../files/claim.js', import.meta.url);
  const code = `const { claim } = await import('${module}'); await claim(process.argv[1]); process.exit(0);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code, folder], { stdio: 'inherit' });
  assert.equal(await once(child, 'exit'), [0, null]);
  assert.equal(names(folder), []);
});

claims('a claim is renewed', async ({ folder }) => {
  const own = await claim(folder, { times: brief });
  const content = () => names(folder).map((name) => readFileSync(join(folder, name), 'latin1'))[0];
  const first = content();
  for (const end = Date.now() + hang; content() === first && Date.now() < end; ) await pause();
  assert.is.not(content(), first);
  own.release();
});

/** A claim of another container, or of this host before it was started anew. */
const elsewhere = {
  'in another container': (path: string) => path.replace(/claim\.[0-9a-f]{6}-/, 'claim.123456-'),
  'before a restart of this machine': (path: string) =>
    path.replace(/(claim\.[0-9a-f]{6}-\d+-)[0-9a-f]{6}/, '$1123456'),
};

for (const [where, named] of Object.entries(elsewhere)) {
  claims(`a claim of a process ${where} holds only while it is renewed`, async ({ folder }) => {
    const path = named(temporaryName(join(folder, 'claim')));
    writeFileSync(path, '0');
    let count = 0;
    // Its clock is years behind.
    const renewing = setInterval(() => {
      writeFileSync(path, String(++count));
      utimesSync(path, long, long);
    }, 20);
    const notes: string[] = [];
    assert.match(await refused(folder, (note) => notes.push(note)), 'another process is writing there');
    assert.match(notes.join(), /has claimed it; looking for up to 1 s whether it lives/);
    assert.is(await isClaimed(folder, { times: brief }), true);
    clearInterval(renewing);
    assert.ok(existsSync(path));
    const own = await claim(folder, { times: brief });
    assert.not.ok(existsSync(path));
    own.require();
    own.release();
  });
}

claims(
  'who only looks on takes a claim from elsewhere for one where it was renewed of late',
  ({ folder }) => {
    const path = elsewhere['in another container'](temporaryName(join(folder, 'claim')));
    writeFileSync(path, '0');
    assert.is(seemsClaimed(folder), true);
    utimesSync(path, long, long);
    assert.is(seemsClaimed(folder), false);
  },
);

claims('a process whose claim is gone gets an error before it writes', async ({ folder }) => {
  const own = await claim(folder, { times: brief });
  own.require();
  for (const name of names(folder)) rmSync(join(folder, name));
  // A renewal does not make it anew.
  await new Promise((resolve) => setTimeout(resolve, 5 * brief.renewEvery));
  assert.throws(
    () => own.require(),
    (error: unknown) =>
      error instanceof UserError &&
      error.exitCode === ExitCode.environment &&
      /has lost its claim .* nothing more is written/.test(error.message),
  );
  own.release();
});

claims.run();

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ExitCode } from '#lockstep/errors.js';
import { inFolder } from '../support/data-helpers.js';
import { hang, needing } from '../support/needing.js';

const failures = suite('failures outside of a command');
const onPosix = needing(failures, 'a system that removes a folder in use', process.platform !== 'win32');

const dist = fileURLToPath(new URL('../../', import.meta.url));

/** Exit code and stderr of a program. */
const ended = (program: string, args: readonly string[], cwd: string) =>
  new Promise<{ code: unknown; stderr: string }>((resolve) => {
    execFile(program, args, { cwd, timeout: hang }, (error, _, stderr) =>
      resolve({ code: error?.code ?? 0, stderr }),
    );
  });

/** What a process says whose command line is set up, and in which `then` happens. */
const after = (then: string) =>
  inFolderOf(async (folder) => {
    const modules = ['cli', '../errors'].map((name) => JSON.stringify(join(dist, 'cli', `${name}.js`)));
    const program = `
      const { commandLine } = await import(${modules[0]});
      const { UserError } = await import(${modules[1]});
      commandLine('lockstep');
      ${then};
      setInterval(() => {}, 1000);`;
    return ended(process.execPath, ['--input-type=module', '-e', program], folder);
  });

async function inFolderOf<T>(body: (folder: string) => Promise<T>): Promise<T> {
  let result: T | undefined;
  await inFolder(async (folder) => {
    result = await body(folder);
  });
  return result as T;
}

for (const [name, then] of Object.entries({
  'a rejection that nobody waits for': "Promise.reject(new TypeError('it broke'))",
  'what is thrown in a callback': "setTimeout(() => { throw new TypeError('it broke'); })",
})) {
  failures(`${name} ends the process: exit code 1, a stack trace, and a request to report it`, async () => {
    const { code, stderr } = await after(then);
    assert.is(code, ExitCode.internal);
    assert.match(stderr, /^error: this is a fault of lockstep's own; please report it/);
    assert.match(stderr, /TypeError: it broke\n\s+at /);
  });
}

failures('what the user can mend is said without a stack trace there too', async () => {
  assert.equal(await after("Promise.reject(new UserError('mend it', 3))"), {
    code: 3,
    stderr: 'error: mend it\n',
  });
});

failures(
  'what steers a terminal is escaped in the words of a failure and of a wrong command line',
  async () => {
    assert.equal(await after("Promise.reject(new UserError('a\\u001b[31m', 3))"), {
      code: 3,
      stderr: 'error: a\\u001b[31m\n',
    });
    const { code, stderr } = await inFolderOf((folder) =>
      ended(process.execPath, [join(dist, 'lockstep.js'), 'train', '--a\u001b[31m'], folder),
    );
    assert.is(code, ExitCode.usage);
    assert.match(stderr, 'Unknown argument: a\\u001b[31m');
    assert.not.match(stderr, '\u001b');
  },
);

onPosix('a folder that was removed under the shell: exit code 5', () =>
  inFolder(async (folder) => {
    const script = 'mkdir gone && cd gone && rmdir ../gone && exec "$0" "$1" train --config c.json';
    const { code, stderr } = await ended(
      'sh',
      ['-c', script, process.execPath, join(dist, 'lockstep.js')],
      folder,
    );
    assert.is(code, ExitCode.environment);
    assert.match(stderr, /^error: the current folder is not there: /);
  }),
);

failures.run();

import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import {
  commandSuite,
  type Ended,
  jsonLines,
  lockstep,
  readJson,
  tinyConfig,
  train,
  trainBadly,
  trainWell,
  type Workspace,
} from '../support/command-helpers.js';
import { ask } from '../support/dashboard-helpers.js';
import {
  goingOnRanks,
  isRunning,
  type Mpirun,
  mpich,
  mpiruns,
  openMpi,
  type RanksGoing,
} from '../support/mpi-helpers.js';
import { needing } from '../support/needing.js';
import { endingAfter, epochsOf, longConfig } from '../support/signal-helpers.js';

/** The commands on several ranks: as a user sees them who knows them on one machine. */
const commands = commandSuite('commands on several ranks');
const withMpi = (mpirun: Mpirun) => needing(commands, mpirun.name, mpirun.command !== undefined);

const hashOf = (run: string): string => readJson(run, 'summary.json').weightsSha256;

/** Runs a command on ranks to its end. */
async function onRanks(
  ...args: Parameters<typeof goingOnRanks>
): Promise<Pick<Ended, 'code'> & { readonly said: string }> {
  const going = goingOnRanks(...args);
  const code = await going.ended;
  return { code, said: going.said() };
}

async function well(...args: Parameters<typeof goingOnRanks>): Promise<string> {
  const { code, said } = await onRanks(...args);
  assert.is(code, 0, said);
  return said;
}

const once = ['--config', 'config.json', '--out', 'run', '--threads', '1', '--log-format', 'pretty'];
const config = ['--config', 'config.json'];
const times = (text: string, part: string | RegExp) => text.split(part).length - 1;

/** Waits until the ranks have trained for some epochs. */
const untilEpoch = (going: RanksGoing, run: string, epoch: number) =>
  going.until(() => epochsOf(run) >= epoch);

async function untilNoneRuns(pids: readonly number[]): Promise<void> {
  while (pids.some(isRunning)) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** The weights of `config.json` trained in one process; `args` have no effect on them. */
async function hashAlone(at: string, ...args: readonly string[]): Promise<string> {
  await trainWell(at, '--out', 'alone', '--quiet', ...args);
  return hashOf(join(at, 'alone'));
}

withMpi(openMpi)('a run says who trained it, and repeats on ranks', async ({ folder }) => {
  const at = folder();
  const said = await well(openMpi, 3, at, 'train', once);
  assert.match(said, /3 ranks on one host, 3 threads in all/);
  assert.is(hashOf(join(at, 'run')), await hashAlone(at));
  const [{ distributed }] = readJson(at, 'run', 'summary.json').parts;
  assert.match(distributed.carrier, /^Open MPI \d/);
  assert.equal(
    distributed.ranks.map(({ threads }: { threads: number }) => threads),
    [1, 1, 1],
  );
  assert.match(await well(openMpi, 2, at, 'lockstep', ['verify', 'run']), /every bit is the same/);
  const lines = readFileSync(join(at, 'run', 'metrics.jsonl'), 'utf8').replace(/"loss":(\d)/, '"loss":1$1');
  writeFileSync(join(at, 'run', 'metrics.jsonl'), lines);
  const changed = await onRanks(openMpi, 2, at, 'lockstep', ['verify', 'run', '--epochs', '1']);
  assert.is(changed.code, 6, changed.said);
});

/** Where one MPI alone is installed, it takes the other's part. */
const [mpirun1, mpirun2 = mpirun1] = mpiruns.filter(({ command }) => command !== undefined).reverse();

needing(
  commands,
  'Open MPI or MPICH',
  mpirun1 !== undefined,
)(
  'stopped, killed and resumed on other numbers of ranks and by the other MPI, a run has the bits of one in one piece',
  async (context) => {
    const at = context.folder(longConfig(context));
    const run = join(at, 'run');
    const trainOn = async (
      mpirun: Mpirun,
      ranks: number,
      args: string[],
      end: (going: RanksGoing) => void,
    ) => {
      const going = goingOnRanks(mpirun, ranks, at, 'train', [...args, '--threads', '1', '--quiet']);
      await endingAfter(going, async () => {
        await untilEpoch(going, run, epochsOf(run) + 2);
        const pids = Array.from({ length: ranks }, (_, rank) => going.pid(rank));
        end(going);
        assert.is.not(await going.ended, undefined);
        await untilNoneRuns(pids);
      });
    };
    await trainOn(mpirun1!, 2, [...config, '--out', 'run'], (going) => going.send('SIGTERM'));
    // Open MPI's mpirun kills its ranks a second later, whatever they do.
    if (mpirun1 === mpich) assert.is(readJson(run, 'summary.json').status, 'stopped');
    await trainOn(mpirun2!, 3, ['--resume', 'run'], (going) => process.kill(going.pid(1), 'SIGKILL'));
    await trainOn(mpirun2!, 2, ['--resume', 'run'], (going) => going.send('SIGINT'));
    const epochs = `${epochsOf(run) + 2}`;
    const resumed = await train(at, '--resume', 'run', '--epochs', epochs, '--quiet');
    assert.is(resumed.code, 0, resumed.stderr);
    assert.is(hashOf(run), await hashAlone(at, '--epochs', epochs));
    assert.is(readJson(run, 'summary.json').parts.length, 4);
  },
);

withMpi(openMpi)('a rank that is stopped for too long ends the job, by name', async (context) => {
  const at = context.folder(longConfig(context));
  const going = goingOnRanks(openMpi, 3, at, 'train', [...once, '--rank-timeout', '2s']);
  await endingAfter(going, async () => {
    await untilEpoch(going, join(at, 'run'), 2);
    process.kill(going.pid(1), 'SIGSTOP');
    assert.is(await going.ended, 5, going.said());
  });
  const said = going.said();
  assert.match(
    said,
    /error: (nothing has come from rank 1 on \S+ for 2 s|no answer within 2 s from rank 1 )/,
  );
  assert.is(times(said, /error: /), 1, said);
});

withMpi(mpich)('a training that diverges ends all ranks with its exit code', async (context) => {
  const tiny = tinyConfig(context.dataset);
  const at = context.folder({ ...tiny, optimizer: { type: 'sgd', learningRate: 1e30 } });
  const { code, said } = await onRanks(mpich, 2, at, 'train', once);
  assert.is(code, 4, said);
  assert.is(times(said, 'the training has diverged'), 1, said);
  assert.is(readJson(at, 'run', 'summary.json').status, 'failed');
});

/** What a command says once, however many ranks it has, and ends with. */
interface Refusal {
  readonly code: number;
  readonly says: RegExp;
  readonly args: readonly string[];
  readonly name?: 'train' | 'lockstep';
  /** Of each rank's shell. */
  readonly before?: string;
  readonly prepare?: (at: string, context: Workspace) => void;
}

/** Each rank works in a folder of its own, whose `set` is the dataset; rank 1's is prepared. */
const ownFolders =
  (prepareSet: (set: string, context: Workspace) => void) => (at: string, context: Workspace) => {
    const { data, ...rest } = tinyConfig(context.dataset);
    for (const rank of ['0', '1']) {
      mkdirSync(join(at, rank));
      const own = { ...rest, data: { ...data, dir: 'set' } };
      writeFileSync(join(at, rank, 'config.json'), JSON.stringify(own));
    }
    symlinkSync(context.dataset, join(at, '0', 'set'));
    prepareSet(join(at, '1', 'set'), context);
  };

const withoutKoffi = `import { register } from 'node:module';
const hook = "export const resolve = (name, context, next) => { if (name === 'koffi') throw new Error('none'); return next(name, context); }";
register('data:text/javascript,' + encodeURIComponent(hook));`;

const refusals: Readonly<Record<string, Refusal>> = {
  'an option that there is none of': { code: 2, says: /Unknown argument: bogus/, args: [...once, '--bogus'] },
  'a config that is wrong': {
    code: 2,
    says: /config\.json has 5 faults/,
    args: once,
    prepare: (at) => writeFileSync(join(at, 'config.json'), '{ "name": "none" }'),
  },
  'a dataset that is not there': {
    code: 3,
    says: /none: no such folder/,
    args: [...once, '--data', 'none'],
  },
  'a dataset that one rank has not': {
    code: 3,
    says: /rank 1 on \S+: set: no such folder/,
    args: once,
    before: 'cd "$r"',
    prepare: ownFolders(() => {}),
  },
  'a dataset that is another one on one rank': {
    code: 3,
    says: /set of rank 1 on \S+ is not the dataset of rank 0 on /,
    args: once,
    before: 'cd "$r"',
    prepare: ownFolders((set, { dataset }) => {
      cpSync(dataset, set, { recursive: true });
      const list = join(set, 'train.txt');
      writeFileSync(list, readFileSync(list, 'utf8').replace(' 0\n', ' 1\n'));
    }),
  },
  'a run directory that is taken': {
    code: 2,
    says: /run is not empty/,
    args: once,
    prepare: (at) => {
      mkdirSync(join(at, 'run'));
      writeFileSync(join(at, 'run', 'mine'), '');
    },
  },
  'a library that is no MPI': {
    code: 5,
    says: /none\.so: .*No such file/,
    args: [...once, '--mpi-library', 'none.so'],
  },
  'no koffi': {
    code: 5,
    says: /MPI is called through koffi, which could not be loaded \(none\): run npm install koffi/,
    args: once,
    before: 'export NODE_OPTIONS="--import=./without-koffi.mjs"',
    prepare: (at) => writeFileSync(join(at, 'without-koffi.mjs'), withoutKoffi),
  },
  'a command of one process': {
    code: 2,
    says: /this command runs in one process, and (Open MPI|MPICH)'s mpirun has started 2/,
    name: 'lockstep',
    args: ['lr-find', '--config', 'config.json'],
  },
};

for (const [i, [what, refusal]] of Object.entries(refusals).entries()) {
  const mpirun = mpiruns[i % mpiruns.length]!;
  withMpi(mpirun)(`${mpirun.name}: ${what} ends all ranks, and is said once`, async (context) => {
    const at = context.folder();
    refusal.prepare?.(at, context);
    const { name = 'train', args, before, code, says } = refusal;
    const ended = await onRanks(mpirun, 2, at, name, args, before);
    assert.is(ended.code, code, ended.said);
    assert.match(ended.said, says);
    assert.is(times(ended.said, /error: /), 1, ended.said);
    assert.not.match(ended.said, /^\s+at /m);
    assert.not.ok(existsSync(join(at, 'run', 'config.json')));
  });
}

needing(
  commands,
  openMpi.name,
  openMpi.command !== undefined,
)('--distributed mpi without a launcher is refused', async ({ folder }) => {
  assert.match(await trainBadly(folder(), 2, ...config, '--distributed', 'mpi'), /no launcher has started/);
});

withMpi(openMpi)('a dashboard that cannot listen ends all ranks at once', async ({ folder }) => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.on('listening', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const args = [...once, '--dashboard', '--dashboard-port', `${port}`, '--rank-timeout', '24h'];
    const { code, said } = await onRanks(openMpi, 2, folder(), 'train', args);
    assert.is(code, 5, said);
    assert.match(said, /the dashboard cannot listen on 127\.0\.0\.1, port/);
  } finally {
    server.close();
  }
});

withMpi(openMpi)(
  'a rank that is stopped for a while, and a pause by the dashboard, hold the others up and change nothing',
  async (context) => {
    const tiny = tinyConfig(context.dataset);
    const at = context.folder({ ...tiny, training: { ...tiny.training, epochs: 60 } });
    const dashboard = ['--dashboard', '--dashboard-port', '0', '--rank-timeout', '1s'];
    const args = [...config, '--out', 'run', '--threads', '1', '--log-format', 'json', ...dashboard];
    const going = goingOnRanks(openMpi, 2, at, 'train', args);
    await endingAfter(going, async () => {
      await untilEpoch(going, join(at, 'run'), 2);
      process.kill(going.pid(1), 'SIGSTOP');
      await new Promise((resolve) => setTimeout(resolve, 300));
      process.kill(going.pid(1), 'SIGCONT');
      const { host, port, searchParams } = new URL(/http:[^\s"]+/.exec(going.said())![0]);
      const cookie = `lockstep-${port}=${searchParams.get('token')}`;
      const control = async (action: string) => {
        const headers = { 'Content-Type': 'application/json', Origin: `http://${host}` };
        const body = JSON.stringify({ action });
        const { status } = await ask({ port: Number(port), cookie }, '/controls', {
          method: 'POST',
          headers,
          body,
        });
        assert.is(status, 204);
      };
      await control('pause');
      // More than the others' patience, which is 2 s longer than rank 0's.
      await new Promise((resolve) => setTimeout(resolve, 4000));
      assert.ok(epochsOf(join(at, 'run')) < 60);
      await control('resume');
      assert.is(await going.ended, 0, going.said());
    });
    assert.is(hashOf(join(at, 'run')), await hashAlone(at));
  },
);

withMpi(openMpi)('--init, early stopping, --tensorboard and json are as on one machine', async (context) => {
  const tiny = tinyConfig(context.dataset);
  const stopping = { epochs: 40, earlyStopping: { patience: 1, restoreBest: true } };
  const at = context.folder({ ...tiny, training: { ...tiny.training, ...stopping } });
  await trainWell(at, '--out', 'before', '--epochs', '1', '--quiet');
  const args = ['--init', 'before', '--tensorboard', '--log-format', 'json'];
  const said = await well(openMpi, 2, at, 'train', [...config, ...args, '--out', 'run', '--threads', '2']);
  const ends = jsonLines(said).filter(({ event }) => event === 'end');
  assert.is(ends.length, 1);
  await hashAlone(at, ...args);
  const [run, alone] = ['run', 'alone'].map((name) => {
    const { end, final, best, init, weightsSha256 } = readJson(at, name, 'summary.json');
    return { end, final, best, init, weightsSha256 };
  });
  assert.equal(run, alone);
  assert.is(ends[0].weightsHash, alone!.weightsSha256);
  assert.ok(readdirSync(join(at, 'run', 'tensorboard')).length > 0);
});

withMpi(mpich)('--quiet says nothing', async ({ folder }) => {
  const at = folder();
  assert.is(await well(mpich, 2, at, 'train', [...config, '--out', 'run', '--epochs', '1', '--quiet']), '');
});

withMpi(mpich)('--max-time ends all ranks; the report tells of them', async (context) => {
  const at = context.folder(longConfig(context));
  await well(mpich, 2, at, 'train', [...once, '--max-time', '0.5s']);
  const { end, status } = readJson(at, 'run', 'summary.json');
  assert.is(status, 'completed');
  assert.is(end.reason, 'maxTime');
  const verified = await lockstep(at, 'verify', 'run');
  assert.is(verified.code, 0, verified.stderr);
  const reported = await lockstep(at, 'report', 'run', '--out', 'report.html');
  assert.is(reported.code, 0, reported.stderr);
  assert.match(readFileSync(join(at, 'report.html'), 'utf8'), /2 ranks on one host, 2 threads in all/);
});

withMpi(openMpi)('profile counts what rank 0 sends', async ({ folder }) => {
  const at = folder();
  const args = ['profile', ...config, '--steps', '4', '--threads', '1'];
  const profile = JSON.parse(
    (await well(openMpi, 2, at, 'lockstep', [...args, '--json'])).replace(/^[^{]*/, ''),
  );
  assert.ok(profile.rows.some(({ name }: { name: string }) => name === 'exchange'));
  const { bytes, ...counted } = profile.messages;
  // A batch of 7 is one micro-batch, rank 0's: its gradients, the outcome and what rank 0 has to say besides.
  assert.equal(counted, { ranks: 2, messages: 2, leastBytes: 4 * 1294 });
  assert.ok(bytes > counted.leastBytes && bytes < 1.1 * counted.leastBytes, `${bytes} bytes`);
});

commands.run();

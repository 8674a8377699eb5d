import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { readSealed } from '#lockstep/tensors/sealed.js';
import {
  commandSuite,
  lockstep,
  readJson,
  tinyConfig,
  train,
  trainBadly,
  trainWell,
} from '../support/command-helpers.js';
import { needing } from '../support/needing.js';

/** Disks that are full, or become read-only, under a training: small file systems in memory, which mostly only root may mount. */

const faults = commandSuite('a failing disk');

/** Mounts a file system in memory of this size on the folder; false where this is forbidden. */
function mount(folder: string, size: string): boolean {
  mkdirSync(folder, { recursive: true });
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]).status === 0;
}

const remount = (folder: string, options: string) =>
  execFileSync('mount', ['-o', `remount,${options}`, folder], { stdio: 'pipe' });

const unmount = (folder: string) => execFileSync('umount', ['-l', folder], { stdio: 'ignore' });

function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-mount-'));
  const isMounted = mount(folder, '16k');
  if (isMounted) unmount(folder);
  rmSync(folder, { recursive: true });
  return isMounted;
}

const disks = needing(faults, 'leave to mount file systems', canMount());

/** Runs `use` with a folder of that size. */
async function onDisk(folder: string, size: string, use: () => Promise<void>): Promise<void> {
  assert.ok(mount(folder, size));
  try {
    await use();
  } finally {
    unmount(folder);
  }
}

/** A checkpoint of 10,000 parameters takes 80 KB: one fits on the disk, two do not. */
const largeConfig = (dataset: string) => {
  const config = tinyConfig(dataset);
  const layers = [{ type: 'flatten' }, { type: 'dense', outFeatures: 12 }, { type: 'relu' }];
  return { ...config, model: { layers: [...layers, ...config.model.layers.slice(-1)] } };
};

disks(
  'a disk that fills up ends the run; its checkpoint is good, and goes on when there is room',
  async (context) => {
    const folder = context.folder(largeConfig(context.dataset));
    const disk = join(folder, 'disk');
    await onDisk(disk, '160k', async () => {
      const message = await trainBadly(folder, 5, '--config', 'config.json', '--out', 'disk/run');
      assert.match(message, /disk\/run\/.+ cannot be written: ENOSPC/);
      assert.equal(
        readdirSync(join(disk, 'run')).filter((name) => name.endsWith('.tmp')),
        [],
      );
      readSealed(join(disk, 'run/checkpoint.safetensors'));
      remount(disk, 'size=10m');
      const { code } = await train(folder, '--resume', 'disk/run');
      assert.is(code, 0);
      await trainWell(folder, '--out', 'whole');
      const hashes = ['disk/run', 'whole'].map((run) => readJson(folder, run, 'summary.json').weightsSha256);
      assert.is(hashes[0], hashes[1]);
    });
  },
);

disks('no room for the packed data', async (context) => {
  const folder = context.folder({
    ...tinyConfig(context.dataset),
    data: { ...tinyConfig(context.dataset).data, cache: 'disk/packed' },
  });
  const disk = join(folder, 'disk');
  await onDisk(disk, '16k', async () => {
    const message = await trainBadly(folder, 5, '--config', 'config.json');
    assert.match(message, /disk\/packed.* cannot be written: ENOSPC/);
    remount(disk, 'size=10m');
    await trainWell(folder);
    assert.equal(
      readdirSync(join(disk, 'packed')).filter((name) => !name.endsWith('.safetensors')),
      [],
    );
  });
});

disks('a folder that becomes read-only under a training', async (context) => {
  const config = largeConfig(context.dataset);
  const folder = context.folder({ ...config, training: { ...config.training, epochs: 100_000 } });
  const disk = join(folder, 'disk');
  await onDisk(disk, '10m', async () => {
    const training = trainBadly(folder, 5, '--config', 'config.json', '--out', 'disk/run');
    await epochsIn(join(disk, 'run/metrics.jsonl'));
    // A file that is open for writing at the moment keeps it writable.
    while (!isReadOnly(() => remount(disk, 'ro'))) await pause(1);
    assert.match(await training, /disk\/run\/.+ cannot be written: EROFS/);
    readSealed(join(disk, 'run/checkpoint.safetensors'));
    const { code, stderr } = await lockstep(folder, 'train', '--resume', 'disk/run');
    assert.is(code, 5);
    assert.match(stderr, 'disk/run cannot be written: EROFS');
  });
});

function isReadOnly(attempt: () => void): boolean {
  try {
    attempt();
    return true;
  } catch {
    return false;
  }
}

async function epochsIn(metrics: string): Promise<void> {
  for (;;) {
    try {
      if (readFileSync(metrics, 'utf8').split('\n').length > 3) return;
    } catch {
      // Not yet there.
    }
    await pause(5);
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const onLinux = needing(faults, 'Linux', process.platform === 'linux');

onLinux('a folder in which no folder can be made is reported at once', async (context) => {
  const folder = context.folder();
  const message = await trainBadly(folder, 5, '--config', 'config.json', '--out', '/proc/lockstep/run');
  // Root hears that there is no such entry, others that they may not.
  assert.ok(/^error: \/proc\/lockstep(\/run)? cannot be written: E(NOENT|ACCES)/.test(message), message);
});

faults.run();

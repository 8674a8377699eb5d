import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
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
} from './command-helpers.js';

/** Disks that are full, or become read-only, under a training: small file systems in memory, which only root may mount. */

const faults = commandSuite('a failing disk');

/** Whether a file system in memory of this size could be mounted on the folder. */
function mount(folder: string, size: string): boolean {
  mkdirSync(folder, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder], { stdio: 'ignore' });
    return true;
  } catch {
    console.log('no file system can be mounted here: full and read-only disks are not tested');
    return false;
  }
}

const remount = (folder: string, options: string) =>
  execFileSync('mount', ['-o', `remount,${options}`, folder], { stdio: 'pipe' });

const unmount = (folder: string) => execFileSync('umount', ['-l', folder], { stdio: 'ignore' });

/** Runs `use` with a folder of that size, if there can be one. */
async function onDisk(folder: string, size: string, use: () => Promise<void>): Promise<void> {
  if (!mount(folder, size)) return;
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

faults(
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

faults('no room for the packed data', async (context) => {
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

faults('a folder that becomes read-only under a training', async (context) => {
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

faults('a folder in which the system makes none is told at once', async (context) => {
  if (process.platform !== 'linux') return;
  const folder = context.folder();
  const message = await trainBadly(folder, 5, '--config', 'config.json', '--out', '/proc/lockstep/run');
  assert.match(message, /^error: \/proc\/lockstep cannot be written: ENOENT/);
});

faults.run();

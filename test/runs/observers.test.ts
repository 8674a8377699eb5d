import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { trainConfig } from '#lockstep/cli/train-config.js';
import { loadConfig } from '#lockstep/config/load.js';
import { resolveConfig } from '#lockstep/config/resolve.js';
import { createReporter } from '#lockstep/runs/log.js';
import type { Observer } from '#lockstep/runs/observer.js';
import { readSealed } from '#lockstep/tensors/sealed.js';
import { commandSuite } from '../support/command-helpers.js';

const test = commandSuite('observers of a training');

test('one that fails ends it with a checkpoint of the epoch that it was to look at', async (context) => {
  const folder = context.folder();
  const path = join(folder, 'config.json');
  const config = resolveConfig(loadConfig(path), path);
  const run = join(folder, 'run');
  const closed: string[] = [];
  const failing: Observer = {
    epochEnded({ epoch }) {
      if (epoch === 2) throw new Error('the disk is full');
    },
    close() {
      closed.push('failing');
      throw new Error('still full');
    },
  };
  const other: Observer = { close: () => void closed.push('other') };
  const training = trainConfig(config, {
    threads: 2,
    sharedBytes: 2 ** 26,
    out: run,
    observers: [failing, other],
    reporter: createReporter({ quiet: true }),
  });
  const error = await training.then(
    () => assert.unreachable(),
    (reason: Error) => reason,
  );
  assert.is(error?.message, 'the disk is full');
  assert.equal(closed, ['failing', 'other']);
  const { metadata } = readSealed(join(run, 'checkpoint.safetensors'));
  assert.is(metadata['epoch'], '2');
});

test.run();

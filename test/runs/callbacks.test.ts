import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { loadConfig } from '#lockstep/config/load.js';
import { resolveConfig } from '#lockstep/config/resolve.js';
import type { Callback } from '#lockstep/runs/callback.js';
import { createReporter } from '#lockstep/runs/log.js';
import { readSealed } from '#lockstep/tensors/sealed.js';
import { trainConfig } from '#lockstep/training/train-config.js';
import { commandSuite } from '../support/command-helpers.js';

const test = commandSuite('callbacks of a training');

test('one that fails ends it with a checkpoint of the epoch that it was to look at', async (context) => {
  const folder = context.folder();
  const path = join(folder, 'config.json');
  const config = resolveConfig(loadConfig(path), path);
  const run = join(folder, 'run');
  const closed: string[] = [];
  const failing: Callback = {
    epoch({ epoch }) {
      if (epoch === 2) throw new Error('the disk is full');
    },
    close() {
      closed.push('failing');
      throw new Error('still full');
    },
  };
  const other: Callback = { close: () => void closed.push('other') };
  const training = trainConfig(config, {
    threads: 2,
    sharedBytes: 2 ** 26,
    out: run,
    callbacks: [failing, other],
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

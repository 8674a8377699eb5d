import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Checkpoints } from '#lockstep/runs/checkpoints.js';
import type { Engine } from '#lockstep/runtime/engine.js';
import { inFolder } from '../support/data-helpers.js';

const engine = { network: { parameters: [], weights: [] }, tensors: { slots: [] } } as unknown as Engine;

/** A claim that is lost when it has been asked for so many times. */
const claimOf = (times: number) => {
  let asked = 0;
  return () => {
    if (++asked > times) throw new Error('the claim is gone');
  };
};

test('a checkpoint has its name only where the claim is still held when all is written', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'checkpoint.safetensors');
    writeFileSync(path, 'the last one');
    const write = (times: number) => {
      const checkpoints = new Checkpoints(path, [], {}, claimOf(times), {});
      checkpoints.take(engine, { epoch: 1 } as never);
      checkpoints.write();
    };
    for (const times of [0, 1]) {
      const before = readdirSync(folder);
      assert.throws(() => write(times), /the claim is gone/);
      assert.equal(readdirSync(folder), before, `asked ${times} times`);
    }
    write(2);
    assert.ok(existsSync(path));
  }));

test.run();

import { existsSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { commandSuite, readJson, readTensors, trainBadly, trainWell } from '../support/command-helpers.js';

const test = commandSuite('--init');

let folder: string;
test.before(async (context) => {
  folder = context.folder();
  await trainWell(folder, '--out', 'first');
});

test('starts from the weights in the file', async () => {
  // The step is lost in rounding: the weights stay as they came.
  const still = ['--set', 'optimizer.learningRate=1e-30', '--epochs', '1'];
  await trainWell(folder, '--out', 'second', '--init', 'first/model.safetensors', ...still);
  const weightsOf = (out: string) => readTensors(join(folder, out, 'model.safetensors')).tensors;
  assert.equal(weightsOf('second'), weightsOf('first'));
  const [first, second] = ['first', 'second'].map((out) => readJson(folder, out, 'summary.json'));
  assert.is(second.weightsSha256, first.weightsSha256);
  assert.equal(second.final, first.final);
});

test('lists every tensor that is missing, not known, or of another shape', async () => {
  const other = ['--set', 'model.layers.0.outChannels=5', '--set', 'model.layers.4.name=head'];
  const args = ['--config', 'config.json', '--out', 'none', '--init', 'first/model.safetensors'];
  const message = await trainBadly(folder, 2, ...args, ...other);
  for (const fault of [
    'first/model.safetensors does not fit',
    'conv1.weight is 4 x 3 x 3 x 3; this network needs 5 x 3 x 3 x 3',
    'conv1.bias is 4; this network needs 5',
    'head.weight is missing',
    'head.bias is missing',
    'fc1.weight is not in this network',
    'fc1.bias is not in this network',
  ]) {
    assert.match(message, fault);
  }
  assert.not.ok(existsSync(join(folder, 'none')));
});

test('a file that cannot be read is a wrong command line', async () => {
  const args = ['--config', 'config.json', '--init'];
  assert.match(await trainBadly(folder, 2, ...args, 'none.safetensors'), 'none.safetensors: cannot be read');
  assert.match(await trainBadly(folder, 2, ...args, 'config.json'), 'config.json: not a valid safetensors');
});

test('a file of another network is refused before its tensors are read, however large they are', async (context) => {
  const folder = context.folder();
  const size = 2 ** 36;
  const header = Buffer.from(`{"a":{"dtype":"F32","shape":[${size / 4}],"data_offsets":[0,${size}]}}`);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const path = join(folder, 'large.safetensors');
  writeFileSync(path, Buffer.concat([length, header]));
  truncateSync(path, 8 + header.length + size);
  const message = await trainBadly(folder, 2, '--config', 'config.json', '--init', path);
  assert.match(message, "large.safetensors does not fit the config's network:\n  a is not in this network");
});

test.run();

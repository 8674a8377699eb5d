import { spawnSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { openOnnx } from '#lockstep/inference/imported-model.js';
import { modelOfWeights } from '#lockstep/inference/trained-model.js';
import { commandSuite, lockstep, train } from '../support/command-helpers.js';
import { relativeError, root } from '../support/engine-helpers.js';
import { importedLogits } from '../support/import-helpers.js';
import { hang, needing } from '../support/needing.js';

/** From PyTorch to lockstep, a training there, and back: both say the same of the same weights, before and after. */

const test = commandSuite('PyTorch, lockstep, PyTorch');
const modules = ['torch', 'numpy'];
const python = ['python3', '/usr/bin/python3'].find(
  (command) => spawnSync(command, ['-c', `import ${modules.join()}`]).status === 0,
);
const shape = [3, 16, 16];

needing(
  test,
  `a Python with ${modules.join(', ')}`,
  python !== undefined,
)(
  "a network of PyTorch's exporters is trained here, and PyTorch takes the weights back",
  async (workspace) => {
    const folder = workspace.folder();
    const pytorch = (command: string) => {
      const program = join(root, 'test/onnx/pytorch.py');
      const ended = spawnSync(python!, [program, command, folder], { encoding: 'utf8', timeout: hang });
      assert.is(ended.status, 0, ended.stderr);
      return ended.stdout.trim().split('\n').at(-1);
    };
    const floats = (file: string) =>
      new Float32Array(new Uint8Array(readFileSync(join(folder, file))).buffer);
    const version = pytorch('export');
    const ways = readdirSync(folder)
      .filter((file) => file.endsWith('.onnx'))
      .map((file) => file.replace('.onnx', ''));
    assert.ok(ways.includes('script'));
    for (const how of ways) {
      const { imported } = openOnnx(join(folder, `${how}.onnx`));
      assert.ok(relativeError(importedLogits(imported, shape, floats('images')), floats('logits')) < 1e-5);
      const pixels = ['--mean', '0,0,0', '--deviation', '1,1,1'];
      const args = [`${how}.onnx`, '--as', `${how}.json`, ...pixels, '--data', workspace.dataset];
      const ended = await lockstep(folder, 'import', ...args);
      assert.is(ended.code, 0, ended.stderr);
      const trained = await train(
        folder,
        '--config',
        `${how}.json`,
        '--epochs',
        '2',
        '--out',
        how,
        '--threads',
        '1',
      );
      assert.is(trained.code, 0, trained.stderr);
      assert.match(trained.stdout, `all 13 layers start from ${how}.safetensors`);
      copyFileSync(join(folder, how, 'model.safetensors'), join(folder, `${how}.trained.safetensors`));
    }
    pytorch('check');
    for (const how of ways) {
      const { network, weights, config } = modelOfWeights(join(folder, how, 'model.safetensors'));
      const named = new Map(
        network.weights.map(({ name, shape }, i) => [
          name,
          { shape, values: Float32Array.from(weights[i]!) },
        ]),
      );
      const logits = importedLogits(
        { layers: config.model.layers as never, weights: named },
        shape,
        floats('images'),
      );
      assert.ok(relativeError(logits, floats(`${how}.trained`)) < 1e-5);
      assert.ok(relativeError(logits, floats('logits')) > 1e-3, 'it was trained');
    }
    console.log(`${version}: by ${ways.join(' and ')}`);
  },
);

test.run();

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import * as assert from 'uvu/assert';
import { commandSuite, lockstep, tinyConfig, trainWell } from '../support/command-helpers.js';
import { hang, needing } from '../support/needing.js';

const test = commandSuite('the weights in PyTorch');

/** What the snippet needs. */
const modules = ['torch', 'numpy', 'PIL', 'safetensors'];
const python = ['python3', '/usr/bin/python3'].find(
  (command) => spawnSync(command, ['-c', `import ${modules.join()}`]).status === 0,
);

needing(
  test,
  `a Python with ${modules.join(', ')}`,
  python !== undefined,
)("docs/pytorch.md's program says what predict says", async ({ dataset, folder }) => {
  const tiny = tinyConfig(dataset);
  const { model } = JSON.parse(readFileSync('configs/tuned/improved.json', 'utf8'));
  const features = { type: 'pixels', width: 32, height: 32, normalize: 'channels' };
  const root = folder({ ...tiny, data: { ...tiny.data, features }, model });
  await trainWell(root, '--out', 'run', '--quiet');
  const [, program] = /```python\n(.*?)```/s.exec(readFileSync('docs/pytorch.md', 'utf8'))!;
  assert.ok(program!.split('\n').length <= 26);
  writeFileSync(join(root, 'classify.py'), program!);
  const sizes = [32, 64];
  for (const size of sizes) {
    const rgb = Uint8Array.from({ length: 3 * size * size }, (_, i) => (i * i * 31 + i) % 251);
    const raw = { width: size, height: size, channels: 3 } as const;
    writeFileSync(join(root, `${size}.png`), await sharp(rgb, { raw }).png().toBuffer());
  }
  const images = sizes.map((size) => `${size}.png`);
  const ended = await lockstep(root, 'predict', 'run', ...images, '--weights', 'last', '--format', 'jsonl');
  const said = ended.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).predictions);
  for (const [i, image] of images.entries()) {
    const read = spawnSync(python!, ['classify.py', 'run/model.safetensors', image], {
      cwd: root,
      encoding: 'utf8',
      timeout: hang,
    });
    assert.is(read.status, 0, read.stderr);
    const lines = read.stdout
      .trim()
      .split('\n')
      .map((line) => /^(\S+) (.*)$/.exec(line)!);
    assert.equal(
      lines.map(([, , name]) => name),
      said[i].map((each: { class: string }) => each.class),
    );
    for (const [k, [, probability]] of lines.entries())
      assert.ok(Math.abs(Number(probability) - said[i][k].probability) < 1e-5);
  }
});

test.run();

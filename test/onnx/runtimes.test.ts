import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { lanes } from '#lockstep/kernels/kernels.js';
import { exportOnnx } from '#lockstep/onnx/export.js';
import { bytesOf } from '#lockstep/tensors/safetensors.js';
import { relativeError, root } from '../support/engine-helpers.js';
import { hang, needing } from '../support/needing.js';
import { cases, compare, type Distance, distance, exported, inputOf } from '../support/onnx-cases.js';
import { shippedConfig, tryConfig } from '../support/onnx-helpers.js';

/** Whether other runtimes make of an exported file what lockstep makes of its model. */

const test = suite('an exported file');
const folder = mkdtempSync(join(tmpdir(), 'lockstep-onnx-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const modules = ['onnx', 'onnxruntime', 'numpy'];
const python = ['python3', '/usr/bin/python3'].find(
  (command) => spawnSync(command, ['-c', `import ${modules.join()}`]).status === 0,
);
const floats = (file: string) => new Float32Array(new Uint8Array(readFileSync(join(folder, file))).buffer);

needing(
  test,
  `a Python with ${modules.join(', ')}`,
  python !== undefined,
)("is right by ONNX's checker, and gives our logits in ONNX Runtime, of many images and of one", () => {
  const all = cases();
  for (const [i, each] of all.entries()) {
    writeFileSync(join(folder, `${i}.onnx`), exported(each).bytes);
    writeFileSync(join(folder, `${i}.input`), bytesOf(inputOf(each)));
  }
  const program = join(root, 'test/onnx/check.py');
  const checked = spawnSync(python!, [program, folder], { encoding: 'utf8', timeout: hang });
  assert.is(checked.status, 0, checked.stderr);
  const errors = all.flatMap(({ name, tried }, i): [string, number][] => {
    const logits = tried.logits();
    const first = logits.subarray(0, tried.model.network.classes);
    return [
      [name, relativeError(floats(`${i}.all`), logits)],
      [`${name}, one image`, relativeError(floats(`${i}.first`), first)],
    ];
  });
  compare(checked.stdout.trim(), errors);
});

type Tensor = { readonly data: Float32Array };
interface Runtime {
  readonly InferenceSession: {
    create(bytes: Uint8Array): Promise<{ run(inputs: object): Promise<Record<string, Tensor>> }>;
  };
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => Tensor;
}

/** Where Node finds it, or `NODE_PATH` says. */
function nodeRuntime(): Runtime | undefined {
  try {
    return createRequire(import.meta.url)('onnxruntime-node');
  } catch {
    return undefined;
  }
}
const runtime = nodeRuntime();

needing(
  test,
  'onnxruntime-node',
  runtime !== undefined,
)('gives our logits in ONNX Runtime for Node', async () => {
  const errors: Distance[] = [];
  for (const each of cases()) {
    const { bytes, input, output } = exported(each);
    const session = await runtime!.InferenceSession.create(bytes);
    const images = new runtime!.Tensor('float32', inputOf(each), [lanes, ...input.shape]);
    const given = await session.run({ [input.name]: images });
    errors.push(distance(each, given[output]!.data));
  }
  compare('onnxruntime-node', errors);
});

needing(
  test,
  'onnxruntime-node',
  runtime !== undefined,
)('the program in docs/onnx.md gives our logits of an image', async () => {
  const [, program] = /```js\n(import .*?)```/s.exec(readFileSync(join(root, 'docs/onnx.md'), 'utf8'))!;
  const tried = tryConfig(shippedConfig('improved.json'));
  mkdirSync(join(folder, 'runs/tuned'), { recursive: true });
  mkdirSync(join(folder, 'node_modules'));
  const require = createRequire(import.meta.url);
  for (const name of ['onnxruntime-node', 'sharp']) {
    const [installed] = require.resolve(name).split(`/${name}/`) as [string];
    symlinkSync(join(installed, name), join(folder, 'node_modules', name));
  }
  writeFileSync(join(folder, 'runs/tuned/best.onnx'), exportOnnx(tried.model).bytes);
  const rgb = Uint8Array.from(
    { length: 3 * 1024 },
    (_, i) => tried.pixels![(i % 3) * 1024 + Math.floor(i / 3)]!,
  );
  const image = sharp(rgb, { raw: { width: 32, height: 32, channels: 3 } });
  writeFileSync(join(folder, 'cat.jpg'), await image.png().toBuffer());
  writeFileSync(join(folder, 'program.mjs'), program!);
  const ran = spawnSync(process.execPath, ['program.mjs'], { cwd: folder, encoding: 'utf8', timeout: hang });
  assert.is(ran.status, 0, ran.stderr);
  const logits = ran.stdout.trim().split(' ').map(Number);
  const expected = tried.logits().subarray(0, logits.length);
  assert.is(logits.length, tried.model.network.classes);
  assert.ok(relativeError(logits, expected) < 1e-5);
});

test.run();

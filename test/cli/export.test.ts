import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import * as assert from 'uvu/assert';
import { ModelProtoSchema } from '#lockstep/onnx/schema/onnx-ml_pb.js';
import { readSafetensors } from '#lockstep/tensors/safetensors.js';
import { commandSuite, lockstep, trainWell } from '../support/command-helpers.js';
import { hang, needing } from '../support/needing.js';

const test = commandSuite('the export command');

/** The folder of the run. */
let folder: string;
test.before(async (workspace) => {
  folder = workspace.folder();
  await trainWell(folder, '--out', 'run', '--quiet');
});

const modelIn = (file: string) => fromBinary(ModelProtoSchema, readFileSync(join(folder, file)));
const weightsIn = (file: string) => {
  const { graph, metadataProps } = modelIn(file);
  const values = new Map(graph!.initializer.map(({ name, rawData }) => [name, Buffer.from(rawData)]));
  return { values, metadata: new Map(metadataProps.map(({ key, value }) => [key, value])) };
};

for (const [weights, file, from] of [
  ['best', 'best.onnx', 'best.safetensors'],
  ['last', 'model.onnx', 'model.safetensors'],
] as const) {
  test(`--weights ${weights}: writes those weights into the run, with the classes`, async () => {
    const ended = await lockstep(folder, 'export', 'run', '--format', 'onnx', '--weights', weights);
    assert.is(ended.code, 0, ended.stderr);
    assert.match(ended.stdout, `run/${file}: ONNX, operator set 17`);
    assert.match(ended.stdout, /^input: float32, batch x 3 x \d+ x \d+: RGB pixels, 0 to 255/m);
    assert.match(ended.stdout, /^logits: float32, batch x 6$/m);
    const { values, metadata } = weightsIn(join('run', file));
    const saved = readSafetensors(join(folder, 'run', from));
    assert.ok(saved.tensors.size > 1);
    for (const [name, { data }] of saved.tensors)
      assert.ok(
        values.get(name)?.equals(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
        name,
      );
    assert.is(metadata.get('classes'), saved.metadata['classes']);
    assert.is(metadata.get('normalization'), saved.metadata['normalization']);
    assert.is(metadata.get('epoch'), saved.metadata['epoch']);
  });
}

test('--out, --input normalized and --softmax', async () => {
  const args = ['--out', 'mine.onnx', '--input', 'normalized', '--softmax', '--fold'];
  const ended = await lockstep(folder, 'export', 'run', ...args);
  assert.is(ended.code, 0, ended.stderr);
  const { graph } = modelIn('mine.onnx');
  assert.is(graph!.node.at(-1)!.opType, 'Softmax');
  assert.not(graph!.node.some(({ name }) => name.startsWith('normalize/')));
});

test('a folder that is no run is refused, and nothing is written', async ({ dataset }) => {
  const ended = await lockstep(folder, 'export', dataset, '--out', 'none.onnx');
  assert.is(ended.code, 2);
  assert.match(ended.stderr, /^error: .* is no run directory/);
  assert.not(existsSync(join(folder, 'none.onnx')));
});

const modules = ['onnxruntime', 'numpy', 'PIL'];
const python = ['python3', '/usr/bin/python3'].find(
  (command) => spawnSync(command, ['-c', `import ${modules.join()}`]).status === 0,
);

needing(
  test,
  `a Python with ${modules.join(', ')}`,
  python !== undefined,
)("docs/onnx.md's Python program says what predict says", async ({ dataset }) => {
  assert.is((await lockstep(folder, 'export', 'run', '--softmax')).code, 0);
  const [, program] = /```python\n(.*?)```/s.exec(readFileSync('docs/onnx.md', 'utf8'))!;
  writeFileSync(join(folder, 'classify.py'), program!);
  const image = join(dataset, 'images/c3/7.png');
  const ended = await lockstep(folder, 'predict', 'run', image, '--top', '1', '--format', 'jsonl');
  const [said] = JSON.parse(ended.stdout).predictions;
  const read = spawnSync(python!, ['classify.py', 'run/best.onnx', image], {
    cwd: folder,
    encoding: 'utf8',
    timeout: hang,
  });
  assert.is(read.status, 0, read.stderr);
  const [, probability, name] = /^(\S+) (.*)\n$/.exec(read.stdout)!;
  assert.is(name, said.class);
  assert.ok(Math.abs(Number(probability) - said.probability) < 1e-4, `${probability}, ${said.probability}`);
});

test.run();

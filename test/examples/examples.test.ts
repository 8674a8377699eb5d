import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { commandSuite, readJson, type Workspace } from '../support/command-helpers.js';
import { hang } from '../support/needing.js';

/** The programs of docs/examples, as they stand. */
const examples = commandSuite('docs/examples');

const fileOf = (name: string) => fileURLToPath(new URL(`../../examples/${name}.js`, import.meta.url));

/** Starts an example in a folder. */
function started(at: string, name: string, ...args: readonly string[]) {
  const child = spawn(process.execPath, [fileOf(name), ...args], { cwd: at, timeout: hang });
  const said = { text: '' };
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said.text += text;
    });
  return { child, said, ended: once(child, 'close') };
}

async function well(at: string, name: string, ...args: readonly string[]): Promise<string> {
  const { said, ended } = started(at, name, ...args);
  const [code] = await ended;
  assert.is(code, 0, said.text);
  return said.text;
}

const runsIn = (at: string) =>
  readdirSync(join(at, 'runs'))
    .sort()
    .map((name) => join('runs', name));

/** A run of six classes, which other examples begin with. */
let trained: string;
examples.before(async (context) => {
  const { folder, dataset } = context as Workspace;
  trained = folder();
  const said = await well(trained, 'train-on-a-folder', join(dataset, 'images'), '2');
  assert.match(said, /images of 6 classes: c0, c1/);
  assert.match(said, /\n2: loss \d.*\ntest: \d+\.\d% /s);
});

examples('train on a folder: the run, and files for PyTorch and ONNX', () => {
  const [run] = runsIn(trained);
  assert.is(readJson(trained, run!, 'summary.json').status, 'completed');
  for (const file of ['model.safetensors', 'model.onnx', `${run}/report.html`])
    assert.ok(readFileSync(join(trained, file)).length > 0, file);
});

examples(
  'web server: images are classified, odd uploads are refused, the next one is answered',
  async ({ dataset }) => {
    const { child, said, ended } = started(trained, 'web-server', runsIn(trained)[0]!, '0');
    try {
      while (!said.text.includes('/classify\n')) {
        assert.is(child.exitCode, null, said.text);
        await setTimeout(20);
      }
      const address = said.text.trim();
      const ask = async (body: Uint8Array | undefined, url = address, method = 'POST') => {
        const response = await fetch(url, { method, ...(body && { body: body as Uint8Array<ArrayBuffer> }) });
        return { status: response.status, body: await response.json() };
      };
      const image = readFileSync(join(dataset, 'images/c0/0.png'));
      const answers = await Promise.all(Array.from({ length: 20 }, () => ask(image)));
      for (const { status, body } of answers) {
        assert.is(status, 200);
        assert.equal(body, answers[0]!.body);
        assert.is((body as unknown[]).length, 3);
      }
      const odd: [number, RegExp, ...Parameters<typeof ask>][] = [
        [400, /empty/, undefined],
        [413, /bytes at most/, new Uint8Array(11 * 2 ** 20)],
        [422, /./, Buffer.from('no image')],
        [422, /./, image.subarray(0, 60)],
        [404, /POST/, image, new URL('/', address).href],
        [405, /POST/, undefined, address, 'GET'],
      ];
      for (const [status, says, ...request] of odd) {
        const refused = await ask(...request);
        assert.is(refused.status, status, JSON.stringify(refused.body));
        assert.match((refused.body as { error: string }).error, says);
      }
      // One that is cut off has nobody to answer to.
      const socket = connect(Number(new URL(address).port), 'localhost');
      socket.write('POST /classify HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf');
      await setTimeout(50);
      socket.destroy();
      assert.equal(await ask(image), answers[0]);
      child.kill('SIGTERM');
      assert.equal(await ended, [0, null], said.text);
      assert.is(said.text.trim(), address);
    } finally {
      child.kill('SIGKILL');
    }
  },
);

examples(
  'early stopping and an own callback: what ended the training is said, its epochs are in a table',
  async ({ dataset, folder }) => {
    const at = folder();
    const said = await well(at, 'early-stopping', dataset, '60');
    const [, epochs, reason] = /^(\d+) epochs, then: (\w+)$/m.exec(said)!;
    assert.match(reason!, /^(earlyStopping|program)$/);
    assert.is(readFileSync(join(at, 'epochs.csv'), 'utf8').trimEnd().split('\n').length, Number(epochs) + 1);
  },
);

examples('own layer: its gradients are right, and a network with it trains', async ({ dataset, folder }) => {
  const said = await well(folder(), 'own-layer', dataset, '2');
  assert.match(said, /^test: top-1 [01]\.\d{3}$/m);
});

examples('transfer: a network of six classes learns three', async ({ dataset, folder }) => {
  const at = folder();
  for (const name of ['c1', 'c3', 'c5'])
    cpSync(join(dataset, 'images', name), join(at, 'few', name), { recursive: true });
  const said = await well(at, 'transfer', join(trained, runsIn(trained)[0]!), 'few', '2');
  assert.match(said, /^from 6 classes to 3$/m);
  assert.is(said.match(/^test: top-1 /gm)?.length, 2);
  const [first, second] = runsIn(at).map((run) => readJson(at, run, 'config.json').training);
  assert.ok(first.freeze.includes('conv1'));
  assert.equal(second.freeze, []);
});

examples.run();

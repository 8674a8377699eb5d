import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import * as assert from 'uvu/assert';
import { type FitOptions, fit, imageFolder, loadConfig, openRun } from '#lockstep/index.js';
import { commandSuite, readJson, type Workspace } from '../support/command-helpers.js';

/** Several things at once in one program: each with the bits that it has alone. */
const test = commandSuite('at once');

async function train({ dataset, folder }: Workspace, options: Partial<FitOptions> = {}) {
  const at = folder();
  const config = await loadConfig(join(at, 'config.json'));
  const run = await fit(config, await imageFolder(dataset), { out: join(at, 'run'), threads: 2, ...options });
  await run.close();
  return run.summary!.weightsSha256;
}

test('trainings, of one dataset that is yet to be packed', async (context) => {
  const seeds = [1, 2, 3];
  const together = await Promise.all(seeds.map((seed) => train(context, { seed, epochs: 2 })));
  assert.is(new Set(together).size, seeds.length);
  for (const [i, seed] of seeds.entries())
    assert.is(await train(context, { seed, epochs: 2, threads: 1 }), together[i]);
});

test('two trainings into one directory: one is refused', async (context) => {
  const out = join(context.folder(), 'run');
  const both = await Promise.allSettled([train(context, { out }), train(context, { out })]);
  const refused = both.filter((result) => result.status === 'rejected');
  assert.is(refused.length, 1);
  assert.match(refused[0]!.reason.message, /this process is writing there already/);
  assert.is(readJson(out, 'summary.json').status, 'completed');
});

test('a training while a model answers', async (context) => {
  const first = join(context.folder(), 'run');
  const alone = await train(context, { out: first });
  const run = await openRun(first);
  const image = readFileSync(join(context.dataset, 'images/c1/0.png'));
  const answer = await run.model.predict(image, { logits: true });
  let isTraining = true;
  const training = train(context).finally(() => {
    isTraining = false;
  });
  let answers = 0;
  while (isTraining) {
    assert.equal(await run.model.predict(image, { logits: true }), answer);
    answers++;
  }
  assert.ok(answers > 0);
  assert.is(await training, alone);
  await run.close();
});

test('a training in a thread of the program, which prints nothing', async (context) => {
  const at = context.folder();
  const file = join(at, 'thread.mjs');
  const library = new URL('../../index.js', import.meta.url).href;
  const options = { out: join(at, 'run'), threads: 2 };
  writeFileSync(
    file,
    `import { parentPort } from 'node:worker_threads';
    import { fit, imageFolder, loadConfig } from ${JSON.stringify(library)};
    const config = await loadConfig(${JSON.stringify(join(at, 'config.json'))});
    const run = await fit(config, await imageFolder(${JSON.stringify(context.dataset)}), ${JSON.stringify(options)});
    const { predictions } = await run.model.predict(${JSON.stringify(join(context.dataset, 'images/c1/0.png'))});
    await run.close();
    parentPort.postMessage({ hash: run.summary.weightsSha256, best: predictions.length });`,
  );
  const thread = new Worker(file, { stdout: true, stderr: true });
  const printed: string[] = [];
  for (const stream of [thread.stdout, thread.stderr])
    stream.on('data', (part) => void printed.push(String(part)));
  const said = await new Promise<{ hash: string; best: number }>((resolve, reject) => {
    thread.once('message', resolve).once('error', reject);
  });
  assert.equal(said, { hash: await train(context), best: 5 });
  assert.equal(printed, []);
});

test.run();

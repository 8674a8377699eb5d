import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NodeEngine as Engine } from '#lockstep/platform/node-engine.js';
import { writeNoise } from '../noise.js';
import { readJob, serve } from './serve.js';

/** lockstep's program: the Engine as `lockstep train` uses it, over a packed dataset of noise. */

const { config, classes, training, samples, options } = readJob();
const folder = mkdtempSync(join(tmpdir(), 'lockstep-peers-'));
let engine: Engine | undefined;
try {
  const dataset = writeNoise(join(folder, 'noise.safetensors'), config, samples, classes);
  engine = new Engine(config, dataset, { threads: options.threads! });
  await serve({ version: `Node ${process.versions.node}` }, runEpoch(engine));
} finally {
  await engine?.close();
  rmSync(folder, { recursive: true, force: true });
}

function runEpoch(engine: Engine) {
  let epoch = 0;
  return async () => {
    const { totals, failure } = training ? await engine.train(++epoch) : await engine.evaluate('train');
    if (failure !== undefined) throw new Error(`the ${failure.what} is not finite at step ${failure.step}`);
    return { samples: totals.samples, loss: totals.loss / totals.weight };
  };
}

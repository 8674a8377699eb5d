import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ResolvedConfig } from '#lockstep/config/resolved.js';
import type { Network } from '#lockstep/graph/network.js';
import { hash } from '#lockstep/numerics/random.js';
import { NodeEngine } from '#lockstep/platform/node-engine.js';
import { analyze, boundariesOf, type Profile } from '#lockstep/profile/analyze.js';
import { measurePeak } from '#lockstep/profile/peak.js';
import { createRecording, type Recording, readRecording } from '#lockstep/profile/recorder.js';
import { describe } from '#lockstep/profile/table.js';
import { traceFile } from '#lockstep/profile/trace-file.js';
import { hashWeights } from '#lockstep/runs/weights.js';
import type { Span } from '#lockstep/runtime/trace.js';
import {
  layersConfig,
  modelConfig,
  type Samples,
  withDataset,
  withEngine,
} from '../support/engine-helpers.js';

const shape = [3, 32, 32];
const count = 200;
const samples: Samples = {
  values: Uint8Array.from({ length: count * 3 * 32 * 32 }, (_, i) => hash(7, i)),
  labels: Int32Array.from({ length: count }, (_, i) => hash(8, i) % 50),
};
/** Batches of 60: three of 8 micro-batches, and one of 3. */
const config = modelConfig('improved', 'training.batchSize=60');
const microBatchesOfSteps = [8, 8, 8, 3];

interface Recorded {
  readonly recordings: readonly Recording[];
  readonly network: Network;
  readonly weights: string;
}

/** One epoch, recorded. */
async function record(threads: number, of: ResolvedConfig = config): Promise<Recorded> {
  const buffers = Array.from({ length: threads }, createRecording);
  let recorded: Recorded | undefined;
  await withDataset(samples, shape, 50, async (dataset) => {
    const engine = new NodeEngine(of, dataset, { threads, trace: buffers });
    try {
      await engine.train(1);
      recorded = {
        recordings: buffers.map(readRecording),
        network: engine.network,
        weights: hashWeights(engine),
      };
    } finally {
      await engine.close();
    }
  });
  return recorded!;
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const namesOf = ({ rows }: Profile) => rows.map(({ name, pass }) => (pass ? `${name} ${pass}` : name));

const training = suite<Recorded>('a profile of a training');
training.before(async (context) => void Object.assign(context, await record(2)));

training('has each layer and pass that runs, and each part of a step', ({ recordings, network }) => {
  const names = namesOf(analyze(recordings, network));
  const first = network.nodes.findIndex((layer) => layer.parameters.length > 0);
  for (const [i, layer] of network.nodes.entries()) {
    assert.is(names.includes(`${i} ${layer.label} forward`), !layer.isView, `${i} ${layer.label} forward`);
    const runsBack = !layer.isView && i >= first;
    assert.is(names.includes(`${i} ${layer.label} backward`), runsBack, `${i} ${layer.label} backward`);
  }
  assert.equal(names.slice(-9), [
    ...['opening', 'gather', 'loss', 'reduction', 'finishing', 'metrics', 'optimizer', 'waiting', 'other'],
  ]);
});

training('accounts for all time: the shares add up to 1', ({ recordings, network }) => {
  const { rows, threads, milliseconds } = analyze(recordings, network);
  assert.ok(Math.abs(sum(rows.map((row) => row.share)) - 1) < 1e-9);
  assert.ok(Math.abs(sum(rows.map((row) => row.milliseconds)) - threads * milliseconds) < 1e-9);
  for (const { name, share } of rows) assert.ok(share >= 0 && share <= 1, `${name}: ${share}`);
});

training('counts calls: a micro-batch runs each layer once, the coordinator ends each step', (recorded) => {
  const { rows, steps, perThread } = analyze(recorded.recordings, recorded.network);
  const microBatches = sum(microBatchesOfSteps);
  assert.is(steps, microBatchesOfSteps.length);
  for (const { name, pass, calls } of rows) {
    if (pass === 'forward' || pass === 'backward') assert.is(calls * steps, microBatches, `${name} ${pass}`);
    if (['opening', 'finishing', 'metrics', 'optimizer'].includes(name)) assert.is(calls, 1, name);
  }
  assert.is(sum(perThread.map((thread) => thread.microBatches)) * steps, microBatches);
});

training('finds the kernels within their rows', ({ recordings, network }) => {
  const { rows } = analyze(recordings, network);
  for (const { name, pass, milliseconds, kernels, calls } of rows) {
    if (pass !== undefined) assert.ok(calls > 0 && kernels.length > 0, `${name} ${pass}`);
    assert.ok(sum(kernels.map((kernel) => kernel.milliseconds)) <= milliseconds + 1e-9, name);
  }
  const kernelsOf = (part: string) =>
    rows.find(({ name }) => name === part)!.kernels.map(({ kernel }) => kernel);
  assert.equal(kernelsOf('gather'), ['gatherBytes']);
  assert.equal(kernelsOf('loss'), ['crossEntropy']);
  assert.equal(kernelsOf('reduction'), ['add']);
  assert.equal(kernelsOf('optimizer'), ['allFinite', 'sgd']);
});

training('counts multiply-adds as the layers do, twice for two gradients', ({ recordings, network }) => {
  const { rows } = analyze(recordings, network);
  const first = network.nodes.findIndex((layer) => layer.multiplyAdds > 0);
  for (const [i, { label, multiplyAdds }] of network.nodes.entries()) {
    if (multiplyAdds === 0) continue;
    const of = (pass: string) =>
      rows.find((row) => row.name === `${i} ${label}` && row.pass === pass)?.multiplyAdds;
    assert.is(of('forward'), multiplyAdds, label);
    assert.is(of('backward'), multiplyAdds * (i === first ? 1 : 2), label);
  }
});

training('uses one clock: each micro-batch lies within its step, on any thread', ({ recordings }) => {
  const boundaries = boundariesOf(recordings);
  const found = microBatchesOfSteps.map(() => 0);
  for (const { spans, ids, starts, ends } of recordings) {
    for (const [event, id] of ids.entries()) {
      if (spans[id]!.kind !== 'micro-batch') continue;
      const step = boundaries.findLastIndex((time) => time <= starts[event]!);
      found[step]!++;
      assert.ok(ends[event]! <= boundaries[step + 1]!);
    }
  }
  assert.equal(found, microBatchesOfSteps);
});

training('is a trace whose events nest within each thread', ({ recordings, network }) => {
  const { text, steps } = traceFile('title', recordings, network);
  assert.is(steps, microBatchesOfSteps.length);
  const { traceEvents } = JSON.parse(text) as { traceEvents: Record<string, number & string>[] };
  for (const tid of recordings.keys()) {
    const own = traceEvents.filter((event) => event['tid'] === tid);
    assert.ok(own.some(({ ph, name }) => ph === 'M' && name === 'thread_name'));
    const complete = own
      .filter(({ ph }) => ph === 'X')
      .map(({ name, ts, dur }) => ({ name: String(name), start: ns(ts!), end: ns(ts!) + ns(dur!) }))
      .sort((a, b) => a.start - b.start || b.end - a.end);
    const open: typeof complete = [];
    for (const event of complete) {
      assert.ok(event.start >= 0 && event.end >= event.start, event.name);
      while (open.length > 0 && open.at(-1)!.end <= event.start) open.pop();
      const around = open.at(-1);
      assert.ok(around === undefined || event.end <= around.end, `${event.name} leaves ${around?.name}`);
      open.push(event);
    }
  }
  const names = traceEvents.map((event) => String(event['name']));
  for (const name of ['step 4', '0 conv1 + silu + maxPool forward', 'winogradSums', 'waiting'])
    assert.ok(names.includes(name));
});

const ns = (microseconds: number) => Math.round(microseconds * 1000);

training('is a table with a line for each row, and percentages that add up to 100', (recorded) => {
  const profile = analyze(recorded.recordings, recorded.network);
  const kernels = { vectorBits: 128, revectorized: false, knownAnswer: 'right' } as const;
  const speed = { untraced: 1000, traced: 900 };
  const rest = { kernels, peak: { gflops: 50, sums: 8 }, imagesPerSecond: speed };
  const lines = describe({ profile, ...rest }, false)
    .split('\n\n')[0]!
    .split('\n');
  assert.is(lines.length, profile.rows.length + 2); // headers, and all
  const shares = lines.slice(1, -1).map((line) => Number(/([\d.]+)%/.exec(line)![1]));
  assert.ok(Math.abs(sum(shares) - 100) <= 0.05 * shares.length);
  assert.match(lines.at(-1)!, /^all, 2 threads .* 100\.0%$/);
  const withKernels = describe({ profile, ...rest }, true);
  assert.match(withKernels, 'weightedSums');
});

training('does not change the weights', async ({ weights }) => {
  await withDataset(samples, shape, 50, (dataset) =>
    withEngine(config, dataset, 1, async (engine) => {
      await engine.train(1);
      assert.is(hashWeights(engine), weights);
    }),
  );
  for (const threads of [1, 3]) assert.is((await record(threads)).weights, weights, `${threads} threads`);
});

training(
  'names each pass once, however many micro-batches a network with batch statistics is bound to',
  async () => {
    const layers = [{ type: 'flatten' }, { type: 'dense', outFeatures: 50 }, { type: 'batchNorm' }];
    const [few, many] = await Promise.all(
      [8, 200].map(async (size) => {
        const { recordings } = await record(1, layersConfig(layers, `training.batchSize=${size}`));
        return recordings[0]!;
      }),
    );
    assert.equal(many!.spans, few!.spans);
    const used = new Set(Array.from(many!.ids, (id) => JSON.stringify(many!.spans[id])));
    for (const pass of ['forward', 'backward']) {
      assert.ok(used.has(JSON.stringify({ kind: 'layer', layer: 2, pass })), pass);
    }
  },
);

training('counts steps, not stages, of a network with batch statistics', async () => {
  const layers = [{ type: 'flatten' }, { type: 'dense', outFeatures: 50 }, { type: 'batchNorm' }];
  const { recordings, network } = await record(2, layersConfig(layers, 'training.batchSize=60'));
  const { rows, steps, perThread } = analyze(recordings, network);
  assert.is(steps, microBatchesOfSteps.length);
  const microBatches = sum(perThread.map((thread) => thread.microBatches)) * steps;
  assert.ok(Math.abs(microBatches - sum(microBatchesOfSteps)) < 1e-9, String(microBatches));
  assert.is(traceFile('title', recordings, network).steps, steps);
  for (const { name, calls, kernels } of rows) {
    if (['metrics', 'optimizer'].includes(name)) assert.is(calls, 1, name);
    if (name === 'opening') assert.is(calls, 3);
    if (name === 'reduction') assert.equal(kernels.map(({ kernel }) => kernel).sort(), ['add', 'addDoubles']);
  }
});

training.run();

/** A recording made by hand; times in ms. */
function recordingOf(events: readonly (readonly [Span, number, number])[], isFull = false): Recording {
  return {
    spans: events.map(([span]) => span),
    ids: Int32Array.from(events, (_, i) => i),
    starts: Float64Array.from(events, ([, start]) => 1e9 + start * 1000),
    ends: Float64Array.from(events, ([, , end]) => 1e9 + end * 1000),
    isFull,
  };
}

const layer = { parameters: [{ name: 'fc1.weight' }], inputs: [-1], multiplyAdds: 1e6, label: 'fc1' };
const network = { nodes: [layer], parameters: [{ offset: 0 }], bufferLength: 16 } as unknown as Network;
const kernel = (name: string): Span => ({ kind: 'kernel', name });
const forward: Span = { kind: 'layer', layer: 0, pass: 'forward' };
const byHand = [
  recordingOf([
    [{ kind: 'opening' }, 100, 101],
    [{ kind: 'item' }, 102, 120],
    [{ kind: 'micro-batch' }, 102, 112],
    [forward, 103, 111],
    [kernel('denseForward'), 104, 110],
    [kernel('add'), 112, 114],
    [{ kind: 'reduction' }, 115, 119],
    [kernel('add'), 116, 118],
    [{ kind: 'waiting' }, 120, 125],
    [{ kind: 'optimizer' }, 125, 130],
    [{ kind: 'opening' }, 130, 131],
    [{ kind: 'item' }, 131, 140],
  ]),
  recordingOf([
    [{ kind: 'waiting' }, 90, 95],
    [{ kind: 'waiting' }, 110, 115],
    [{ kind: 'micro-batch' }, 115, 125],
    [{ kind: 'waiting' }, 125, 150],
  ]),
];

const arithmetic = suite('the arithmetic of a profile');

arithmetic('counts an event once, in its outermost row, within the steps', () => {
  const profile = analyze(byHand, network);
  assert.is(profile.steps, 2);
  assert.is(profile.milliseconds, 20); // from 100 to 140, two steps
  const of = Object.fromEntries(profile.rows.map((row) => [row.name, row.milliseconds * 2]));
  const expected = { opening: 2, '0 fc1': 8, reduction: 6, waiting: 25, optimizer: 5, gather: 0, loss: 0 };
  assert.equal(of, { ...expected, finishing: 0, metrics: 0, other: 80 - 46 });
  const [first] = profile.rows;
  assert.equal(first!.kernels, [{ kernel: 'denseForward', milliseconds: 3, calls: 0.5 }]);
  assert.is(first!.gflops, (2 * 1e6 * 8) / 8e-3 / 1e9);
  assert.equal(profile.perThread, [
    { busy: 17.5, waiting: 2.5, microBatches: 0.5 },
    { busy: 10, waiting: 10, microBatches: 0.5 },
  ]);
  assert.is(profile.imbalance, 17.5 / 13.75);
});

arithmetic('a thread counts as waiting until its first event', () => {
  const none = recordingOf([]);
  const late = recordingOf([[{ kind: 'item' }, 110, 140]]);
  const { perThread } = analyze([byHand[0]!, none, late], network);
  assert.equal(perThread.slice(1), [
    { busy: 0, waiting: 20, microBatches: 0 },
    { busy: 15, waiting: 5, microBatches: 0 },
  ]);
});

arithmetic('a full recording counts up to its last whole step', () => {
  const full = recordingOf([[{ kind: 'item' }, 131, 140]], true);
  assert.is(analyze([byHand[0]!, full], network).steps, 1);
  assert.throws(
    () => analyze([byHand[0]!, recordingOf([[{ kind: 'item' }, 110, 115]], true)], network),
    /cannot hold/,
  );
});

arithmetic("the peak's loop computes the expected sums", () => {
  assert.ok(measurePeak().gflops > 0);
});

arithmetic.run();

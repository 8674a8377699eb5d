import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadConfig } from '#lockstep/config/load.js';
import { completeConfig, withClasses } from '#lockstep/config/resolve.js';
import type { ResolvedConfig } from '#lockstep/config/resolved.js';
import { sampleShape } from '#lockstep/data/features.js';
import { writeFileWhole } from '#lockstep/files/whole-file.js';
import { buildNetwork } from '#lockstep/graph/network.js';
import { vgg } from './peers/workloads.js';
import { batchFor, curve, fastestOf, type Link, loadOf, type NetworkScaling } from './scaling-model.js';
import { drawScaling } from './scaling-plot.js';
import { printTable, show } from './table.js';

/**
 * npm run bench:scaling -- [options] [PATH]
 *
 * A model on paper, which measures nothing: step time and efficiency of 1 to 1,000 ranks, and the batch that so many need, from a link's
 * latency and bandwidth, the time of a sample and the messages of a step. Prints tables, writes JSON to PATH and a picture beside it.
 */

const usage = `npm run bench:scaling -- [options] [PATH]
  PATH                   where the figures go; default bench-scaling.json, with .svg and .png beside it
  --link NAME,US,GBIT    a link: latency in us, bandwidth in Gbit/s; may be repeated; default 10G,25,10 and 100G,2,100
  --sample NETWORK=US    us of a sample on one thread: lenet5 (43), resnet20 (3600), vgg (750); may be repeated
  --threads N            of a rank; default 8
  --message US           us of a message at each end, beside its way; default 1
  --update NS            ns of the optimizer's step, a value; default 0.2
  --addition NS          ns of an addition of two sums, a value; default 0.1
  --stage US             us of a stage's beginning and end; default 4
  --efficiency PERCENT   that the batch is asked for; default 80`;

const { values, positionals } = parseArgs({
  options: {
    link: { type: 'string', multiple: true, default: ['10G,25,10', '100G,2,100'] },
    sample: { type: 'string', multiple: true, default: [] },
    threads: { type: 'string', default: '8' },
    message: { type: 'string', default: '1' },
    update: { type: 'string', default: '0.2' },
    addition: { type: 'string', default: '0.1' },
    stage: { type: 'string', default: '4' },
    efficiency: { type: 'string', default: '80' },
    help: { type: 'boolean' },
  },
  allowPositionals: true,
});
if (values.help) {
  console.log(usage);
  process.exit();
}

const ranks = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000];
const batches = [256, 1024, 4096, 16_384];
const path = positionals[0] ?? 'bench-scaling.json';
const threads = positive('threads', values.threads);
const wanted = positive('efficiency', values.efficiency) / 100;
const links = values.link.map(linkOf);
const costs = {
  message: positive('message', values.message) * 1e-6,
  update: positive('update', values.update) * 1e-9,
  addition: positive('addition', values.addition) * 1e-9,
  stage: positive('stage', values.stage) * 1e-6,
};
const networks = [
  { name: 'lenet5', title: 'LeNet-5', config: shippedFor50('lenet5'), sample: 43 },
  { name: 'resnet20', title: 'ResNet-20', config: shippedFor50('resnet20'), sample: 3600 },
  { name: 'vgg', title: 'Small VGG', config: vgg(64), sample: 750 },
];
const given = new Map(values.sample.map(sampleOf));

const results = networks.map(({ name, title, config, sample }): NetworkScaling => {
  const load = loadOf(
    buildNetwork(config.model.layers, sampleShape(config.data.features), config.training.freeze),
  );
  const work = { load, threads, costs: { ...costs, sample: (given.get(name) ?? sample) * 1e-6 } };
  const perLink = links.map((link) => ({
    link,
    curves: batches.map((batch) => ({ batch, points: curve(work, link, batch, ranks) })),
    needed: ranks.slice(1).map((count) => ({ ranks: count, batch: batchFor(work, link, count, wanted) })),
  }));
  return { name, title, work, perLink };
});
for (const result of results) print(result);
writeFileWhole(path, `${JSON.stringify({ wanted, networks: results }, null, 2)}\n`);
await drawScaling(path.replace(/(\.json)?$/, ''), wanted, results);
console.log(`\nThe figures are in ${path}, with a picture beside it.`);

function print({ title, work: { load, costs }, perLink }: NetworkScaling): void {
  const size = `${show((load.parameters * 4) / 1e3)} kB of gradients, stages: ${load.stages.length}`;
  console.log(`\n${title}: ${size}, ${show(costs.sample * 1e6)} us a sample, ${threads} threads a rank`);
  for (const { link, curves, needed } of perLink) {
    const rows = ranks.map((count, i) => {
      const { messages, bytesSent } = curves[0]!.points[i]!;
      const steps = curves.map(({ batch, points }) => {
        const { time, efficiency } = points[i]!;
        return [`batch ${batch}`, `${show(time * 1e3)} ms (${(efficiency * 100).toFixed(0)}%)`];
      });
      return {
        ranks: `${count}`,
        ...Object.fromEntries(steps),
        [`batch for ${wanted * 100}%`]: needed.find((need) => need.ranks === count)?.batch?.toString() ?? '-',
        [`messages of ${batches[0]}`]: `${messages}`,
        'kB sent': show(bytesSent / 1e3),
      };
    });
    printTable(`${title}, ${link.name}`, rows);
    for (const { batch, points } of curves) {
      const best = fastestOf(points);
      const times = (points[0]!.time / best.time).toFixed(1);
      console.log(`batch ${batch}: fastest on ${best.ranks} ranks, ${times} times as fast as on one`);
    }
  }
}

function shippedFor50(name: string): ResolvedConfig {
  const file = fileURLToPath(new URL(`../../configs/${name}.json`, import.meta.url));
  return withClasses(completeConfig(loadConfig(file, [])), 50);
}

function linkOf(text: string): Link {
  const [name, latency, bandwidth, ...more] = text.split(',');
  if (bandwidth === undefined || more.length > 0) fail(`--link ${text}: expected one such as 10G,25,10`);
  return {
    name: name!,
    latency: positive('link', latency!) * 1e-6,
    bandwidth: (positive('link', bandwidth) * 1e9) / 8,
  };
}

function sampleOf(text: string): [string, number] {
  const [name, time, ...more] = text.split('=');
  const names = networks.map((network) => network.name);
  if (time === undefined || more.length > 0 || !names.includes(name!))
    fail(`--sample ${text}: expected one such as lenet5=43, of ${names.join(', ')}`);
  return [name!, positive('sample', time)];
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) fail(`--${option} ${text}: expected a number above 0`);
  return value;
}

function fail(message: string): never {
  console.error(`error: ${message}\n\n${usage}`);
  process.exit(2);
}

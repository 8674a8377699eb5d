import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadConfig } from '#lockstep/config/load.js';
import { completeConfig, withClasses } from '#lockstep/config/resolve.js';
import type { ResolvedLayer } from '#lockstep/config/resolved.js';
import { sampleShape } from '#lockstep/data/features.js';
import { buildNetwork, configLayers } from '#lockstep/graph/network.js';
import { sampleNode } from '#lockstep/graph/wiring.js';
import { hash } from '#lockstep/numerics/random.js';
import { networkBoxes } from '#lockstep/views/graph/boxes.js';
import { foldedAt } from '#lockstep/views/graph/fold.js';
import { type Layout, layOut, type Rectangle } from '#lockstep/views/graph/layout.js';
import { drawNetwork } from '#lockstep/views/graph/picture.js';
import { layersConfig } from '../support/engine-helpers.js';

/** A network's layers, its boxes, and the edges between these by the layers' wiring. */
function graphOf(configs: readonly ResolvedLayer[], input: readonly number[]) {
  const layers = configLayers(configs, input);
  const chain = networkBoxes(configs, layers, input);
  const ids = layOut(chain, 100, 1).boxes.map(({ box }) => box.id);
  // The layers of a box follow each other.
  const boxOf = (layer: number) => Math.max(...ids.filter((id) => id <= layer));
  const edges = layers.flatMap(({ number, inputs }) =>
    ids.includes(number) ? inputs.map((from) => `${boxOf(from)} > ${number}`) : [],
  );
  return { layers, chain, edges: edges.sort() };
}

const ofConfig = (name: string) => {
  const { model, data } = withClasses(completeConfig(loadConfig(`configs/${name}.json`)), 50);
  return graphOf(model.layers, sampleShape(data.features));
};

const overlap = (a: Rectangle, b: Rectangle, least = 0.5) =>
  Math.min(a.right, b.right) - Math.max(a.left, b.left) > least &&
  Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > least;

/** An edge's lines, as rectangles of this width. */
const linesOf = ({ points }: Layout['edges'][number], width: number): Rectangle[] =>
  points.slice(1).flatMap(([x, y], i) => {
    const [px, py] = points[i]!;
    assert.ok(x === px || y === py, 'edges are upright and level');
    if (x === px && y === py) return [];
    const half = width / 2;
    return [
      {
        left: Math.min(x, px) - (y === py ? 0 : half),
        right: Math.max(x, px) + (y === py ? 0 : half),
        top: Math.min(y, py) - (x === px ? 0 : half),
        bottom: Math.max(y, py) + (x === px ? 0 : half),
      },
    ];
  });

/** What a reader relies on: each edge once, from box to box, beside all others. */
function assertReadable({ boxes, frames, edges, width, height }: Layout, expected: readonly string[]): void {
  assert.equal(edges.map(({ from, to }) => `${from} > ${to}`).sort(), expected);
  for (const [i, box] of boxes.entries()) {
    for (const other of boxes.slice(i + 1)) assert.not.ok(overlap(box, other), 'boxes overlap');
    for (const frame of frames) {
      const isIn = box.left >= frame.left && box.right <= frame.right && box.top >= frame.top;
      assert.ok(!overlap(box, frame) || (isIn && box.bottom <= frame.bottom), 'a frame cuts a box');
    }
  }
  const lines = edges.map((edge) => linesOf(edge, 1.2));
  for (const [i, { from, to, points }] of edges.entries()) {
    for (const { box, ...place } of boxes) {
      assert.not.ok(
        lines[i]!.some((line) => overlap(line, place)),
        `${from} > ${to} runs through ${box.id}`,
      );
    }
    const [start, end] = [points[0]!, points.at(-1)!];
    const source = boxes.find(({ box }) => box.id === from)!;
    const target = boxes.find(({ box }) => box.id === to)!;
    assert.ok(start[1] === source.bottom || start[0] === source.right, `${from} > ${to} begins elsewhere`);
    assert.ok(end[1] === target.top || end[0] === target.right, `${from} > ${to} ends elsewhere`);
    assert.ok(points.every(([x, y]) => x > 0 && y > 0 && x < width && y < height));
    for (const [j, other] of edges.entries()) {
      if (other.from === from || j <= i) continue;
      const shared = lines[i]!.some((a) => lines[j]!.some((b) => overlap(a, b, 1.5) || lieOn(a, b)));
      assert.not.ok(shared, `${from} > ${to} lies on ${other.from} > ${other.to}`);
    }
  }
}

/** Whether two lines of the same direction lie on each other over some length. */
const lieOn = (a: Rectangle, b: Rectangle) => {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return (width > 0 && height > 3) || (height > 0 && width > 3);
};

const graph = suite("a network's graph");

for (const name of ['perceptron', 'lenet5', 'improved', 'resnet8', 'resnet20', 'mobile']) {
  graph(`of configs/${name}.json: every edge goes from box to box, and through none`, () => {
    const { chain, edges } = ofConfig(name);
    for (const columns of [1, 2, 3, 5]) assertReadable(layOut(chain, 160, columns), edges);
  });
}

/** A network of convolutions, sums and nested blocks in which layers read any earlier ones. */
function randomLayers(seed: number): object[] {
  let draws = 0;
  const below = (most: number) => hash(seed, draws++) % most;
  const names = ['stem'];
  const read = new Set<string>();
  const pick = () => names[below(names.length)]!;
  const chain = (length: number, depth: number, from: string) => {
    let before = from;
    const layers = Array.from({ length }, (): object => {
      const kind = below(depth < 3 ? 8 : 6);
      const named = below(3) === 0 ? [pick()] : undefined;
      const reads = kind === 5 ? [...new Set([pick(), before, pick()])] : (named ?? [before]);
      // What a block reads, its layers do, unless they all say more.
      if (kind < 6) for (const each of reads) read.add(each);
      let layer: object;
      if (kind >= 6) {
        const body = chain(1 + below(4), depth + 1, reads[0]!);
        const shortcut = below(2) === 0 ? chain(1 + below(3), depth + 1, reads[0]!) : undefined;
        layer = {
          type: 'residual',
          inputs: named,
          body: body.layers,
          ...(shortcut && { shortcut: shortcut.layers }),
        };
        for (const each of [body.last, shortcut?.last ?? reads[0]!]) read.add(each);
      } else if (kind === 5 && reads.length > 1) layer = { type: 'add', inputs: reads };
      else if (kind < 3 || reads.length > 1)
        layer = { type: 'conv2d', outChannels: 4, kernelSize: 3, padding: 1, inputs: reads.slice(0, 1) };
      else layer = { type: kind === 3 ? 'batchNorm' : 'relu', inputs: reads };
      before = `n${names.length}`;
      names.push(before);
      return Object.fromEntries(
        Object.entries({ ...layer, name: before }).filter(([, value]) => value !== undefined),
      );
    });
    return { layers, last: before };
  };
  const { layers, last } = chain(8, 0, 'stem');
  const unread = names.filter((name) => name !== last && !read.has(name));
  return [
    { type: 'conv2d', name: 'stem', outChannels: 4, kernelSize: 3, padding: 1 },
    ...layers,
    ...(unread.length > 0 ? [{ type: 'add', inputs: [last, ...unread] }] : []),
    { type: 'globalAveragePool' },
    { type: 'dense', outFeatures: 2 },
  ];
}

graph('of random networks, blocks in blocks and edges into and out of them, likewise', () => {
  let sides = 0;
  for (let seed = 0; seed < 100; seed++) {
    const { model } = layersConfig(randomLayers(seed));
    const { chain, edges } = graphOf(model.layers, [3, 8, 8]);
    for (const columns of [1, 3]) {
      const layout = layOut(chain, 160, columns);
      assertReadable(layout, edges);
      sides += layout.edges.filter(({ points }) => points.length > 4).length;
    }
  }
  assert.ok(sides > 500, String(sides));
});

graph('has a line for each layer, and those in one box that change nothing but its values', () => {
  const { layers, chain } = ofConfig('resnet20');
  const boxes = layOut(chain, 160, 1).boxes.map(({ box }) => box);
  assert.is(boxes.flatMap(({ lines }) => lines).length, layers.length + 1);
  const [input, first] = [boxes.find(({ id }) => id === sampleNode)!, boxes.find(({ id }) => id === 0)!];
  assert.equal([input.output, first.output], ['3 x 32 x 32', '16 x 32 x 32']);
  assert.equal(first.lines, [
    { name: 'conv1', kind: 'conv2d 3 x 3' },
    { name: 'bn1', kind: 'batch norm' },
    { name: '', kind: 'relu' },
  ]);
  assert.is(first.parameters, 3 * 16 * 9 + 2 * 16);
  const { parameterCount } = buildNetwork(
    layers.filter(({ key }) => !/body|shortcut/.test(key)).map(({ config }) => config),
    [3, 32, 32],
  );
  assert.is(
    boxes.reduce((sum, { parameters }) => sum + parameters, 0),
    parameterCount,
  );
});

graph('has a layer in a box of its own whose input is read elsewhere too', () => {
  const conv = { type: 'conv2d', outChannels: 3, kernelSize: 1 };
  const linesOfBoxes = (...layers: object[]) => {
    const { model } = layersConfig([...layers, { type: 'flatten' }, { type: 'dense', outFeatures: 2 }]);
    const { chain } = graphOf(model.layers, [3, 4, 4]);
    return chain.map((item) => (item.type === 'box' ? item.lines.length : 0));
  };
  assert.equal(linesOfBoxes({ ...conv, name: 'c' }, { type: 'relu' }), [1, 2, 1, 1]);
  const add = { type: 'add', inputs: ['c', 'r'] };
  assert.equal(linesOfBoxes({ ...conv, name: 'c' }, { type: 'relu', name: 'r' }, add), [1, 1, 1, 1, 1, 1]);
});

graph('as a picture is as wide as the page has room for, and not much lower than it need be', () => {
  const { chain, layers } = ofConfig('resnet20');
  const [wide, narrow] = [drawNetwork(chain, 1112), drawNetwork(chain, 380)];
  assert.ok(wide.width <= 1112 && wide.width > 700, String(wide.width));
  assert.ok(narrow.width < 400, String(narrow.width));
  for (const { config } of layers) {
    if (config.type !== 'residual' && config.name)
      assert.ok(wide.svg.includes(`>${config.name}<`), config.name);
  }
  assert.is(
    drawNetwork(ofConfig('perceptron').chain, 1112).width,
    drawNetwork(ofConfig('perceptron').chain, 0).width,
  );
});

graph.run();

const fold = suite('a list in parts');

fold('is cut so that the longest part is as short as can be', () => {
  const yes = (length: number) => new Array<boolean>(length).fill(true);
  assert.equal(foldedAt([1, 1, 1, 1, 1, 1], yes(6), 3), [
    [0, 2],
    [2, 4],
    [4, 6],
  ]);
  assert.equal(foldedAt([9, 1, 1, 1, 8], yes(5), 2), [
    [0, 2],
    [2, 5],
  ]);
  assert.equal(foldedAt([5, 5, 5], [false, false, false], 3), [[0, 3]]);
  assert.equal(foldedAt([5, 5, 5, 5], [true, false, true, false], 3), [
    [0, 1],
    [1, 3],
    [3, 4],
  ]);
});

fold.run();

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseAlgorithm } from '#lockstep/graph/ops/conv-algorithm.js';
import { convolution } from '#lockstep/graph/ops/convolution.js';
import { groupBytes, instantiateKernels } from '#lockstep/kernels/kernels.js';
import { compileKernels } from '#lockstep/platform/kernels.js';
import { createSharedMemory } from '#lockstep/platform/memory.js';
import { layersConfig } from '../support/engine-helpers.js';

/** A convolution without a bias adds nothing, whatever else lies in the memory. */

const channels = 16;
const side = 5;
const test = suite('convolutions without a bias');

for (const [name, more] of Object.entries({
  'over a grid, by Winograd': {},
  'along rows, by Winograd': { outChannels: 12 },
  'without a transform': { stride: 2 },
  'in groups': { groups: 4 },
  depthwise: { groups: channels },
  'depthwise, of two outputs each': { groups: channels, outChannels: 2 * channels },
})) {
  test(name, () => {
    const conv2d = {
      ...{ type: 'conv2d', outChannels: channels, kernelSize: 3, padding: 1, bias: false, name: 'c' },
      ...more,
    };
    const config = layersConfig([conv2d, { type: 'flatten' }, { type: 'dense', outFeatures: 2 }]);
    const input = [channels, side, side] as const;
    const layer = config.model.layers[0]!;
    if (layer.type !== 'conv2d') throw new Error('it is a convolution');
    const conv = convolution(layer, input, { number: 0, key: 'model.layers[0]' });
    const algorithm = chooseAlgorithm(conv, 'all');
    const memory = createSharedMemory(2 ** 22);
    const floats = new Float32Array(memory.buffer).fill(7);

    const kernels = instantiateKernels(compileKernels().kernels, memory);
    let at = 2 ** 16;
    const take = (bytes: number, fill?: number) => {
      const address = at;
      at += Math.ceil(bytes / 64) * 64;
      if (fill !== undefined) floats.fill(fill, address / 4, at / 4);
      return address;
    };
    const x = take(channels * side * side * groupBytes, 3);
    const weight = take(conv.outputs * conv.terms * 4, 0);
    const yBytes = conv.outputs * conv.rows * conv.columns * groupBytes;
    const y = take(yBytes);
    const tables = algorithm.tables.map((table) => {
      const address = take(table.byteLength);
      new Uint32Array(memory.buffer).set(table, address / 4);
      return address;
    });
    const scratch = algorithm.scratch.map(({ bytes }) => take(bytes, 0));
    const bound = algorithm.bind(kernels, { x, y, dy: 0, dx: 0, weight, bias: 0, tables, scratch });
    bound.prepare();
    bound.forward();
    assert.equal(new Set(floats.subarray(y / 4, (y + yBytes) / 4)), new Set([0]));
  });
}

test.run();

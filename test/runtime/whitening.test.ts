import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { whiten } from '#lockstep/compile/whitening.js';
import { symmetricEigen } from '#lockstep/numerics/eigen.js';
import { layersConfig, noise, withDataset, withEngine } from '../support/engine-helpers.js';

const test = suite('whitening');

test('eigenvectors of a symmetric matrix: A v = lambda v, the largest first, orthonormal', () => {
  const n = 7;
  const half = noise(3, n * n);
  const a = Float64Array.from({ length: n * n }, (_, i) => half[i]! + half[(i % n) * n + Math.floor(i / n)]!);
  const { values, vectors } = symmetricEigen(a, n);
  const dot = (x: Float64Array, y: Float64Array) => x.reduce((sum, v, i) => sum + v * y[i]!, 0);
  const row = (m: Float64Array, i: number) => m.subarray(i * n, (i + 1) * n);
  for (let i = 0; i < n; i++) {
    if (i > 0) assert.ok(values[i]! <= values[i - 1]!);
    for (let j = 0; j < n; j++) {
      const v = row(vectors, i);
      assert.ok(Math.abs(dot(row(a, j), v) - values[i]! * v[j]!) < 1e-13);
      assert.ok(Math.abs(dot(v, row(vectors, j)) - (i === j ? 1 : 0)) < 1e-13);
    }
  }
});

/** What the filters give for every patch of some images. */
function responses(
  filters: Float32Array,
  images: readonly Float64Array[],
  [c, h, w]: readonly number[],
  k: number,
) {
  const n = c! * k * k;
  return images.flatMap((image) =>
    Array.from({ length: (h! - k + 1) * (w! - k + 1) }, (_, at) => {
      const [row, column] = [Math.floor(at / (w! - k + 1)), at % (w! - k + 1)];
      return Array.from({ length: n }, (_, f) => {
        let sum = 0;
        for (let i = 0; i < n; i++) {
          const [channel, y, x] = [Math.floor(i / (k * k)), Math.floor(i / k) % k, i % k];
          sum += filters[f * n + i]! * image[(channel * h! + row + y) * w! + column + x]!;
        }
        return sum;
      });
    }),
  );
}

/** Neighbours are alike, and channels too. */
const shape = [2, 6, 5];
const picture = (seed: number) => {
  const values = noise(seed, 60);
  return Float64Array.from(values, (v, i) => v + 0.8 * values[(i + 1) % 60]! + 0.5 * values[(i + 30) % 60]!);
};

test('the outputs of the filters are uncorrelated, of deviation 1; the second half are their negatives', () => {
  const images = Array.from({ length: 9 }, (_, i) => picture(i));
  const filters = new Float32Array(2 * 8 * 8);
  whiten(filters, [16, 2, 2, 2], images, shape, 1e-12);
  const outputs = responses(filters, images, shape, 2);
  for (let f = 0; f < 8; f++) {
    for (let g = 0; g < 8; g++) {
      const product = outputs.reduce((sum, y) => sum + y[f]! * y[g]!, 0) / outputs.length;
      assert.ok(Math.abs(product - (f === g ? 1 : 0)) < 1e-5, `${f}, ${g}: ${product}`);
    }
  }
  assert.equal(
    [...filters.subarray(64)],
    [...filters.subarray(0, 64)].map((v) => -v),
  );
});

const layers = (conv: object = {}) => [
  {
    type: 'conv2d',
    outChannels: 16,
    kernelSize: 2,
    weightInit: { type: 'whitening', images: 4, epsilon: 0.01 },
    ...conv,
  },
  { type: 'flatten' },
  { type: 'dense', outFeatures: 2 },
];

test('an engine makes them from normalized training images, evenly spread over the split', async () => {
  const bytes = Uint8Array.from(
    { length: 8 * 60 },
    (_, i) => 128 + 40 * picture(Math.floor(i / 60))[i % 60]!,
  );
  const labels = Int32Array.from({ length: 8 }, (_, i) => i % 2);
  const images = [0, 2, 4, 6].map((i) =>
    Float64Array.from(bytes.subarray(i * 60, (i + 1) * 60), (v) => (v / 255 - 0.5) / 0.25),
  );
  const expected = new Float32Array(128);
  whiten(expected, [16, 2, 2, 2], images, shape, 0.01);
  await withDataset({ values: bytes, labels }, shape, 2, (dataset) =>
    withEngine(layersConfig(layers()), dataset, 1, async (engine) => {
      assert.equal([...engine.tensors.weight(engine.network.parameters[0]!)], [...expected]);
    }),
  );
});

test('what cannot be whitened is refused', async () => {
  const values = new Float32Array(60 * 8);
  const refusal = async (network: object[]) => {
    let said = '';
    await withDataset({ values, labels: new Int32Array(8) }, shape, 2, (dataset) =>
      withEngine(layersConfig(network), dataset, 1, async () => {}),
    ).catch((error: Error) => {
      said = error.message;
    });
    return said;
  };
  assert.is(
    await refusal(layers({ outChannels: 12 })),
    'model.layers[0].outChannels: found 12; whitening needs 16, twice the 8 values of a patch',
  );
  const [conv, ...rest] = layers({ outChannels: 12 });
  assert.match(await refusal([conv!, { type: 'maxPool', window: 2 }, ...rest]), /whitening needs 16/);
  assert.is(
    await refusal([{ type: 'relu' }, ...layers()]),
    'model.layers[1].weightInit: whitening is made from the images; expected a layer that reads "input"',
  );
});

test.run();

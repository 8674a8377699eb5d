import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Callback } from '#lockstep/runs/callback.js';
import type { PageEvent, Pictures, Predictions } from '#lockstep/views/dashboard/live-state.js';
import { PredictionPictures } from '#lockstep/views/dashboard/predictions.js';
import { reportOf } from '../support/dashboard-helpers.js';
import { layersConfig, noiseSamples, withDataset, withEngine } from '../support/engine-helpers.js';

const test = suite("a dashboard's predictions");

const classes = 5;
const layers = [
  { type: 'conv2d', outChannels: 4, kernelSize: 3 },
  { type: 'relu' },
  { type: 'flatten' },
  { type: 'dense', outFeatures: classes },
];

/** 40 pictures of 6 x 5: the class says which row is bright. */
function pictures() {
  const labels = Int32Array.from({ length: 40 }, (_, i) => i % classes);
  const values = Uint8Array.from({ length: 40 * 90 }, (_, i) => {
    const row = Math.floor(i / 5) % 6;
    return (row === labels[Math.floor(i / 90)] ? 200 : 40) + ((i * 7) % 11);
  });
  return { values, labels };
}

test('16 samples of different classes, classified to the accuracy that the engine finds', async () => {
  const samples = pictures();
  const config = layersConfig(layers, 'training.epochs=30', 'optimizer.learningRate=0.02');
  await withDataset(samples, [3, 6, 5], classes, async (dataset) => {
    await withEngine(config, dataset, 2, async (engine) => {
      const told: PageEvent[] = [];
      const callback: Callback = new PredictionPictures(
        (event) => told.push(event),
        () => 30,
      );
      const training = { engine, dataset, directory: '', hasGradients: true };
      await callback.start!(training);
      const { pictures } = told[0] as { pictures: Pictures };
      assert.equal(pictures.classes, dataset.classes);
      assert.is(pictures.labels.length, 16);
      assert.is(new Set(pictures.labels).size, classes);
      for (let epoch = 1; epoch <= 30; epoch++) {
        await engine.train(epoch);
        await callback.epoch!(reportOf(epoch), training);
      }
      const { predictions } = told.at(-1) as { predictions: Predictions };
      const { totals } = await engine.evaluate('validation');
      assert.is(predictions.epoch, 30, 'the last epoch is always shown');
      assert.is(totals.top1, 40, 'the network has learnt it all');
      assert.equal(predictions.labels, pictures.labels);
      for (const confidence of predictions.confidences)
        assert.ok(confidence > 1 / classes && confidence <= 1);
    });
  });
});

test('pictures are what the network sees, the same in every run', async () => {
  const samples = pictures();
  await withDataset(samples, [3, 6, 5], classes, async (dataset) => {
    await withEngine(layersConfig(layers), dataset, 1, async (engine) => {
      const told: PageEvent[] = [];
      const draw = async () => {
        const callback = new PredictionPictures(
          (event) => told.push(event),
          () => 1,
        );
        await callback.start!({ engine, dataset, directory: '', hasGradients: true });
        return callback.pictures;
      };
      const [first, again] = [await draw(), await draw()];
      assert.equal(first, again);
      const { data, info } = await sharp(first[0]!).raw().toBuffer({ resolveWithObject: true });
      assert.equal([info.width, info.height, info.channels], [5, 6, 3]);
      const { labels } = (told[0] as { pictures: Pictures }).pictures;
      const bright = Array.from({ length: 6 }, (_, row) => data[row * 15]! > 150);
      assert.is(bright.indexOf(true), labels[0]);
      assert.is(bright.lastIndexOf(true), labels[0]);
    });
  });
});

test('a histogram is drawn as bars', async () => {
  const { labels } = noiseSamples(1, 20, 12, classes);
  const values = Float32Array.from({ length: 240 }, (_, i) => (i % 4 === 0 ? 1 : 0));
  const config = layersConfig([{ type: 'dense', outFeatures: classes }]);
  await withDataset({ values, labels }, [12], classes, async (dataset) => {
    await withEngine(config, dataset, 1, async (engine) => {
      const callback = new PredictionPictures(
        () => {},
        () => 1,
      );
      await callback.start!({ engine, dataset, directory: '', hasGradients: true });
      const { data, info } = await sharp(callback.pictures[0]!).raw().toBuffer({ resolveWithObject: true });
      assert.equal([info.width, info.height], [64, 64]);
      // The first of four bins is full in each channel, the second is empty.
      assert.equal([...data.subarray(0, 3)], [255, 255, 255]);
      assert.equal([...data.subarray(3 * 16, 3 * 17)], [0, 0, 0]);
    });
  });
});

test('a failure to show predictions does not end the training', async () => {
  await withDataset(pictures(), [3, 6, 5], classes, async (dataset) => {
    await withEngine(layersConfig(layers), dataset, 1, async (engine) => {
      const told: PageEvent[] = [];
      const callback = new PredictionPictures(
        (event) => told.push(event),
        () => 1,
      );
      const training = {
        engine,
        dataset: { ...dataset, path: `${dataset.path}.gone` },
        directory: '',
        hasGradients: true,
      };
      await callback.start!(training);
      callback.epoch!(reportOf(1), training);
      assert.is(told.length, 1);
      assert.match(JSON.stringify(told[0]), /predictions cannot be shown: .*ENOENT/);
    });
  });
});

test('nor does a failure after an epoch', async () => {
  await withDataset(pictures(), [3, 6, 5], classes, async (dataset) => {
    await withEngine(layersConfig(layers), dataset, 1, async (engine) => {
      const told: PageEvent[] = [];
      const callback = new PredictionPictures(
        (event) => told.push(event),
        () => 1,
      );
      await callback.start!({ engine, dataset, directory: '', hasGradients: true });
      const broken = { network: engine.network, parameter: () => assert.unreachable() } as unknown;
      callback.epoch!(reportOf(1), {
        engine: broken as typeof engine,
        dataset,
        directory: '',
        hasGradients: true,
      });
      assert.equal(
        told.map(({ type }) => type),
        ['pictures', 'message'],
      );
    });
  });
});

test.run();

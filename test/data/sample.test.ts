import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { colorHistogram } from '#lockstep/data/images/sample.js';
import { openDataset } from '#lockstep/data/open.js';
import { inFolder, pixelsConfig, putDataset, samplesOf } from '../support/data-helpers.js';

const histogram = suite('colour histogram');

/** By the definition, a pixel at a time. */
function plainHistogram(rgb: Uint8Array, bins: number): Float32Array {
  return Float32Array.from(
    [0, 1, 2].flatMap((c) => {
      const counts = Array.from({ length: bins }, (_, bin) => {
        const [low, high] = [(256 / bins) * bin, (256 / bins) * (bin + 1)];
        return rgb.filter((value, i) => i % 3 === c && value >= low && value < high).length;
      });
      const norm = Math.sqrt(counts.reduce((sum, n) => sum + n ** 2, 0));
      return counts.map((n) => n / norm);
    }),
  );
}

const noise = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => ((i * i * 31) >> 3) % 256);

for (const bins of [2, 8, 64, 256]) {
  histogram(`of ${bins} bins it is what a plain count gives, exactly`, () => {
    assert.equal(colorHistogram(noise, bins), plainHistogram(noise, bins));
  });
}

histogram('a packed dataset holds it as float32', () =>
  inFolder(async (folder) => {
    const png = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
      .png()
      .toBuffer();
    const features = { type: 'colorHistogram', width: 64, height: 64, bins: 64 } as const;
    const config = { ...pixelsConfig(folder), features };
    putDataset(config.dir, { 'a.png': png, 'odd name.png': png });
    const data = await openDataset(config, { threads: 1 });
    assert.equal(data.sampleShape, [192]);
    assert.is(data.sampleType, 'float32');
    assert.equal(data.normalization, { mean: [], deviation: [] });
    for (const sample of samplesOf(data, 'validation')) {
      assert.equal(new Float32Array(sample.buffer), plainHistogram(noise, 64));
    }
  }),
);

histogram.run();

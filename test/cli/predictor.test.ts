import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import * as assert from 'uvu/assert';
import { ExitCode, UserError } from '#lockstep/errors.js';
import type { Classified } from '#lockstep/inference/classify.js';
import { ImageError, type ImageInput, type RawPixels } from '#lockstep/inference/image-input.js';
import { openPredictor, type Prediction, type Predictor } from '#lockstep/inference/predictor.js';
import { modelOfRun, type TrainedModel } from '#lockstep/inference/trained-model.js';
import { openRun } from '#lockstep/runs/saved-run.js';
import {
  classes,
  commandSuite,
  jsonLines,
  lockstep,
  tinyConfig,
  trainWell,
} from '../support/command-helpers.js';
import { hang } from '../support/needing.js';

const test = commandSuite('the predictor');

/** Names in order. The network sees 16 x 16: the last one is so large that libvips shrinks it first. */
const pictures = [
  { width: 16, height: 16, channels: 3 },
  { width: 5, height: 30, channels: 3 },
  { width: 21, height: 17, channels: 1 },
  { width: 40, height: 23, channels: 4 },
  { width: 150, height: 131, channels: 3 },
].map(({ width, height, channels }, i) => {
  const pixels = Uint8Array.from(
    { length: width * height * channels },
    (_, k) => (k * k * 31 + k * 7 + 50 * i) & 255,
  );
  return { width, height, channels: channels as RawPixels['channels'], pixels };
});

/** A run of a kind of features: its folder, its model, and what the command makes of the pictures. */
interface Trained {
  readonly folder: string;
  readonly model: TrainedModel;
  readonly expected: readonly (readonly Prediction[])[];
}

let pixels: Trained;
let histograms: Trained;

const pathOf = (folder: string, picture: number) => join(folder, `pictures/${picture}.png`);

async function trained(folder: string): Promise<Trained> {
  await trainWell(folder, '--out', 'run', '--threads', '1');
  mkdirSync(join(folder, 'pictures'));
  for (const [i, { pixels, ...raw }] of pictures.entries())
    await sharp(pixels, { raw }).png().toFile(pathOf(folder, i));
  const { stdout } = await lockstep(folder, 'predict', 'run', 'pictures', '--top', '9', '--format', 'jsonl');
  const expected = (jsonLines(stdout) as Classified[]).map((each) =>
    'predictions' in each ? each.predictions : [],
  );
  assert.is(expected.length, pictures.length);
  return { folder, model: modelOfRun(openRun(join(folder, 'run')), 'last'), expected };
}

test.before(async ({ folder, dataset }) => {
  const tiny = tinyConfig(dataset);
  const histogram = {
    ...tiny,
    data: { dir: dataset, features: { type: 'colorHistogram', width: 16, height: 16, bins: 8 } },
    model: { layers: [{ type: 'dense', outFeatures: classes }] },
  };
  [pixels, histograms] = await Promise.all([trained(folder()), trained(folder(histogram))]);
});

/** All forms of a picture. */
function formsOf(folder: string, picture: number): ImageInput[] {
  const path = pathOf(folder, picture);
  const file = readFileSync(path);
  const within = Buffer.concat([Buffer.alloc(100, 7), file, file]).subarray(100, 100 + file.length);
  const raw = pictures[picture]!;
  const { width, height, channels } = raw;
  const planar = new Uint8Array(raw.pixels.length);
  for (let k = 0; k < planar.length; k++)
    planar[(k % channels) * width * height + Math.floor(k / channels)] = raw.pixels[k]!;
  return [
    path,
    pathToFileURL(path),
    pathToFileURL(path).href,
    file,
    within,
    Uint8Array.from(file),
    Uint8Array.from(file).buffer,
    raw,
    { ...raw, pixels: Uint8ClampedArray.from(raw.pixels) },
    { ...raw, pixels: planar, layout: 'chw' },
    { ...raw, pixels: Float32Array.from(raw.pixels), white: 255 },
    { ...raw, pixels: Float32Array.from(planar, (value) => value / 255), layout: 'chw', white: 1 },
  ];
}

const withPredictor = async (
  model: TrainedModel,
  body: (predictor: Predictor) => Promise<void>,
  threads = 2,
): Promise<void> => {
  await using predictor = await openPredictor(model, { threads });
  await body(predictor);
};

/** The error of an image that cannot be used. */
async function refusal(predicting: Promise<unknown>): Promise<ImageError> {
  try {
    await predicting;
  } catch (error) {
    assert.instance(error, ImageError);
    return error as ImageError;
  }
  return assert.unreachable() as never;
}

test('gives each form of an image what the command makes of the file', async () => {
  for (const { folder, model, expected } of [pixels, histograms]) {
    await withPredictor(model, async (predictor) => {
      for (const [picture, predictions] of expected.entries()) {
        const forms = formsOf(folder, picture);
        for (const [i, form] of forms.entries())
          assert.equal(
            (await predictor.predict(form, { top: 9 })).predictions,
            predictions,
            `form ${i} of ${picture}`,
          );
        const together = await Promise.all(forms.map((form) => predictor.predict(form, { top: 2 })));
        for (const each of together) assert.equal(each, { predictions: predictions.slice(0, 2) });
      }
    });
  }
});

test('takes a copy of what it is given', () =>
  withPredictor(pixels.model, async (predictor) => {
    const raw = { ...pictures[0]!, pixels: Uint8Array.from(pictures[0]!.pixels) };
    const file = readFileSync(pathOf(pixels.folder, 1));
    const asked = [predictor.predict(raw, { top: 9 }), predictor.predict(file, { top: 9 })];
    raw.pixels.fill(0);
    file.fill(0);
    assert.equal(
      (await Promise.all(asked)).map(({ predictions }) => predictions),
      pixels.expected.slice(0, 2),
    );
  }));

test('gives logits where they are asked for, the same on any number of threads', async () => {
  const found: Float32Array[][] = [];
  for (const threads of [1, 3]) {
    await withPredictor(
      pixels.model,
      async (predictor) => {
        assert.not('logits' in (await predictor.predict(pictures[0]!)));
        const all = await Promise.all(pictures.map((image) => predictor.predict(image, { logits: true })));
        found.push(all.map(({ logits }) => logits!));
      },
      threads,
    );
  }
  assert.equal(found[0], found[1]);
  for (const [i, logits] of found[0]!.entries()) {
    assert.is(logits.length, classes);
    const sum = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
    for (const { label, probability } of pixels.expected[i]!)
      assert.ok(Math.abs(Math.exp(logits[label]!) / sum - probability) < 1e-6);
  }
});

test('takes many images in order, and tells what is wrong with one in its place', () =>
  withPredictor(pixels.model, async (predictor) => {
    const broken = readFileSync(pathOf(pixels.folder, 4)).subarray(0, 200);
    const images = async function* () {
      for (let i = 0; i < 100; i++) {
        yield i % 20 === 13
          ? broken
          : i % 20 === 17
            ? Buffer.from('no image')
            : pictures[i % pictures.length]!;
      }
    };
    let i = 0;
    for await (const each of predictor.predictAll(images(), { top: 9 })) {
      if (i % 20 === 13 || i % 20 === 17) {
        assert.ok('error' in each);
        assert.match(each.error.reason, i % 20 === 13 ? /cut short/ : /^it is no image/);
        assert.is(each.error.message, `the image cannot be used: ${each.error.reason}`);
      } else {
        assert.ok('predictions' in each);
        assert.is(each.image, pictures[i % pictures.length]);
        assert.equal(each.predictions, pixels.expected[i % pictures.length]);
      }
      i++;
    }
    assert.is(i, 100);
  }));

test('reads a source as far as it is needed, and closes one that is left', () =>
  withPredictor(pixels.model, async (predictor) => {
    let given = 0;
    let closed = false;
    const endless = (function* () {
      try {
        for (;;) {
          given++;
          yield pictures[0]!;
        }
      } finally {
        closed = true;
      }
    })();
    for await (const _ of predictor.predictAll(endless)) break;
    assert.ok(given <= 150, `${given} images were taken`);
    assert.ok(closed);
    await predictor.predict(pictures[0]!);
  }));

test('answers good images while bad ones come', () =>
  withPredictor(pixels.model, async (predictor) => {
    const asked = Array.from({ length: 60 }, (_, i) =>
      i % 7 === 3
        ? refusal(predictor.predict(`nowhere/${i}.png`)).then(({ message }) => message)
        : predictor.predict(pictures[i % 5]!, { top: 9 }),
    );
    for (const [i, each] of (await Promise.all(asked)).entries()) {
      if (typeof each === 'string') assert.is(each, `nowhere/${i}.png cannot be used: no such file`);
      else assert.equal(each.predictions, pixels.expected[i % 5]);
    }
  }));

test('refuses what is no image, in words', () =>
  withPredictor(pixels.model, async (predictor) => {
    const raw = { pixels: new Uint8Array(12), width: 2, height: 2, channels: 3 } as const;
    const faults: [unknown, RegExp][] = [
      [undefined, /found undefined; expected the path/],
      [7, /found 7;/],
      [
        { data: new Uint8Array(4), width: 1 },
        /found an object with data, width; expected .*pixels, width, height/,
      ],
      [new Float32Array(12), /found a Float32Array;/],
      ['', /empty path/],
      [
        'https://example.org/cat.jpg',
        /https:\/\/example\.org\/cat\.jpg cannot be used: nothing is loaded from a network/,
      ],
      [new URL('data:image/png;base64,AA'), /nothing is loaded/],
      [new Uint8Array(0), /the file is empty/],
      [{ ...raw, width: 3 }, /it has 12 values; expected 3 x 2 x 3 \(width, height, channels\) = 18/],
      [{ ...raw, width: 1.5 }, /its width is 1\.5; expected an integer/],
      [{ ...raw, height: '2' }, /its height is "2"/],
      [{ ...raw, channels: 2 }, /its channels are 2; expected 1/],
      [{ ...raw, layout: 'nchw' }, /its layout is "nchw"; expected hwc or chw/],
      [{ ...raw, pixels: [1, 2, 3] }, /its pixels are a list; expected a Uint8Array/],
      [{ ...raw, pixels: new Float32Array(12) }, /floats, and white is undefined; expected 1 or 255/],
      [{ ...raw, white: 1 }, /leave white out/],
      [{ ...raw, pixels: new Float32Array(12).fill(1.1), white: 1 }, /the value 1\.1\d*; expected 0 to 1/],
      [{ ...raw, pixels: new Float32Array(12).fill(Number.NaN), white: 255 }, /the value NaN/],
    ];
    for (const [image, words] of faults) {
      const { message, exitCode } = await refusal(predictor.predict(image as ImageInput));
      assert.match(message, words);
      assert.is(exitCode, ExitCode.data);
    }
    for (const [asking, words] of [
      [() => predictor.predict(raw, { top: 0 }), /top is 0/],
      [() => predictor.predictAll('cat.png' as never).next(), /predict takes one/],
      [() => predictor.predictAll(raw as never).next(), /predict takes one/],
      [() => openPredictor(pixels.model, { threads: 1.5 }), /threads is 1\.5/],
      [() => openPredictor(histograms.model, { tta: 'flip' }), /24 values that are no pixels/],
    ] as [() => Promise<unknown>, RegExp][]) {
      await asking().then(
        () => assert.unreachable(),
        (error) => {
          assert.instance(error, UserError);
          assert.is(error.exitCode, ExitCode.usage);
          assert.match(error.message, words);
        },
      );
    }
  }));

test('closing waits for what was asked, and is final', async () => {
  const predictor = await openPredictor(pixels.model, { threads: 1 });
  const asked = pictures.map((image) => predictor.predict(image, { top: 9 }));
  const closing = predictor.close();
  assert.equal(
    (await Promise.all(asked)).map(({ predictions }) => predictions),
    pixels.expected,
  );
  await Promise.all([closing, predictor.close()]);
  const late = await predictor.predict(pictures[0]!).catch((error) => error);
  assert.match(late.message, /the predictor is closed/);
});

test('an idle one does not keep the process alive, and a busy one does', async () => {
  const index = new URL('../../index.js', import.meta.url).href;
  const program = `
    import { openRun } from ${JSON.stringify(index)};
    const { model } = await openRun('run', { weights: 'last' });
    await model.predict('pictures/0.png');
    model.predict('pictures/1.png', { top: 9 }).then(({ predictions }) => console.log(JSON.stringify(predictions)));`;
  writeFileSync(join(pixels.folder, 'program.mjs'), program);
  const child = spawn(process.execPath, ['program.mjs'], { cwd: pixels.folder, timeout: hang });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.pipe(process.stderr);
  const [code, signal] = await once(child, 'close');
  assert.equal([code, signal], [0, null]);
  assert.equal(JSON.parse(stdout), pixels.expected[1]);
});

test.run();

import {
  adamw,
  batchNorm,
  conv2d,
  cosine,
  dense,
  fit,
  globalAveragePool,
  imageFolder,
  maxPool,
  relu,
  sequential,
} from 'lockstep';

/**
 * train-on-a-folder.js FOLDER [EPOCHS]: a small network on the images of a folder that has a folder for each class, or another form of
 * docs/data.md. The run's page is then runs/NAME/report.html; the weights are model.safetensors, for PyTorch, and model.onnx.
 */
const [folder = 'pictures', epochs = '20'] = process.argv.slice(2);

const block = (channels: number) => [conv2d(channels, 3, { padding: 1, bias: false }), batchNorm(), relu()];
const model = sequential(
  ...block(16),
  maxPool(2),
  ...block(32),
  maxPool(2),
  ...block(64),
  globalAveragePool(),
  dense('classes'),
);

const data = await imageFolder(folder, { size: 32 });
console.log(`${data.samples.train} images of ${data.classes.length} classes: ${data.classes.join(', ')}`);
console.log(await model.summary({ shape: [3, 32, 32], classes: data.classes.length }));

await using run = await fit(model, data, {
  epochs: Number(epochs),
  batchSize: 32,
  optimizer: adamw({ learningRate: cosine(2e-3, { warmupEpochs: 1 }) }),
  augmentation: { crop: { padding: 4 }, flip: {} },
  onEpoch: ({ epoch, train, validation }) =>
    console.log(`${epoch}: loss ${train.loss.toFixed(3)}, validation ${percent(validation.top1)}`),
});

const { top1 } = await run.evaluate('test');
console.log(`test: ${percent(top1)} of the best epoch's weights; ${await run.report()}`);
await run.model.save('model.safetensors');
await run.model.export('model.onnx');

function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(1)}%`;
}

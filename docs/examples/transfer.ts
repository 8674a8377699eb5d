import { adam, cosine, dense, type FitOptions, fit, imageFolder, Model, openRun } from 'lockstep';

/**
 * transfer.js RUN FOLDER [EPOCHS]: a network that has learned other classes learns those of a folder: first its last layer alone, then all of
 * it at a small learning rate. Layers are taken by name and shape; the last one's rows by the names of the classes, others begin anew.
 */
const [directory = 'runs/before', folder = 'pictures', epochs = '10'] = process.argv.slice(2);

const before = await openRun(directory);
const { model, data } = before.config;
if (data.features.type !== 'pixels') throw new Error(`${directory} does not see pixels`);

// The same network, for as many classes as there are now.
const body = model.layers.slice(0, -1);
const network = new Model({ layers: [...body, dense('classes').toJSON()] });
const images = await imageFolder(folder, { size: [data.features.height, data.features.width] });
console.log(`from ${before.model.classes.length} classes to ${images.classes.length}`);

const common = {
  epochs: Number(epochs),
  batchSize: 16,
  onMessage: (_, message) => console.log(message),
} satisfies FitOptions;
await using first = await fit(network, images, {
  ...common,
  init: directory,
  freeze: body.flatMap(({ name }) => name ?? []),
  optimizer: adam({ learningRate: 3e-3 }),
});
await using second = await fit(network, images, {
  ...common,
  init: first.directory,
  optimizer: adam({ learningRate: cosine(3e-4) }),
});
for (const run of [first, second]) console.log(`test: top-1 ${(await run.evaluate('test')).top1.toFixed(3)}`);

import { appendFileSync, writeFileSync } from 'node:fs';
import {
  adam,
  type Callback,
  conv2d,
  dense,
  earlyStopping,
  fit,
  flatten,
  imageFolder,
  maxPool,
  relu,
  sequential,
} from 'lockstep';

/**
 * early-stopping.js FOLDER [EPOCHS]: trains until validation has not got better for 5 epochs, or a callback of its own has seen enough, or
 * Ctrl-C. Either way the run is a finished one, and its model has the best epoch's weights.
 */
const [folder = 'pictures', epochs = '200'] = process.argv.slice(2);

/** Writes a table of the epochs, and ends the training when nothing is left to learn. */
function epochsTable(file: string, enough: number): Callback {
  return {
    start: () => writeFileSync(file, 'epoch,train loss,validation loss,validation top-1\n'),
    epoch({ epoch, train, validation }) {
      appendFileSync(file, `${epoch},${train.loss},${validation.loss},${validation.top1}\n`);
      return train.loss < enough ? 'stop' : undefined;
    },
    end: ({ epochsRun, end }) => console.log(`${epochsRun} epochs, then: ${end?.reason}`),
  };
}

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort());

const model = sequential(conv2d(16, 5), relu(), maxPool(2), flatten(), dense('classes'));
await using run = await fit(model, await imageFolder(folder, { size: 16 }), {
  epochs: Number(epochs),
  batchSize: 16,
  optimizer: adam({ learningRate: 2e-3 }),
  signal: interrupted.signal,
  callbacks: [
    earlyStopping({ metric: 'loss', patience: 5, restoreBest: true }),
    epochsTable('epochs.csv', 0.01),
  ],
});
const best = run.epochs.reduce((a, b) => (b.validation.loss < a.validation.loss ? b : a));
console.log(`best: epoch ${best.epoch}, validation loss ${best.validation.loss.toFixed(3)}`);

/** TensorFlow.js's program: tf.layers for the network, optimizer.minimize for a step. Images are [32, 32, 3], as it wants them. */
import { Batches } from '#lockstep/bench/peers/batches.js';
import { requirePeer } from '#lockstep/bench/peers/require-peer.js';
import { readJob, serve } from '#lockstep/bench/peers/serve.js';

const job = readJob();
const { config, classes, training, options } = job;
const { peer: tf, version } = requirePeer('@tensorflow/tfjs', options.nodePeers);
if (options.backend === 'wasm') requirePeer('@tensorflow/tfjs-backend-wasm', options.nodePeers);
await tf.setBackend(options.backend);
await tf.ready();

const batches = new Batches(job);
const inputShape = batches.shape.length === 3 ? [32, 32, 3] : batches.shape;
const model = buildNetwork(config.model.layers);
const optimizer = tf.train.momentum(config.optimizer.learningRate, config.optimizer.momentum);
await serve({ version }, async (samples) => {
  const totals = { loss: 0, hits: 0 };
  for (const { values, labels } of training ? batches.shuffled(samples) : batches.inOrder(samples)) {
    const { loss, hits } = tf.tidy(() => step(values, labels));
    totals.loss += loss * labels.length;
    totals.hits += hits;
  }
  return { samples, loss: totals.loss / samples };
});

/** One batch; reading a result waits for nothing on these backends. */
function step(values, labels) {
  const images = tf.tensor(values, [labels.length, ...inputShape]);
  const expected = tf.tensor1d(labels, 'int32');
  const oneHot = tf.oneHot(expected, classes);
  let logits;
  const forward = () => {
    logits = model.apply(images, { training });
    return tf.losses.softmaxCrossEntropy(oneHot, logits);
  };
  const loss = training ? optimizer.minimize(keepingLogits, true) : forward();
  const hits = logits.argMax(1).equal(expected).sum().dataSync()[0];
  if (training) logits.dispose();
  return { loss: loss.dataSync()[0], hits };

  function keepingLogits() {
    const loss = forward();
    tf.keep(logits);
    return loss;
  }
}

/** An activation is part of the layer before it, where TensorFlow.js can fuse the two. */
function buildNetwork(layers) {
  const activations = { sigmoid: 'sigmoid', silu: 'swish', relu: 'relu', tanh: 'tanh' };
  const model = tf.sequential();
  layers.forEach((layer, i) => {
    const activation = activations[layers[i + 1]?.type];
    const built = buildLayer(layer, { activation, ...(i === 0 ? { inputShape } : {}) });
    if (built !== undefined) model.add(built);
  });
  return model;
}

function buildLayer(layer, more) {
  switch (layer.type) {
    case 'conv2d': {
      const { outChannels: filters, kernelSize, stride: strides } = layer;
      // 'same' is a frame of 1 for the kernels of 3 x 3 that have one.
      const padding = layer.padding[0] > 0 ? 'same' : 'valid';
      return tf.layers.conv2d({ filters, kernelSize, strides, padding, ...more });
    }
    case 'dense':
      return tf.layers.dense({ units: layer.outFeatures, ...more });
    case 'maxPool':
      return tf.layers.maxPooling2d({ poolSize: layer.window, strides: layer.stride });
    case 'zeroPad': {
      const { top, bottom, left, right } = layer;
      return tf.layers.zeroPadding2d({
        padding: [
          [top, bottom],
          [left, right],
        ],
      });
    }
    case 'flatten':
      return tf.layers.flatten();
    default:
      return undefined;
  }
}

/** jax-js's program: one jitted step of forward, backward and optimizer, over a list of parameters. */
import { Batches } from '#lockstep/bench/peers/batches.js';
import { requirePeer } from '#lockstep/bench/peers/require-peer.js';
import { readJob, serve } from '#lockstep/bench/peers/serve.js';

const job = readJob();
const { config, classes, training, options } = job;
const { peer: jax, version } = requirePeer('@jax-js/jax', options.nodePeers);
const { jit, lax, nn, numpy: np, random, tree, valueAndGrad } = jax;
await jax.init('wasm');
jax.defaultDevice('wasm');

const batches = new Batches(job);
const { layers } = config.model;
const { learningRate, momentum } = config.optimizer;
let params = initialParameters();
let velocity = tree.map((p) => np.zerosLike(p), tree.ref(params));

const forwardAndLoss = (params, images, labels) => {
  const logits = forward(params, images);
  const hits = np.argmax(logits.ref, 1).equal(labels.ref).astype(np.float32).sum();
  const likelihoods = nn.logSoftmax(logits).mul(nn.oneHot(labels, classes));
  return [likelihoods.sum().mul(-1 / batches.size), hits];
};
const evaluate = jit(forwardAndLoss);
const train = jit((params, velocity, images, labels) => {
  const lossAndGradient = valueAndGrad(forwardAndLoss, { hasAux: true });
  const [[loss, hits], gradient] = lossAndGradient(tree.ref(params), images, labels);
  velocity = tree.map((v, g) => v.mul(momentum).add(g), velocity, gradient);
  params = tree.map((p, v) => p.sub(v.mul(learningRate)), params, tree.ref(velocity));
  return [params, velocity, loss, hits];
});

await serve({ version }, async (samples) => {
  const totals = { loss: 0, hits: 0 };
  for (const batch of training ? batches.shuffled(samples) : batches.inOrder(samples)) {
    const images = np.array(batch.values).reshape([batches.size, ...batches.shape]);
    const labels = np.array(batch.labels);
    let loss, hits;
    if (training) [params, velocity, loss, hits] = train(params, velocity, images, labels);
    else [loss, hits] = evaluate(tree.ref(params), images, labels);
    totals.loss += (await loss.jsAsync()) * batches.size;
    totals.hits += await hits.jsAsync();
  }
  return { samples, loss: totals.loss / samples };
});

/** Takes ownership of its arguments, as every function of jax-js does. */
function forward(params, x) {
  let next = 0;
  for (const layer of layers) {
    switch (layer.type) {
      case 'conv2d': {
        const [w, b] = params.slice(next, next + 2);
        next += 2;
        const padding = layer.padding.map((size) => [size, size]);
        x = lax.convGeneralDilated(x, w, layer.stride, padding).add(b);
        break;
      }
      case 'dense':
        x = np.dot(x, params[next]).add(params[next + 1]);
        next += 2;
        break;
      case 'maxPool':
        x = lax.reduceWindow(x, np.max, layer.window, layer.stride);
        break;
      case 'zeroPad':
        x = np.pad(x, [
          [0, 0],
          [0, 0],
          [layer.top, layer.bottom],
          [layer.left, layer.right],
        ]);
        break;
      case 'flatten':
        x = x.reshape([batches.size, -1]);
        break;
      default:
        x = layer.type === 'tanh' ? np.tanh(x) : nn[layer.type](x);
    }
  }
  return x;
}

/** Weights and biases in turn; conv [out, in, kh, kw] and [out, 1, 1], dense [in, out] and [out]. */
function initialParameters() {
  const params = [];
  let shape = [...batches.shape];
  for (const [i, layer] of layers.entries()) {
    const uniform = (shape, inputs) =>
      random.uniform(random.key(i), shape, { minval: -1 / Math.sqrt(inputs), maxval: 1 / Math.sqrt(inputs) });
    const [c, ...size] = shape;
    switch (layer.type) {
      case 'conv2d': {
        const { outChannels, kernelSize, stride, padding } = layer;
        params.push(uniform([outChannels, c, ...kernelSize], c * kernelSize[0] * kernelSize[1]));
        params.push(np.zeros([outChannels, 1, 1]));
        const sides = size.map((s, d) => Math.floor((s + 2 * padding[d] - kernelSize[d]) / stride[d]) + 1);
        shape = [outChannels, ...sides];
        break;
      }
      case 'dense':
        params.push(uniform([c, layer.outFeatures], c), np.zeros([layer.outFeatures]));
        shape = [layer.outFeatures];
        break;
      case 'maxPool':
        shape = [c, ...size.map((s, d) => Math.floor((s - layer.window[d]) / layer.stride[d]) + 1)];
        break;
      case 'zeroPad':
        shape = [c, size[0] + layer.top + layer.bottom, size[1] + layer.left + layer.right];
        break;
      case 'flatten':
        shape = [shape.reduce((a, b) => a * b)];
    }
  }
  return params;
}

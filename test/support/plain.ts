import { optionOf } from '#lockstep/config/activations.js';
import type { ResolvedConv2d, ResolvedLayer, ResolvedPool } from '#lockstep/config/resolved.js';
import { sampleNode, wireLayers } from '#lockstep/graph/wiring.js';
import { activationReference, prelu } from '#lockstep/kernels/activation/reference.js';
import { crossEntropy } from '#lockstep/kernels/loss/reference.js';

/**
 * The layers once more, in double precision, one sample at a time, as their definitions read. Slow and plain: what the kernels are
 * tested against. These in turn are tested against finite differences.
 */

export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export const zeros = (shape: readonly number[]): Tensor => ({
  shape,
  data: new Float64Array(shape.reduce((a, b) => a * b, 1)),
});

/** A layer's output, and the way back: from dy to dx, adding to the gradients of its weights. */
export interface Step {
  readonly y: Tensor;
  backward(dy: Tensor): Tensor;
}

export interface Weights {
  readonly weight: Tensor;
  readonly weightGradient: Tensor;
  /** Zeros where the layer has none. */
  readonly bias: Tensor;
  readonly biasGradient: Tensor;
  readonly hasBias: boolean;
}

export function step(layer: ResolvedLayer, x: Tensor, w: Weights | undefined): Step {
  switch (layer.type) {
    case 'conv2d':
      return conv(x, w!, layer);
    case 'dense':
      return dense(x, w!);
    case 'maxPool':
    case 'averagePool':
      return pool(x, layer, layer.type === 'maxPool');
    case 'globalAveragePool': {
      const [channels, ...window] = x.shape as [number, number, number];
      const { y, backward } = pool(
        x,
        { window: window as [number, number], stride: [1, 1], padding: [0, 0] },
        false,
      );
      return {
        y: { shape: [channels], data: y.data },
        backward: (dy) => backward({ shape: y.shape, data: dy.data }),
      };
    }
    case 'zeroPad':
      return pad(x, layer.top, layer.right, layer.bottom, layer.left);
    case 'flatten': {
      return {
        y: { shape: [x.data.length], data: x.data },
        backward: (dy) => ({ shape: x.shape, data: dy.data }),
      };
    }
    case 'prelu':
      return {
        y: { shape: x.shape, data: prelu(x.data, w!.weight.data).y },
        backward(dy) {
          const { gradient, dx } = prelu(x.data, w!.weight.data, dy.data);
          for (const [c, value] of gradient.entries()) w!.weightGradient.data[c]! += value;
          return { shape: x.shape, data: dx };
        },
      };
    case 'groupNorm':
      return sampleNorm(x, w!, layer.groups, layer.epsilon);
    case 'layerNorm':
      return sampleNorm(x, w!, 1, layer.epsilon);
    case 'add':
    case 'concat':
    case 'residual':
      throw new Error(`${layer.type} joins several: see joined`);
    case 'batchNorm':
    case 'dropout':
    case 'custom':
      throw new Error(`${layer.type} has a test of its own`);
    default: {
      const { of, slope } = activationReference[layer.type];
      const option = optionOf(layer);
      const y = { shape: x.shape, data: x.data.map((v) => of(v, option)) };
      return {
        y,
        backward: (dy) => ({ shape: x.shape, data: x.data.map((v, i) => dy.data[i]! * slope(v, option)) }),
      };
    }
  }
}

/** Each group of the values by its mean and variance; the weights are as many as there are channels, or values. */
function sampleNorm(x: Tensor, w: Weights, groups: number, epsilon: number): Step {
  const size = x.data.length / groups;
  const positions = x.data.length / w.bias.data.length;
  const [groupOf, weightOf] = [(i: number) => Math.floor(i / size), (i: number) => Math.floor(i / positions)];
  const meanOf = (values: Float64Array) =>
    Float64Array.from({ length: groups }, (_, g) => {
      const group = values.subarray(g * size, (g + 1) * size);
      return group.reduce((sum, v) => sum + v, 0) / size;
    });
  const mean = meanOf(x.data);
  const variance = meanOf(x.data.map((v, i) => (v - mean[groupOf(i)]!) ** 2));
  const normal = x.data.map((v, i) => (v - mean[groupOf(i)]!) / Math.sqrt(variance[groupOf(i)]! + epsilon));
  return {
    y: {
      shape: x.shape,
      data: normal.map((v, i) => v * w.weight.data[weightOf(i)]! + w.bias.data[weightOf(i)]!),
    },
    backward(dy) {
      dy.data.forEach((d, i) => {
        w.weightGradient.data[weightOf(i)]! += d * normal[i]!;
        w.biasGradient.data[weightOf(i)]! += d;
      });
      const d = dy.data.map((v, i) => v * w.weight.data[weightOf(i)]!);
      const [a, b] = [meanOf(d), meanOf(d.map((v, i) => v * normal[i]!))];
      const dx = d.map((v, i) => {
        const g = groupOf(i);
        return (v - a[g]! - normal[i]! * b[g]!) / Math.sqrt(variance[g]! + epsilon);
      });
      return { shape: x.shape, data: dx };
    },
  };
}

function dense(x: Tensor, w: Weights): Step {
  const inputs = x.data.length;
  const y = zeros(w.bias.shape);
  for (let o = 0; o < y.data.length; o++) {
    y.data[o] = w.bias.data[o]!;
    for (let i = 0; i < inputs; i++) y.data[o]! += w.weight.data[o * inputs + i]! * x.data[i]!;
  }
  return {
    y,
    backward(dy) {
      const dx = zeros(x.shape);
      for (let o = 0; o < dy.data.length; o++) {
        w.biasGradient.data[o]! += dy.data[o]!;
        for (let i = 0; i < inputs; i++) {
          w.weightGradient.data[o * inputs + i]! += dy.data[o]! * x.data[i]!;
          dx.data[i]! += dy.data[o]! * w.weight.data[o * inputs + i]!;
        }
      }
      return dx;
    },
  };
}

function conv(x: Tensor, w: Weights, { stride, padding, dilation, groups }: ResolvedConv2d): Step {
  const [, height, width] = x.shape as [number, number, number];
  const [outputs, channels, kh, kw] = w.weight.shape as [number, number, number, number];
  const [[sh, sw], [dh, dw]] = [stride, dilation];
  /** Of a side: the zeros before it, and how many outputs it has. */
  const along = (side: number, kernel: number, axis: 0 | 1): [number, number] => {
    const reach = (kernel - 1) * dilation[axis];
    if (padding === 'same') return [Math.floor(reach / 2), side];
    return [padding[axis], Math.floor((side + 2 * padding[axis] - reach - 1) / stride[axis]) + 1];
  };
  const [ph, rows] = along(height, kh, 0);
  const [pw, columns] = along(width, kw, 1);
  const y = zeros([outputs, rows, columns]);
  /** Calls `visit` with the indices of y, w and x of every product. */
  const products = (visit: (yi: number, wi: number, xi: number) => void) => {
    for (let o = 0; o < outputs; o++)
      for (let r = 0; r < rows; r++)
        for (let c = 0; c < columns; c++)
          for (let k = 0; k < channels; k++)
            for (let i = 0; i < kh; i++)
              for (let j = 0; j < kw; j++) {
                const row = r * sh + i * dh - ph;
                const column = c * sw + j * dw - pw;
                const group = Math.floor((o * groups) / outputs);
                if (row < 0 || row >= height || column < 0 || column >= width) continue;
                visit(
                  (o * rows + r) * columns + c,
                  ((o * channels + k) * kh + i) * kw + j,
                  ((group * channels + k) * height + row) * width + column,
                );
              }
  };
  for (let i = 0; i < y.data.length; i++) y.data[i] = w.bias.data[Math.floor(i / (rows * columns))]!;
  products((yi, wi, xi) => {
    y.data[yi]! += w.weight.data[wi]! * x.data[xi]!;
  });
  return {
    y,
    backward(dy) {
      const dx = zeros(x.shape);
      for (let i = 0; i < dy.data.length; i++)
        w.biasGradient.data[Math.floor(i / (rows * columns))]! += dy.data[i]!;
      products((yi, wi, xi) => {
        w.weightGradient.data[wi]! += dy.data[yi]! * x.data[xi]!;
        dx.data[xi]! += dy.data[yi]! * w.weight.data[wi]!;
      });
      return dx;
    },
  };
}

function pool(
  x: Tensor,
  {
    window: [wh, ww],
    stride: [sh, sw],
    padding: [ph, pw],
  }: Pick<ResolvedPool, 'window' | 'stride' | 'padding'>,
  isMax: boolean,
): Step {
  const [channels, height, width] = x.shape as [number, number, number];
  const rows = Math.floor((height + 2 * ph - wh) / sh) + 1;
  const columns = Math.floor((width + 2 * pw - ww) / sw) + 1;
  const y = zeros([channels, rows, columns]);
  const windows = Array.from(y.data, (_, at) => {
    const c = Math.floor(at / (rows * columns));
    const r = Math.floor(at / columns) % rows;
    const inside: number[] = [];
    for (let i = 0; i < wh; i++)
      for (let j = 0; j < ww; j++) {
        const [row, column] = [r * sh + i - ph, (at % columns) * sw + j - pw];
        if (row >= 0 && row < height && column >= 0 && column < width)
          inside.push((c * height + row) * width + column);
      }
    return inside;
  });
  const argmaxes = windows.map((inside) =>
    inside.reduce((best, i) => (x.data[i]! > x.data[best]! ? i : best)),
  );
  windows.forEach((inside, at) => {
    y.data[at] = isMax ? x.data[argmaxes[at]!]! : inside.reduce((sum, i) => sum + x.data[i]!, 0) / (wh * ww);
  });
  return {
    y,
    backward(dy) {
      const dx = zeros(x.shape);
      windows.forEach((inside, at) => {
        if (isMax) dx.data[argmaxes[at]!]! += dy.data[at]!;
        else for (const i of inside) dx.data[i]! += dy.data[at]! / (wh * ww);
      });
      return dx;
    },
  };
}

function pad(x: Tensor, top: number, right: number, bottom: number, left: number): Step {
  const [channels, height, width] = x.shape as [number, number, number];
  const y = zeros([channels, height + top + bottom, width + left + right]);
  const place = (i: number) => {
    const c = Math.floor(i / (height * width));
    const r = Math.floor(i / width) % height;
    return (c * y.shape[1]! + r + top) * y.shape[2]! + (i % width) + left;
  };
  x.data.forEach((v, i) => {
    y.data[place(i)] = v;
  });
  return { y, backward: (dy) => ({ shape: x.shape, data: x.data.map((_, i) => dy.data[place(i)]!) }) };
}

/** The same of several tensors. */
export interface Joined {
  readonly y: Tensor;
  backward(dy: Tensor): Tensor[];
}

const sumOf = (xs: readonly Tensor[]): Tensor => ({
  shape: xs[0]!.shape,
  data: xs[0]!.data.map((_, i) => xs.reduce((sum, x) => sum + x.data[i]!, 0)),
});

function concat(xs: readonly Tensor[]): Joined {
  const [, ...rest] = xs[0]!.shape;
  const y = zeros([xs.reduce((sum, { shape }) => sum + shape[0]!, 0), ...rest]);
  const starts = xs.map((_, i) => xs.slice(0, i).reduce((sum, { data }) => sum + data.length, 0));
  for (const [i, { data }] of xs.entries()) y.data.set(data, starts[i]!);
  return {
    y,
    backward: (dy) =>
      xs.map(({ shape, data }, i) => ({ shape, data: dy.data.slice(starts[i]!, starts[i]! + data.length) })),
  };
}

function joined(layer: ResolvedLayer, xs: readonly Tensor[], w: Weights | undefined): Joined {
  switch (layer.type) {
    case 'add':
    case 'residual':
      return { y: sumOf(xs), backward: (dy) => xs.map(() => dy) };
    case 'concat':
      return concat(xs);
    default: {
      const { y, backward } = step(layer, xs[0]!, w);
      return { y, backward: (dy) => [backward(dy)] };
    }
  }
}

/**
 * Forward, loss and backward of one sample through a whole network; gradients are added to `weights`, of which each layer has one, those of
 * blocks before the block.
 */
export function trainSample(
  layers: readonly ResolvedLayer[],
  weights: readonly (Weights | undefined)[],
  x: Tensor,
  label: number,
): { logits: Tensor; loss: number; dx: Tensor } {
  const wired = wireLayers(layers);
  const steps: Joined[] = [];
  for (const { config, inputs, number } of wired) {
    const xs = inputs.map((from) => (from === sampleNode ? x : steps[from]!.y));
    steps.push(joined(config, xs, weights[number]));
  }
  const logits = steps.at(-1)!.y;
  const { loss, dz } = crossEntropy(logits.data, label);
  /** Of each layer's output, what its readers give. */
  const gradients = new Map<number, Tensor[]>([
    [wired.length - 1, [{ shape: logits.shape, data: Float64Array.from(dz) }]],
  ]);
  for (const { inputs, number } of wired.toReversed()) {
    const dxs = steps[number]!.backward(sumOf(gradients.get(number)!));
    for (const [i, from] of inputs.entries()) gradients.set(from, [...(gradients.get(from) ?? []), dxs[i]!]);
  }
  return { logits, loss, dx: sumOf(gradients.get(sampleNode)!) };
}

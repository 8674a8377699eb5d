import { callsOfNetwork, type Pass } from './calls.js';
import { type ModelName, modelConfig, models } from './models.js';
import type { Peak } from './peak.js';
import { show, type Table } from './table.js';
import { time, warmUp } from './timer.js';

/** One kernel call, on one thread, its data in the cache. */
export interface KernelFigure {
  readonly model: ModelName;
  readonly layer: string;
  readonly pass: Pass;
  readonly kernel: string;
  /** Median, for a micro-batch of 8 samples (prepare, tree and optimizer: once). */
  readonly microseconds: number;
  readonly values: number;
  /** Of the products that the kernel makes, which may be far fewer than the layer's definition has. */
  readonly gflops?: number;
  readonly shareOfPeak?: number;
}

/** @param milliseconds for each call */
export function measureKernels(peak: Peak, milliseconds: number): KernelFigure[] {
  const calls = models.flatMap((model) =>
    callsOfNetwork(modelConfig(model)).map((call) => ({ model, ...call })),
  );
  warmUp(calls.map((call) => call.run));
  return calls.map(({ model, layer, pass, kernel, flops, values, run }): KernelFigure => {
    const { median } = time(kernel, run, milliseconds);
    const figure = { model, layer, pass, kernel, microseconds: median * 1e6, values };
    if (flops === 0) return figure;
    const gflops = flops / median / 1e9;
    return { ...figure, gflops, shareOfPeak: gflops / peak.gflops };
  });
}

/** The kernels that multiply: one row a call. */
export function arithmeticTable(figures: readonly KernelFigure[]): Table {
  return figures
    .filter((f) => f.gflops !== undefined)
    .map((f) => ({
      model: f.model,
      layer: f.layer,
      pass: f.pass,
      kernel: f.kernel,
      'us / micro-batch': show(f.microseconds),
      'GFLOP/s': show(f.gflops!),
      'of peak': `${(f.shareOfPeak! * 100).toFixed(0)}%`,
    }));
}

/** The kernels that move or map values: one row for all calls of a kernel in a pass of a model. */
export function mappingTable(figures: readonly KernelFigure[]): Table {
  const sums = new Map<
    string,
    { first: KernelFigure; calls: number; microseconds: number; values: number }
  >();
  for (const f of figures) {
    if (f.gflops !== undefined) continue;
    const key = `${f.model} ${f.pass} ${f.kernel}`;
    const sum = sums.get(key) ?? { first: f, calls: 0, microseconds: 0, values: 0 };
    sum.calls += 1;
    sum.microseconds += f.microseconds;
    sum.values += f.values;
    sums.set(key, sum);
  }
  return [...sums.values()].map(({ first, calls, microseconds, values }) => ({
    model: first.model,
    pass: first.pass,
    kernel: first.kernel,
    calls: String(calls),
    'us together': show(microseconds),
    'ns / value': show((microseconds * 1e3) / values),
  }));
}

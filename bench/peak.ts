/// <reference path="../src/kernels/webassembly.d.ts" />
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { time, warmUp } from './timer.js';

/**
 * The peak that the kernels are held against: multiply and add of 128-bit vectors, one thread, as V8 compiles them, operands
 * in the first-level cache. It is the highest figure found, not the CPU's limit: a kernel may pass it by a few percent.
 */
export interface Peak {
  /** GFLOP/s, the best of the samples. */
  readonly gflops: number;
  /** Independent sums that reached it. */
  readonly sums: number;
}

/** Sums enough to hide an addition's latency, and few enough for the registers: which is best is the CPU's matter. */
const candidates = [4, 6, 8, 10, 12, 16] as const;
const rounds = 50;
/** Steps of a round; x is 32 bytes a step, so all operands are 8 KiB at most. */
const steps = 128;
const stepBytes = 32;
const flopsOfProduct = 2 * 4;

/** @param milliseconds for each number of sums */
export function measurePeak(milliseconds: number): Peak {
  const module = compile(candidates.map(source).join('\n'));
  const functions = new WebAssembly.Instance(module, {}).exports;
  (functions['fill'] as () => void)();
  const runs = candidates.map((sums) => {
    const peak = functions[`peak${sums}`] as (rounds: number) => number;
    return () => peak(rounds);
  });
  warmUp(runs);
  const peaks = candidates.map((sums, i): Peak => {
    const run = runs[i]!;
    const products = rounds * steps * sums;
    if (run() !== products) throw new Error(`peak${sums} adds up ${run()} products of ones, not ${products}`);
    const { best } = time(`peak${sums}`, run, milliseconds);
    return { gflops: (products * flopsOfProduct) / best / 1e9, sums };
  });
  return peaks.reduce((a, b) => (b.gflops > a.gflops ? b : a));
}

/**
 * AssemblyScript of the barest inner loop: a = a + x * w, for the 2 vectors of x and half as many weights as there are sums. Each
 * step has operands of its own, so no product is known beforehand, and all sums are returned. Two other ways measured lower (Zen
 * 5: 65 GFLOP/s for this): operands in registers alone, which must depend on the last step or be computed once, 57; and
 * the loop's body written out twice or more, for which V8 runs out of registers, 38 to 55.
 */
function source(sums: number): string {
  const numbers = Array.from({ length: sums }, (_, i) => i);
  const pairs = numbers.slice(0, sums / 2);
  const add = (sum: number, half: string) => `a${sum} = f32x4.add(a${sum}, f32x4.mul(${half}, s));`;
  const pair = (i: number) =>
    `{ const s = v128.load32_splat(w, ${i * 4}); ${add(2 * i, 'lo')} ${add(2 * i + 1, 'hi')} }`;
  return `export function peak${sums}(rounds: i32): f32 {
    let ${numbers.map((i) => `a${i} = f32x4.splat(0)`).join(', ')};
    for (let i = 0; i < rounds; i++) {
      let w: usize = ${steps * stepBytes};
      for (let x: usize = 0; x < ${steps * stepBytes}; x += ${stepBytes}) {
        const lo = v128.load(x), hi = v128.load(x, 16);
        ${pairs.map(pair).join('\n')}
        w += ${pairs.length * 4};
      }
    }
    return ${numbers.map((i) => `f32x4.extract_lane(a${i}, 3)`).join(' + ')};
  }`;
}

/**
 * The module, with a memory of its own that its `fill` fills with ones. The compiler runs in a process of its own: in this one, V8
 * would go on improving the compiler's code for two seconds before it came to improve ours.
 */
function compile(functions: string): WebAssembly.Module {
  const bytes = 2 * steps * stepBytes;
  const fill = `export function fill(): void { for (let p: usize = 0; p < ${bytes}; p += 4) store<f32>(p, 1); }`;
  const asc = fileURLToPath(import.meta.resolve('assemblyscript/bin/asc.js'));
  const options = ['-O3', '--runtime', 'stub', '--enable', 'simd', '--noAssert', '--initialMemory', '1'];
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-peak-'));
  try {
    writeFileSync(join(folder, 'peak.ts'), `${functions}\n${fill}\n`);
    execFileSync(process.execPath, [asc, 'peak.ts', '-o', 'peak.wasm', ...options], { cwd: folder });
    return new WebAssembly.Module(readFileSync(join(folder, 'peak.wasm')));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

import { groupBytes } from '../kernels/kernels.js';

/**
 * The peak that layers are compared with: the speed of the best inner loop on one thread, as V8 compiles it. The loop multiplies and adds
 * vectors of lane groups, with operands in the first-level cache. The CPU's limit is higher, and a kernel may exceed this peak slightly.
 */
export interface Peak {
  readonly gflops: number;
  /** Number of vectors summed in parallel. */
  readonly sums: number;
}

/** Candidates: enough sums to hide an addition's latency, few enough for the registers. The best number depends on the CPU. */
const candidates = [4, 6, 8, 10, 12, 16] as const;
/** Steps of a round; x has 32 bytes for each, so all operands are 8 KiB at most. */
const steps = 128;
const weights = steps * groupBytes;
const results = 2 * weights;
/** Rounds per call: about 20 us. */
const rounds = 200;
/** ms: warm-up of all candidates together, and measurement of each. */
const warmUp = 300;
const effort = 40;

export function measurePeak(): Peak {
  const runs = candidates.map((sums) => ({ sums, run: compile(sums) }));
  for (const begin = performance.now(); performance.now() - begin < warmUp; )
    for (const { run } of runs) run();
  const peaks = runs.map(({ sums, run }): Peak => {
    let best = Number.POSITIVE_INFINITY;
    for (const begin = performance.now(); performance.now() - begin < effort; ) {
      const start = performance.now();
      run();
      best = Math.min(best, performance.now() - start);
    }
    const flops = 2 * 4 * sums * steps * rounds;
    return { sums, gflops: flops / best / 1e6 };
  });
  return peaks.reduce((a, b) => (b.gflops > a.gflops ? b : a));
}

function compile(sums: number): () => void {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(assemble(sums)), {});
  const { memory, run } = exports as unknown as { memory: WebAssembly.Memory; run: (rounds: number) => void };
  const floats = new Float32Array(memory.buffer);
  floats.fill(1, 0, results / 4);
  run(1);
  const sum = floats[results / 4 + 4 * sums - 1];
  if (sum !== steps) throw new Error(`the peak's loop adds up ${sum} products of ones, not ${steps}`);
  return () => run(rounds);
}

/**
 * Assembles the module by hand, since lockstep depends on no compiler for it at run time:
 *
 *   memory (1 page), run(rounds) {
 *     do { x = 0; w = weights;
 *       do { lo = x[0..3]; hi = x[4..7];
 *         for each pair k of sums: s = splat(w[k]); a[2k] += lo * s; a[2k + 1] += hi * s;
 *         x += 32; w += 2 * sums; } while (x < weights);
 *     } while (--rounds);
 *     store all a }
 *
 * Loads and stores of a group's two halves are adjacent, so an engine can join them into 256-bit operations.
 * https://webassembly.github.io/spec/core/binary/
 */
function assemble(sums: number): Uint8Array<ArrayBuffer> {
  const I32 = 0x7f;
  const V128 = 0x7b;
  // Locals: rounds, x, w; then vectors.
  const [left, x, w, lo, hi, s, a] = [0, 1, 2, 3, 4, 5, 6] as const;
  const get = (local: number) => [0x20, local];
  const set = (local: number) => [0x21, local];
  const tee = (local: number) => [0x22, local];
  const int = (value: number) => [0x41, ...signed(value)];
  const add = 0x6a;
  const lessThan = 0x49;
  const vector = (opcode: number) => [0xfd, ...unsigned(opcode)];
  const load = (offset: number) => [...vector(0x00), 4, ...unsigned(offset)];
  const loadSplat = (offset: number) => [...vector(0x09), 2, ...unsigned(offset)];
  const store = (offset: number) => [...vector(0x0b), 4, ...unsigned(offset)];
  const loop = (body: number[]) => [0x03, 0x40, ...body, 0x0d, 0, 0x0b];
  const range = Array.from({ length: sums }, (_, i) => i);

  const product = (half: number) => [...get(half), ...get(s), ...vector(0xe6)];
  const addTo = (sum: number, half: number) => [
    ...get(a + sum),
    ...product(half),
    ...vector(0xe4),
    ...set(a + sum),
  ];
  const pair = (k: number) => [
    ...[...get(w), ...loadSplat(4 * k), ...set(s)],
    ...[...addTo(2 * k, lo), ...addTo(2 * k + 1, hi)],
  ];
  const step = [
    ...[...get(x), ...load(0), ...set(lo), ...get(x), ...load(16), ...set(hi)],
    ...range.slice(0, sums / 2).flatMap(pair),
    ...[...get(w), ...int(2 * sums), add, ...set(w)],
    ...[...get(x), ...int(groupBytes), add, ...tee(x), ...int(weights), lessThan],
  ];
  const round = [
    ...[...int(0), ...set(x), ...int(weights), ...set(w)],
    ...loop(step),
    ...[...get(left), ...int(-1), add, ...tee(left)],
  ];
  const body = [
    ...[2, ...[2, I32], ...[3 + sums, V128]],
    ...loop(round),
    ...range.flatMap((sum) => [...int(results), ...get(a + sum), ...store(16 * sum)]),
    0x0b,
  ];

  const section = (id: number, bytes: number[]) => [id, ...sized(bytes)];
  return Uint8Array.from([
    ...[0x00, ...text('asm'), 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, I32, 0]), // type (i32) -> ()
    ...section(3, [1, 0]), // one function of it
    ...section(5, [1, 0, 1]), // memory
    ...section(7, [2, ...sized(text('memory')), 2, 0, ...sized(text('run')), 0, 0]), // exports
    ...section(10, [1, ...sized(body)]), // code
  ]);
}

const text = (name: string): number[] => [...Buffer.from(name)];
const sized = (bytes: number[]): number[] => [...unsigned(bytes.length), ...bytes];

/** LEB128 */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  return value >= -64 && value < 64 ? [value & 127] : [(value & 127) | 128, ...signed(value >> 7)];
}

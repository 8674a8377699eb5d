import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { instantiateKernels } from '#lockstep/kernels/kernels.js';
import { reframed } from '#lockstep/kernels/samples/reference.js';
import { hash } from '#lockstep/numerics/random.js';
import { compileKernels } from '#lockstep/platform/kernels.js';
import { createSharedMemory } from '#lockstep/platform/memory.js';

const frames = suite('another frame');

frames('moves and mirrors images of any size', () => {
  const memory = createSharedMemory(65536 * 2);
  const kernels = instantiateKernels(compileKernels().kernels, memory);
  const bytes = new Uint8Array(memory.buffer);
  const [from, to, mask, fills] = [4096, 32768, 1024, 512];
  for (let i = 0; i < 28672; i++) bytes[from + i] = hash(1, i);
  bytes.set([7, 77, 177], fills);
  for (let trial = 0; trial < 200; trial++) {
    const draw = (what: number, end: number) => hash(trial, what) % end;
    const [height, width] = [1 + draw(0, 12), 1 + draw(1, 40)];
    const [down, right, mirrored, inverted] = [draw(2, 9) - 4, draw(3, 9) - 4, draw(4, 2), draw(5, 2)];
    const reflects = Math.abs(down) < height && Math.abs(right) < width ? draw(6, 2) : 0;
    const size = 3 * height * width;
    const move = {
      channels: 3,
      height,
      width,
      down,
      right,
      mirrored: mirrored === 1,
      inverted: inverted === 1,
      reflects: reflects === 1,
    };
    const image = bytes.slice(from + 64, from + 64 + size);
    const wanted = reframed(image, bytes.slice(fills, fills + 3), move);
    bytes[to + size + 15] = 99;
    const args = [3, height, width, down, right, mirrored, inverted, reflects] as const;
    kernels.reframeBytes(from + 64, to, ...args, mask, fills);
    assert.is(bytes[to + size + 15], 99, 'no more than 15 bytes behind');
    assert.equal([...bytes.subarray(to, to + size)], [...wanted], `trial ${trial}`);
  }
});

frames.run();

import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { instantiateKernels } from '#lockstep/kernels/kernels.js';
import { compileKernels } from '#lockstep/platform/kernels.js';
import { createSharedMemory } from '#lockstep/platform/memory.js';
import { Affine } from '#lockstep/runtime/augmentation/affine.js';
import { writeColourMatrix } from '#lockstep/runtime/augmentation/colours.js';
import { writeTable } from '#lockstep/runtime/augmentation/tables.js';
import type { Operation } from '#lockstep/runtime/augmentation/trivial-augment.js';
import { readSafetensors } from '#lockstep/tensors/safetensors.js';
import { root } from '../../support/engine-helpers.js';

/** `test/references/augmentation.py` wrote what Pillow makes of the same image. */
const pillow = suite('agrees with Pillow within 1 of 255');

const { tensors, metadata } = readSafetensors(join(root, 'test/references/augmentation.safetensors'));
const said = (name: string) => JSON.parse(metadata[name]!);
const planes = (name: string) => [...(tensors.get(name)!.data as Int32Array)];
const [, height, width] = tensors.get('image')!.shape as [number, number, number];
const pixels = height * width;

const memory = createSharedMemory(65536);
const kernels = instantiateKernels(compileKernels().kernels, memory);
const bytes = new Uint8Array(memory.buffer);
const [from, to, fills, counts, table, scratch, matrix] = [1024, 16384, 512, 32768, 40960, 49152, 57344];

function agree(made: ArrayLike<number>, name: string, what: unknown): void {
  const wanted = planes(name);
  const furthest = wanted.reduce((most, value, i) => Math.max(most, Math.abs(value - made[i]!)), 0);
  assert.ok(furthest <= 1, `${JSON.stringify(what)}: ${furthest} from Pillow's`);
}

type Step =
  | ['rotate' | 'zoom' | 'shearRows', number]
  | ['move', number, number]
  | ['crop', number, number, number, number]
  | ['mirror' | 'invert'];

pillow('rotation, zoom, shear, translation, a resized crop, and all in one', () => {
  bytes.set(planes('image'), from);
  bytes.set(said('fill'), fills);
  (said('maps') as Step[][]).forEach((steps, i) => {
    const affine = new Affine(height, width, new Float64Array(memory.buffer, matrix, 6));
    let [top, bottom, left, right] = [0, height, 0, width];
    for (const step of steps) {
      if (step[0] === 'move') affine.move(step[1], step[2]);
      else if (step[0] === 'crop') {
        const [, x, y, columns, rows] = step;
        affine.crop(x, y, columns, rows);
        [top, bottom, left, right] = [y, y + rows, x, x + columns];
      } else if (step[0] === 'mirror' || step[0] === 'invert') affine[step[0]]();
      else affine[step[0]](step[1] as number);
    }
    kernels.warpBytes(
      ...([from, to, 3, height, width, matrix, top, bottom, left, right, scratch, fills] as const),
    );
    agree(bytes.subarray(to, to + 3 * pixels), `map${i}`, steps);
  });
});

/** What a table of each channel makes of an image. */
function mapped(image: readonly number[], operation: Operation, value: number): number[] {
  const count = image.length / 3;
  bytes.set(image, from);
  for (let c = 0; c < 3; c++) kernels.countBytes(from + c * count, count, counts + 1024 * c);
  const counted = new Uint32Array(memory.buffer, counts, 768);
  for (let c = 0; c < 3; c++) {
    writeTable(bytes.subarray(table, table + 256), operation, value, counted, c, count);
    kernels.mapBytes(from + c * count, count, table);
  }
  return [...bytes.subarray(from, from + image.length)];
}

pillow('brightness, contrast, posterize, solarize, auto-contrast, equalize', () => {
  (said('tables') as [Operation, number][]).forEach(([operation, value], i) => {
    agree(mapped(planes('image'), operation, value), `table${i}`, [operation, value]);
  });
  assert.equal(mapped(planes('large'), 'equalize', 0), planes('equalize'));
});

function recolored(image: readonly number[], saturated: number, degrees: number): number[] {
  writeColourMatrix(new Float32Array(memory.buffer, matrix, 9), saturated, degrees);
  bytes.set(image, from);
  kernels.recolorBytes(from, image.length / 3, matrix);
  return [...bytes.subarray(from, from + image.length)];
}

pillow('saturation, grayscale', () => {
  (said('saturations') as number[]).forEach((factor, i) => {
    agree(recolored(planes('image'), factor, 0), `saturation${i}`, factor);
  });
});

const hue = suite('hue');

hue('turns U and V by the angle, and leaves Y', () => {
  // Colours near gray, which stay within bytes.
  const image = planes('image').map((value) => 110 + Math.round((value - 125) / 5));
  const yuv = (of: readonly number[], i: number) => {
    const [r, g, b] = [of[i]!, of[pixels + i]!, of[2 * pixels + i]!];
    const y = 0.299 * r + 0.587 * g + 0.114 * b;
    return [y, 0.492 * (b - y), 0.877 * (r - y)] as const;
  };
  for (const degrees of [-160, -37, 90, 180]) {
    const made = recolored(image, 1, degrees);
    const [cosine, sine] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
    for (let i = 0; i < pixels; i++) {
      const [y, u, v] = yuv(image, i);
      const wanted = [y, cosine * u - sine * v, sine * u + cosine * v];
      for (const [k, value] of yuv(made, i).entries())
        assert.ok(Math.abs(value - wanted[k]!) < 1, `${degrees}, pixel ${i}: ${value}, not ${wanted[k]}`);
    }
  }
});

pillow.run();
hue.run();

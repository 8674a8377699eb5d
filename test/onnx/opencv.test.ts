import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { lanes } from '#lockstep/kernels/kernels.js';
import { bytesOf } from '#lockstep/tensors/safetensors.js';
import { root } from '../support/engine-helpers.js';
import { hang, needing } from '../support/needing.js';
import { compare, distance, exported, inputOf, shippedCases } from '../support/onnx-cases.js';

/** Shipped networks in OpenCV's DNN module, of Debian 12 (4.6) or newer. */
const test = suite('an exported file in OpenCV');
const python = ['python3', '/usr/bin/python3'].find(
  (command) => spawnSync(command, ['-c', 'import cv2, numpy']).status === 0,
);

/** What OpenCV may refuse, and why: 4.6 has neither OneHot, of the histogram of pixels, nor a Clip of three inputs, which relu6 is. */
const refused: Readonly<Record<string, RegExp>> = {
  'perceptron.json': /OneHot/,
  'tuned/perceptron.json': /OneHot/,
  'tiny.json': /Clip/,
  'tiny.json, folded, normalized': /Clip/,
};

needing(
  test,
  'a Python with cv2, numpy',
  python !== undefined,
)('gives our logits', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-opencv-'));
  try {
    const cases = [...shippedCases()];
    for (const [i, each] of cases.entries()) {
      const { bytes, input } = exported(each);
      writeFileSync(join(folder, `${i}.onnx`), bytes);
      writeFileSync(join(folder, `${i}.input`), bytesOf(inputOf(each)));
      writeFileSync(join(folder, `${i}.shape`), [lanes, ...input.shape].join(' '));
    }
    const ran = spawnSync(python!, [join(root, 'test/onnx/opencv.py'), folder], {
      encoding: 'utf8',
      timeout: hang,
    });
    assert.is(ran.status, 0, ran.stderr);
    const read = cases.flatMap((each, i) => {
      const refusal = join(folder, `${i}.refused`);
      if (existsSync(refusal)) {
        const reason = readFileSync(refusal, 'utf8');
        assert.ok(refused[each.name], `${each.name} is refused: ${reason}`);
        assert.match(reason, refused[each.name]!);
        return [];
      }
      const logits = new Float32Array(new Uint8Array(readFileSync(join(folder, `${i}.opencv`))).buffer);
      return [distance(each, logits)];
    });
    compare(ran.stdout.trim(), read);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.run();

import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { parseConfig } from '#lockstep/config/load.js';
import { resolveConfig } from '#lockstep/config/resolve.js';
import { buildNetwork } from '#lockstep/graph/network.js';
import { readWeights } from '#lockstep/runs/weights.js';
import {
  readSafetensors,
  readSafetensorsHeader,
  type Tensor,
  writeSafetensors,
} from '#lockstep/tensors/safetensors.js';
import { damagedBytes, damagedText, damagedValue, extremes, oddTexts } from '../mutations.js';
import { target } from '../target.js';

/** Safetensors files: weights to start from. */

const config = resolveConfig(
  parseConfig({
    name: 'tiny',
    data: { dir: 'set', features: { type: 'pixels', width: 2, height: 2 } },
    model: { layers: [{ type: 'flatten' }, { type: 'dense', outFeatures: 2 }] },
    loss: { type: 'crossEntropy' },
    optimizer: { type: 'sgd', learningRate: 1 },
    training: { batchSize: 1, epochs: 1 },
  }),
);
const network = buildNetwork(config.model.layers, [3, 2, 2]);

/** A file of this header and these bytes behind it. */
export function assembled(header: string, data: Uint8Array): Uint8Array {
  const json = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return new Uint8Array(Buffer.concat([length, json, data]));
}

/** The header's JSON and the bytes behind it. */
export function partsOf(file: Buffer): { header: unknown; data: Uint8Array } {
  const begin = 8 + Number(file.readBigUInt64LE(0));
  return { header: JSON.parse(file.toString('utf8', 8, begin)), data: file.subarray(begin) };
}

const size = fc.oneof(fc.nat(40), fc.constantFrom<unknown>(...extremes, '1', null, [1]));
const entry = fc.record({
  dtype: fc.constantFrom('F32', 'U8', 'I64', 'BOOL', 'F16', 'f32', 'F128', '__proto__', 'toString', 4),
  shape: fc.oneof(fc.array(size, { maxLength: 4 }), fc.constantFrom('[1]', {}, null)),
  data_offsets: fc.oneof(fc.array(size, { minLength: 2, maxLength: 2 }), fc.array(size, { maxLength: 3 })),
});
const hostile = fc.dictionary(
  fc.constantFrom('a', 'b', 'fc1.weight', 'fc1.bias', '__metadata__', ...oddTexts),
  entry,
);

export const safetensors = target({
  cases() {
    const tensors = new Map<string, Tensor>([
      ['fc1.weight', { dtype: 'F32', shape: [2, 12], data: new Float32Array(24).fill(0.1) }],
      ['fc1.bias', { dtype: 'F64', shape: [2], data: Float64Array.of(1, 2) }],
      ['velocity.fc1.bias', { dtype: 'F32', shape: [2], data: Float32Array.of(1, 2) }],
    ]);
    writeSafetensors('base', tensors, { format: 'pt', epoch: '3' });
    const base = readFileSync('base');
    const { header, data } = partsOf(base);
    const rebuilt = (value: unknown) => assembled(JSON.stringify(value) ?? '', data);
    return fc.record({
      bytes: fc.oneof(
        damagedBytes(base),
        damagedText(base),
        damagedText(JSON.stringify(header)).map((text) => assembled(Buffer.from(text).toString(), data)),
        damagedValue(header).map(rebuilt),
        hostile.map(rebuilt),
        fc.nat(50_000).map((depth) => assembled(`{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`, data)),
      ),
      // A file with a hole that makes it as large as its header claims.
      hole: fc.oneof(
        { weight: 9, arbitrary: fc.constant(0) },
        fc.constantFrom(2 ** 20, 2 ** 32, 2 ** 33 + 8, 2 ** 40),
      ),
    });
  },
  run({ bytes, hole }) {
    const path = 'weights.safetensors';
    writeFileSync(path, bytes);
    if (hole > bytes.length) truncateSync(path, hole);
    readWeights(path, network);
    const { tensors } = readSafetensorsHeader(path);
    for (const { begin, bytes } of tensors.values())
      assert.ok(begin >= 8 && begin + bytes <= statSync(path).size);
    if (hole === 0) readSafetensors(path);
  },
});

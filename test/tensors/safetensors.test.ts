import { existsSync, mkdirSync, readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ExitCode, UserError } from '#lockstep/errors.js';
import {
  readSafetensors,
  readSafetensorsHeader,
  readTensor,
  SafetensorsWriter,
  type Tensor,
  writeSafetensors,
} from '#lockstep/tensors/safetensors.js';
import { dataFault, inFolder, put } from '../support/data-helpers.js';
import { referencePath } from '../support/engine-helpers.js';

const safetensors = suite('safetensors');

const tensors = new Map<string, Tensor>([
  ['odd', { dtype: 'U8', shape: [3], data: Uint8Array.of(1, 2, 255) }],
  ['half', { dtype: 'U16', shape: [1, 1], data: Uint16Array.of(65535) }],
  ['single', { dtype: 'F32', shape: [2, 2], data: Float32Array.of(0.1, -0, Infinity, 4) }],
  ['double', { dtype: 'F64', shape: [1], data: Float64Array.of(Math.PI) }],
  ['small', { dtype: 'I32', shape: [2], data: Int32Array.of(-1, 2 ** 31 - 1) }],
  ['long', { dtype: 'I64', shape: [1], data: BigInt64Array.of(-(2n ** 63n)) }],
  ['scalar', { dtype: 'F32', shape: [], data: Float32Array.of(7) }],
  ['none', { dtype: 'F32', shape: [0, 5], data: new Float32Array(0) }],
]);

safetensors('what is written is read back, bit for bit, each tensor aligned and the data at 64 bytes', () =>
  inFolder((folder) => {
    const path = join(folder, 'a.safetensors');
    writeSafetensors(path, tensors, { note: 'ä "quoted"' });
    const back = readSafetensors(path);
    assert.equal(back.metadata, { note: 'ä "quoted"' });
    for (const [name, tensor] of tensors) assert.equal(back.tensors.get(name), tensor, name);
    const header = readSafetensorsHeader(path);
    for (const [name, { begin }] of header.tensors) {
      assert.is(begin % tensors.get(name)!.data.BYTES_PER_ELEMENT, 0, name);
    }
    assert.is(Math.min(...[...header.tensors.values()].map(({ begin }) => begin)) % 64, 0);
    assert.equal(readdirSync(folder), ['a.safetensors']);
  }),
);

safetensors('the file exists only when it is complete', () =>
  inFolder((folder) => {
    const path = join(folder, 'a.safetensors');
    const writer = new SafetensorsWriter(path, new Map([['x', { dtype: 'U8', shape: [4] }]]));
    writer.append('x', Uint8Array.of(1, 2));
    assert.not(existsSync(path));
    assert.throws(() => writer.commit(), /lacks 2 bytes/);
    assert.throws(() => writer.append('x', Uint8Array.of(1, 2, 3)), /no room/);
    writer.append('x', Uint8Array.of(3, 4));
    writer.commit();
    writer.abort();
    assert.equal(readSafetensors(path).tensors.get('x')?.data, Uint8Array.of(1, 2, 3, 4));
  }),
);

safetensors('abort leaves nothing', () =>
  inFolder((folder) => {
    new SafetensorsWriter(join(folder, 'a'), new Map([['x', { dtype: 'U8', shape: [4] }]])).abort();
    assert.equal(readdirSync(folder), []);
  }),
);

safetensors('a failed write is a UserError of the environment, and leaves nothing', () =>
  inFolder((folder) => {
    const refused = (error: Error) =>
      error instanceof UserError &&
      error.exitCode === ExitCode.environment &&
      /cannot be written: E/.test(error.message);
    assert.throws(() => writeSafetensors(join(folder, 'none', 'a'), tensors), refused);
    mkdirSync(join(folder, 'taken', 'child'), { recursive: true });
    assert.throws(() => writeSafetensors(join(folder, 'taken'), tensors), refused);
    assert.equal(readdirSync(folder), ['taken']);
  }),
);

/** File of a header, as text, and some bytes of data. */
function withHeader(header: string, data = 8): Uint8Array {
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
  return Buffer.concat([prefix, Buffer.from(header), Buffer.alloc(data)]);
}

const entry = (dtype: unknown, shape: unknown, offsets: unknown) =>
  JSON.stringify({ dtype, shape, data_offsets: offsets });

const hostile: Record<string, [Uint8Array, RegExp]> = {
  'nested without end': [withHeader('['.repeat(10_000_000)), /nests more than 16 deep/],
  'nested in a tensor': [withHeader(`{"x":${'['.repeat(17)}${']'.repeat(17)}}`), /nests more than 16 deep/],
  'millions of arrays': [withHeader(`[${'[],'.repeat(3_000_000)}[]]`), /more than 2097152 values/],
  'a file of 3 bytes': [Buffer.alloc(3), /3 bytes, expected at least 8/],
  'a header of 2^63 bytes': [
    Buffer.from('00000000000000805b5d', 'hex'),
    /header of 9223372036854775808 bytes/,
  ],
  'a header longer than the file': [
    Buffer.from('640000000000000020', 'hex'),
    /header of 100 bytes.*at most 1/,
  ],
  'a header that is no JSON': [withHeader('{"a":'), /not JSON/],
  'a header that is an array': [withHeader('[]'), /header that is \[\]/],
  'a tensor that is a number': [withHeader('{"a":1}'), /found 1 at "a"/],
  'metadata that is no text': [withHeader('{"__metadata__":{"k":1}}'), /1 at __metadata__\.k/],
  'an unknown dtype': [withHeader(`{"a":${entry('F31', [2], [0, 8])}}`), /dtype "F31" of tensor "a"/],
  'a dtype from the prototype': [withHeader(`{"a":${entry('toString', [2], [0, 8])}}`), /dtype "toString"/],
  'a negative size': [withHeader(`{"a":${entry('F32', [-2], [0, 8])}}`), /shape \[-2\]/],
  'offsets backwards': [withHeader(`{"a":${entry('F32', [2], [8, 0])}}`), /data_offsets \[8,0\]/],
  'offsets behind the end': [withHeader(`{"a":${entry('F32', [4], [0, 16])}}`), /an end of at most 8/],
  'a shape of too much': [
    withHeader(`{"a":${entry('F32', [3], [0, 8])}}`),
    /expected 12 for F32 of shape \[3\]/,
  ],
  'a shape beyond all numbers': [
    withHeader(`{"a":${entry('U8', [2 ** 40, 2 ** 40], [0, 8])}}`),
    /8 bytes of data of tensor "a"/,
  ],
  'data that overlaps': [
    withHeader(`{"a":${entry('U8', [5], [0, 5])},"b":${entry('U8', [4], [4, 8])}}`),
    /overlapping data of tensors "a" and "b"/,
  ],
  'a header that nests 100,000 deep': [
    withHeader(`{"a":${'['.repeat(1e5)}${']'.repeat(1e5)}}`),
    /a header that nests more than 16 deep/,
  ],
  'a name of 20 MB, twice': [
    withHeader(`{"${'\\"a'.repeat(7e6)}":${entry('U8', [1], [0, 1])},"b":1,"b":2}`),
    /the name "b" twice/,
  ],
  'a name twice': [
    withHeader(`{"a":${entry('U8', [1], [0, 1])},"\\u0061" : ${entry('U8', [1], [1, 2])}}`),
    /the name "a" twice/,
  ],
};

for (const [name, [bytes, message]] of Object.entries(hostile)) {
  safetensors(`${name} is refused, with the file's name`, () =>
    inFolder(async (folder) => {
      const path = put(folder, 'bad.safetensors', bytes);
      const found = await dataFault(() => readSafetensors(path));
      assert.match(found, message);
      assert.match(found, 'bad.safetensors: not a valid safetensors file');
    }),
  );
}

/** A file of `bytes`, of which all but the given ones are a hole. */
function putSparse(folder: string, begin: Uint8Array, bytes: number): string {
  const path = put(folder, 'sparse.safetensors', begin);
  truncateSync(path, bytes);
  return path;
}

safetensors("a header is not read beyond the format's limit, however large the file", () =>
  inFolder(async (folder) => {
    const prefix = Buffer.alloc(8);
    prefix.writeBigUInt64LE(100_000_001n);
    const path = putSparse(folder, prefix, 200_000_000);
    assert.match(
      await dataFault(() => readSafetensorsHeader(path)),
      'a header of 100000001 bytes, expected at most 100000000',
    );
  }),
);

safetensors('a tensor too large for memory is a UserError of the environment', () =>
  inFolder((folder) => {
    const bytes = 2 ** 53 - 2 ** 20;
    const tensor = { dtype: 'U8', shape: [bytes], begin: 8, bytes } as const;
    const path = put(folder, 'large.safetensors', Buffer.alloc(8));
    assert.throws(
      () => readTensor(path, tensor),
      (error: unknown) =>
        error instanceof UserError &&
        error.exitCode === ExitCode.environment &&
        error.message.includes('does not fit in memory'),
    );
  }),
);

safetensors('a file that became shorter after its header was read is reported', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.safetensors');
    writeSafetensors(path, new Map([['x', tensors.get('double')!]]));
    const { tensors: entries } = readSafetensorsHeader(path);
    truncateSync(path, entries.get('x')!.begin + 4);
    assert.match(await dataFault(() => readTensor(path, entries.get('x')!)), 'a file that became shorter');
  }),
);

safetensors('a missing file is refused by name', async () => {
  assert.match(
    await dataFault(() => readSafetensorsHeader('no-such.safetensors')),
    'no-such.safetensors: cannot',
  );
});

safetensors('a file that PyTorch wrote is read', () => {
  const path = referencePath('perceptron');
  const { metadata, tensors: entries } = readSafetensorsHeader(path);
  assert.is(metadata['batch'], '12');
  assert.equal(entries.get('inputs')?.shape, [36, 24]);
  const labels = readTensor(path, entries.get('labels')!);
  assert.is(labels.dtype, 'I32');
  assert.ok([...(labels.data as Int32Array)].every((label) => label >= 0 && label < 5));
  const { data } = readTensor(path, entries.get('losses')!);
  // The mean of 5 classes' logarithms, before anything is learned.
  assert.ok(Math.abs((data as Float32Array)[0]! - Math.log(5)) < 0.5);
});

safetensors.run();

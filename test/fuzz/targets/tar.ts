import fc from 'fast-check';
import { Header, type HeaderData } from 'tar';
import { damagedBytes, extremes, oddTexts } from '../mutations.js';
import { source } from './sources.js';

/** Tar shards in WebDataset's form: damaged ones, and ones whose headers lie under a checksum that is right. */

const blockBytes = 512;
const padded = (bytes: Uint8Array) => Buffer.concat([bytes, Buffer.alloc(-bytes.length & (blockBytes - 1))]);

interface Entry {
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array;
  /** What the header's size field holds, where it lies: 12 bytes. */
  readonly size?: Uint8Array | undefined;
}

/** A header and its bytes. The checksum is of what is there. */
function entryOf({ name, type, bytes, size }: Entry): Buffer {
  const block = Buffer.alloc(blockBytes);
  new Header({ path: 'x', mode: 0o644, size: bytes.length, type: 'File' } as HeaderData).encode(block, 0);
  block.fill(0, 0, 100).write(name.slice(0, 90), 0);
  block.write(type, 156, 1, 'latin1');
  if (size !== undefined) block.set(size, 124);
  block.fill(' ', 148, 156);
  const sum = block.reduce((a, b) => a + b, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([block, padded(bytes)]);
}

const shard = (entries: readonly Entry[]) =>
  new Uint8Array(Buffer.concat([...entries.map(entryOf), Buffer.alloc(2 * blockBytes)]));

const regular = Array.from({ length: 12 }, (_, i) => [
  { name: `s/${i}.jpg`, type: '0', bytes: new Uint8Array(700).fill(i) },
  { name: `s/${i}.cls`, type: '0', bytes: new Uint8Array(Buffer.from(String(i % 3))) },
]).flat();

const sizeField = fc.oneof(
  fc
    .constantFrom('-0000001000', '77777777777', '00000000000', '99999999999', '1e9', ' ', '\0', '0x10')
    .map((text) => new Uint8Array(Buffer.from(text.padEnd(12, '\0').slice(0, 12)))),
  // Base 256: positive numbers begin with 0x80, negative ones with 0xff.
  fc
    .tuple(fc.constantFrom(0x80, 0xff), fc.uint8Array({ minLength: 11, maxLength: 11 }))
    .map(([sign, rest]) => Uint8Array.of(sign, ...rest)),
  fc.constantFrom(512, 1024, 8192).map((n) => {
    const field = Buffer.alloc(12, 0xff);
    field.writeInt32BE(-n, 8);
    return new Uint8Array(field);
  }),
);

const paxKey = fc.constantFrom(
  'path',
  'size',
  'linkpath',
  'type',
  'mtime',
  '__proto__',
  'GNU.sparse.size',
  'uid',
  'cksumValid',
);
const paxValue = fc.oneof(
  fc.constantFrom(...extremes.map(String), ...oddTexts, '123', '5.jpg', '-512', '1.5', 'NaN'),
);
const pax = fc.array(fc.tuple(paxKey, paxValue), { minLength: 1, maxLength: 3 }).map((fields) => {
  const line = (key: string, value: string) => {
    const rest = ` ${key}=${value}\n`;
    let length = Buffer.byteLength(rest) + 1;
    while (Buffer.byteLength(`${length}${rest}`) !== length) length++;
    return `${length}${rest}`;
  };
  return new Uint8Array(Buffer.from(fields.map(([key, value]) => line(key, value)).join('')));
});
const kind = fc.constantFrom(...'0123567xgLKXSVDNM', '\0', ' ', 'é');
const hostile: fc.Arbitrary<Entry> = fc.record({
  name: fc.oneof(
    fc.constantFrom('s/1.jpg', 's/1.cls', 's/1.txt', 'PaxHeader', '1', 'a.b.c.jpg'),
    fc.constantFrom(...oddTexts),
  ),
  type: kind,
  bytes: fc.oneof(
    pax,
    fc.uint8Array({ maxLength: 40 }),
    fc.constantFrom(...oddTexts.map((text) => new Uint8Array(Buffer.from(text)))),
  ),
  size: fc.option(sizeField, { nil: undefined, freq: 3 }),
});

export const tar = source(() => {
  const mixed = fc.array(fc.tuple(fc.nat(regular.length), hostile), { maxLength: 6 }).map((more) => {
    const entries: Entry[] = [...regular];
    for (const [at, entry] of more) entries.splice(at, 0, entry);
    return shard(entries);
  });
  const file = fc.oneof(damagedBytes(shard(regular)), mixed);
  const name = fc.constantFrom('train-000000.tar', 'data.tar', 'val-0.tar', 'train/a.tar', 'x.tar.gz');
  return fc.record({ files: fc.dictionary(name, file, { minKeys: 1, maxKeys: 3 }), config: fc.constant({}) });
});

import fc from 'fast-check';

/** Valid input, made wrong. Each mutation is an arbitrary, so that a failing case shrinks to the few that it takes. */

type Bytes = Uint8Array<ArrayBufferLike>;
type Mutation = (bytes: Bytes) => Bytes;

/** Where in the input, as a fraction of its length: nearer to the beginning, where headers are, in half of the cases. */
const place = fc
  .tuple(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), fc.boolean())
  .map(([at, early]) => (early ? at ** 4 : at));
const at = (bytes: Bytes, fraction: number) => Math.floor(fraction * bytes.length);
const joined = (...parts: Bytes[]): Bytes => new Uint8Array(Buffer.concat(parts));

/** Numbers at the ends of what formats and machines hold. */
export const extremes: readonly number[] = [
  ...[0, -0, 1, -1, 2, 0.5, 255, 256, 65535, 65536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32],
  ...[2 ** 53 - 1, 2 ** 53, -(2 ** 31), -(2 ** 53), 1e9, 1e308, 5e-324, 1e-7],
];
const numberTexts = [
  ...extremes.map(String),
  ...['NaN', 'Infinity', '-Infinity', '1e999', '-1e999', '0x10', '1_000', '١٢', '00', '1.', '.5', '-'],
  ...['9'.repeat(400), '1e-400', `0.${'0'.repeat(300)}1`],
];
/** Texts that parsers, terminals, file systems or JavaScript's objects stumble on. */
export const oddTexts: readonly string[] = [
  ...[
    '',
    ' ',
    '\0',
    '\n',
    '\r\n',
    '\t',
    '\uFEFF',
    '\u2028',
    '\u202Eabc',
    'e\u0301',
    '\uD800',
    '\uDFFF',
    '💥',
  ],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length', 'prototype', 'undefined', 'null'],
  ...[
    '..',
    '../..',
    '/etc/passwd',
    '/dev/null',
    'C:\\x',
    'a/../b',
    './a',
    'a//b',
    '~',
    '%s%n',
    '$HOME',
    '-',
    '--',
  ],
  ...['"', "'", '\\', '`', '{', '[', '<!--', ',', ';', '=', '#', '\x1b[2J', '\x7f', 'a'.repeat(5000)],
];

const byteMutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(place, fc.nat(7)).map(
    ([where, bit]): Mutation =>
      (bytes) => {
        const out = bytes.slice();
        if (out.length > 0) out[at(out, where)]! ^= 1 << bit;
        return out;
      },
  ),
  fc.tuple(place, fc.uint8Array({ minLength: 1, maxLength: 16 })).map(
    ([where, own]): Mutation =>
      (bytes) => {
        const out = bytes.slice();
        out.set(own.subarray(0, out.length - at(out, where)), at(out, where));
        return out;
      },
  ),
  place.map(
    (where): Mutation =>
      (bytes) =>
        bytes.slice(0, at(bytes, where)),
  ),
  place.map(
    (where): Mutation =>
      (bytes) =>
        bytes.slice(at(bytes, where)),
  ),
  fc.tuple(place, fc.uint8Array({ maxLength: 40 })).map(
    ([where, own]): Mutation =>
      (bytes) =>
        joined(bytes.slice(0, at(bytes, where)), own, bytes.slice(at(bytes, where))),
  ),
  // A part left out, or there twice, or in another place.
  fc.tuple(place, place, place, fc.nat(2)).map(
    ([a, b, c, how]): Mutation =>
      (bytes) => {
        const [begin, end] = [Math.min(at(bytes, a), at(bytes, b)), Math.max(at(bytes, a), at(bytes, b))];
        const rest = joined(bytes.slice(0, begin), bytes.slice(end));
        if (how === 0) return rest;
        const to = at(how === 1 ? bytes : rest, c);
        const into = how === 1 ? bytes : rest;
        return joined(into.slice(0, to), bytes.slice(begin, end), into.slice(to));
      },
  ),
  fc.tuple(place, fc.constantFrom(0, 1, 127, 128, 255), fc.constantFrom(1, 2, 4, 8)).map(
    ([where, value, count]): Mutation =>
      (bytes) => {
        const out = bytes.slice();
        return out.fill(value, at(out, where), at(out, where) + count);
      },
  ),
  fc.constantFrom<Mutation>(
    () => new Uint8Array(0),
    (bytes) => joined(Uint8Array.of(0xef, 0xbb, 0xbf), bytes),
    (bytes) =>
      joined(Uint8Array.of(0xff, 0xfe), Buffer.from(Buffer.from(bytes).toString('latin1'), 'utf16le')),
    (bytes) =>
      new Uint8Array(Buffer.from(Buffer.from(bytes).toString('latin1').replaceAll('\n', '\r\n'), 'latin1')),
    (bytes) => joined(bytes, bytes),
    (bytes) => joined(bytes, new Uint8Array(100_000)),
  ),
);

/** A number, a word or a quoted text of the input becomes another one. */
const wordMutation: fc.Arbitrary<Mutation> = fc
  .tuple(
    fc.constantFrom(/-?\d+(?:\.\d+)?/g, /[A-Za-z_]+/g, /"[^"\n]*"/g, /[{}[\],:= \n]/g, /^[^\n]*\n/gm),
    place,
    fc.oneof(
      fc.constantFrom(...numberTexts),
      fc.constantFrom(...oddTexts),
      fc.constantFrom('{}', '[]', '[[]]', '""', 'true', 'null', '{"__proto__":1}', '//', '/* */'),
      fc
        .tuple(fc.constantFrom('[', '{"a":', '"', '9', ' ', '\n', 'é'), fc.nat(3000))
        .map(([text, n]) => text.repeat(n)),
    ),
  )
  .map(
    ([pattern, where, text]): Mutation =>
      (bytes) => {
        // Latin-1 keeps every byte, whatever they mean.
        const whole = Buffer.from(bytes).toString('latin1');
        const found = [...whole.matchAll(pattern)];
        const one = found[Math.floor(where * found.length)];
        if (one === undefined) return bytes;
        const put = Buffer.from(text).toString('latin1');
        return Uint8Array.from(
          Buffer.from(whole.slice(0, one.index) + put + whole.slice(one.index + one[0].length), 'latin1'),
        );
      },
  );

const applied = (mutation: fc.Arbitrary<Mutation>, bases: readonly Bytes[]): fc.Arbitrary<Bytes> =>
  fc
    .tuple(
      fc.constantFrom(...bases.map((own): Bytes => new Uint8Array(own))),
      fc.array(mutation, { maxLength: 6 }),
    )
    .map(([base, mutations]) => mutations.reduce((bytes, mutate) => mutate(bytes), base));

/** One of `bases`, damaged. */
export const damagedBytes = (...bases: readonly Bytes[]) => applied(byteMutation, bases);

/** A text file among `bases`, damaged as bytes and as words. */
export const damagedText = (...bases: readonly (string | Bytes)[]) =>
  applied(
    fc.oneof({ weight: 1, arbitrary: byteMutation }, { weight: 2, arbitrary: wordMutation }),
    bases.map((base) => (typeof base === 'string' ? new Uint8Array(Buffer.from(base)) : base)),
  );

/** Any JSON value, small or odd. */
export const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(...extremes, Number.POSITIVE_INFINITY, Number.NaN, null, true, false),
  fc.constantFrom(...oddTexts),
  fc.constantFrom<unknown>([], {}, [[]], [1], [1, 2], [1, 2, 3], { type: 'dense' }, { type: '__proto__' }),
  fc.jsonValue({ maxDepth: 3 }),
  fc.nat(2000).map((depth) => nested(depth)),
);

function nested(depth: number): unknown {
  let value: unknown = 0;
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
}

/** `base` (JSON) with some of its values replaced, removed, repeated, or given to another key. */
export function damagedValue(...bases: readonly unknown[]): fc.Arbitrary<unknown> {
  const change = fc.tuple(
    place,
    fc.nat(5),
    oddValue,
    fc.constantFrom(...oddTexts, 'type', 'name', 'layers', '$schema'),
  );
  return fc.tuple(fc.constantFrom(...bases), fc.array(change, { maxLength: 5 })).map(([base, changes]) => {
    const root = { root: structuredClone(base) };
    for (const [where, how, value, key] of changes) {
      const all = slotsOf(root);
      const slot = all[Math.floor(where * all.length)];
      if (slot === undefined) break;
      const [parent, own] = slot;
      const target = parent as Record<string, unknown>;
      if (how === 0) delete target[own];
      else if (how === 1 && !Array.isArray(parent)) define(target, key, target[own]);
      else if (how === 2 && Array.isArray(parent)) parent.push(...parent.slice(0, 50));
      else define(target, own, value);
    }
    return root.root;
  });
}

const define = (parent: object, key: string, value: unknown) =>
  Object.defineProperty(parent, key, { value, writable: true, enumerable: true, configurable: true });

/** Every place of a value: its parent and its key. What is nested deeper than configs are is one place. */
function slotsOf(value: unknown, depth = 0): [parent: object, key: string][] {
  if (typeof value !== 'object' || value === null || depth > 12) return [];
  return Object.entries(value).flatMap(([key, child]) => [
    [value, key] as [object, string],
    ...slotsOf(child, depth + 1),
  ]);
}

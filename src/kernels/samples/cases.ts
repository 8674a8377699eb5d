import { at, type CaseMemory, type Checks, type MakeCase } from '../case.js';
import { lanes } from '../kernels.js';
import { range } from '../plain.js';
import {
  type Affine,
  gathered,
  jittered,
  type Move,
  noiseByte,
  type Rectangle,
  recolored,
  reframed,
  warped,
  withRectangle,
} from './reference.js';

const flags = [0, 1] as const;

/** Samples of 100 values or bytes, one after the other, and their addresses. */
const apart = 100;
const addresses = (m: CaseMemory, samples: { byteOffset: number }, bytes: number) =>
  m.words(range(lanes).map((lane) => at(samples) + lane * apart * bytes));

const frame = { channels: 3, height: 5, width: 18 } as const;
const { channels, height, width } = frame;
const size = channels * height * width;
const rectangle: Rectangle = { top: 2, bottom: 4, left: 1, right: 17 };
const { top, bottom, left, right } = rectangle;

const moves: readonly Move[] = flags.flatMap((reflects) =>
  flags.flatMap((mirrored) =>
    flags.map((inverted) => ({
      ...frame,
      down: -1,
      right: 2,
      mirrored: mirrored === 1,
      inverted: inverted === 1,
      reflects: reflects === 1,
    })),
  ),
);

/** Enlarged, and about a tenth of a turn with a shear. */
const maps: readonly Affine[] = [
  [0.61, 0, 3.3, 0, 0.43, 1.1],
  [0.83, 0.62, -1.7, -0.31, 0.97, 1.9],
];

export const samplesChecks = {
  gatherBytes: {
    answer: 'b4bc0691',
    // All tails of 8.
    cases: range(25, 17).map((count) => (m) => {
      const samples = m.bytes(lanes * apart);
      const [from, groups] = [addresses(m, samples, 1), m.zeros(count * lanes)];
      return {
        run: (k) => k.gatherBytes(at(from), 3, count, 0.017, -0.5, at(groups)),
        outputs: [groups],
        expected: () => [gathered(samples, apart, 3, count, (byte) => byte * 0.017 - 0.5)],
      };
    }),
  },
  gatherJittered: {
    answer: 'ab4def29',
    cases: [21, 24].flatMap((count) =>
      flags.map(
        (accumulate): MakeCase =>
          (m) => {
            const samples = m.bytes(lanes * apart);
            // Gains about 1, lifts of up to 60 each way, weights.
            const jitter = m.floats(3 * lanes, (v, i) =>
              i < lanes ? 1 + v / 2 : i < 2 * lanes ? 60 * v : v,
            );
            const [from, groups] = [addresses(m, samples, 1), m.floats(count * lanes)];
            return {
              run: (k) =>
                k.gatherJittered(at(from), 3, count, 0.017, -0.5, at(jitter), accumulate, at(groups)),
              outputs: [groups],
              expected: () => {
                const change = (byte: number, lane: number) => jittered(byte, lane, 0.017, -0.5, jitter);
                const values = gathered(samples, apart, 3, count, change);
                return [values.map((value, i) => value + (accumulate ? groups[i]! : 0))];
              },
            };
          },
      ),
    ),
  },
  gatherFloats: {
    answer: 'edd4f7c5',
    cases: [
      (m) => {
        const samples = m.floats(lanes * apart);
        const [from, groups] = [addresses(m, samples, 4), m.zeros(21 * lanes)];
        return {
          run: (k) => k.gatherFloats(at(from), 21, at(groups)),
          outputs: [groups],
          expected: () => [gathered(samples, apart, 0, 21, (value) => value)],
          tolerance: 0,
        };
      },
    ],
  },
  reframeBytes: {
    answer: '8a7715df',
    cases: moves.map((move) => (m) => {
      const [image, fills, to] = [m.bytes(size), m.bytes(channels), m.zeroBytes(size)];
      const mask = m.zeroBytes(32);
      const { down, right, mirrored, inverted, reflects } = move;
      const frame = [channels, height, width, down, right, +mirrored, +inverted, +reflects] as const;
      return {
        run: (k) => k.reframeBytes(at(image), at(to), ...frame, at(mask), at(fills)),
        outputs: [to],
        scratch: [mask],
        slack: 15,
        expected: () => [reframed(image, fills, move)],
        tolerance: 0,
      };
    }),
  },
  warpBytes: {
    answer: '488252cd',
    cases: maps.flatMap((map) =>
      [rectangle, { top: 0, bottom: height, left: 0, right: width }].map(
        (box): MakeCase =>
          (m) => {
            const [image, fills, to] = [m.bytes(size), m.bytes(channels), m.zeroBytes(size)];
            const [places, scratch] = [m.doubles(6), m.zeroWords(5 * 20)];
            places.set(map);
            const inside = [box.top, box.bottom, box.left, box.right] as const;
            return {
              run: (k) =>
                k.warpBytes(
                  ...([at(image), at(to), channels, height, width] as const),
                  ...([at(places), ...inside, at(scratch), at(fills)] as const),
                ),
              outputs: [to],
              scratch: [scratch],
              expected: () => [warped(image, fills, frame, map, box)],
              // Rounding to a byte, and what weights in 1/2048 may add.
              tolerance: 0.75 / 255,
            };
          },
      ),
    ),
  },
  fillRectangle: {
    answer: '36ae00c0',
    cases: [
      (m) => {
        const [image, fills] = [m.bytes(size), m.bytes(channels)];
        return {
          run: (k) =>
            k.fillRectangle(at(image), channels, height, width, top, bottom, left, right, at(fills)),
          outputs: [image],
          expected: () => [withRectangle(image, frame, rectangle, (channel) => fills[channel]!)],
          tolerance: 0,
        };
      },
    ],
  },
  pasteRectangle: {
    answer: '17819c6d',
    cases: [
      (m) => {
        const [other, image] = [m.bytes(size), m.bytes(size)];
        return {
          run: (k) =>
            k.pasteRectangle(at(other), at(image), channels, height, width, top, bottom, left, right),
          outputs: [image],
          expected: () => [withRectangle(image, frame, rectangle, (_, index) => other[index]!)],
          tolerance: 0,
        };
      },
    ],
  },
  noiseRectangle: {
    answer: '543b204b',
    cases: [
      (m) => {
        const image = m.bytes(size);
        const key = 0x9abcdef1;
        return {
          run: (k) => k.noiseRectangle(at(image), channels, height, width, top, bottom, left, right, key),
          outputs: [image],
          expected: () => [withRectangle(image, frame, rectangle, (_, index) => noiseByte(key, index))],
          tolerance: 0,
        };
      },
    ],
  },
  recolorBytes: {
    answer: '2fc6b6f4',
    cases: [16, 21].map((pixels) => (m) => {
      const image = m.bytes(3 * pixels);
      const values = m.zeros(9);
      const matrix = [1.3137, -0.4171, 0.2093, 0.1019, 0.8077, 0.1193, -0.7331, 0.5171, 1.1717] as const;
      values.set(matrix);
      return {
        run: (k) => k.recolorBytes(at(image), pixels, at(values)),
        outputs: [image],
        expected: () => [recolored(image, pixels, matrix)],
        tolerance: 0,
      };
    }),
  },
  mapBytes: {
    answer: 'f5bd4553',
    cases: [
      (m) => {
        const [bytes, table] = [m.bytes(37), m.bytes(256)];
        return {
          run: (k) => k.mapBytes(at(bytes), bytes.length, at(table)),
          outputs: [bytes],
          expected: () => [bytes.map((byte) => table[byte]!)],
          tolerance: 0,
        };
      },
    ],
  },
  countBytes: {
    answer: '7f867a1b',
    cases: [
      (m) => {
        const [bytes, counts] = [m.bytes(300), m.zeroWords(256)];
        counts.fill(7);
        return {
          run: (k) => k.countBytes(at(bytes), bytes.length, at(counts)),
          outputs: [counts],
          expected: () => [range(256).map((value) => bytes.filter((byte) => byte === value).length)],
          tolerance: 0,
        };
      },
    ],
  },
} satisfies Checks;

import { at, type CaseMemory, type Checks, type MakeCase } from '../case.js';
import { lanes } from '../kernels.js';
import { range } from '../plain.js';
import { type Frame, gathered, jittered, reframed } from './reference.js';

const flags = [0, 1] as const;

/** Samples of 100 values or bytes, one after the other, and their addresses. */
const apart = 100;
const addresses = (m: CaseMemory, samples: { byteOffset: number }, bytes: number) =>
  m.words(range(lanes).map((lane) => at(samples) + lane * apart * bytes));

const frames: readonly Frame[] = [false, true].map((mirrored) => ({
  channels: 3,
  height: 5,
  width: 18,
  down: -1,
  right: 2,
  mirrored,
  top: 2,
  bottom: 4,
  left: 10,
  end: 15,
}));

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
    answer: '15ac1301',
    cases: frames.map((frame) => (m) => {
      const { channels, height, width, down, right, mirrored, top, bottom, left, end } = frame;
      const [image, fills] = [m.bytes(channels * height * width), m.bytes(channels)];
      const to = m.zeroBytes(channels * height * width);
      const masks = m.zeroBytes(64);
      const size = [channels, height, width, down, right, mirrored ? 1 : 0] as const;
      return {
        run: (k) => k.reframeBytes(at(image), at(to), ...size, top, bottom, left, end, at(masks), at(fills)),
        outputs: [to],
        scratch: [masks],
        slack: 15,
        expected: () => [reframed(image, fills, frame)],
        tolerance: 0,
      };
    }),
  },
} satisfies Checks;

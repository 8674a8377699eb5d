const largest = 0xffffffff;
const most = 1000;

/**
 * The seeds that `--seeds` asks for: `5` is 1 to 5, `3,7,9` are these.
 * @throws Error with the reason, for yargs to show
 */
export function parseSeeds(text: string): number[] {
  const numbers = text.split(',').map((part) => (/^ *\d+ *$/.test(part) ? Number(part) : Number.NaN));
  if (numbers.length === 1) {
    const [count] = numbers as [number];
    if (count >= 1 && count <= most) return Array.from({ length: count }, (_, i) => i + 1);
  } else if (numbers.every((seed) => seed <= largest) && new Set(numbers).size === numbers.length) {
    return numbers;
  }
  throw new Error(
    `--seeds is ${text}, but needs how many, from 1 to ${most}, or different seeds from 0 to ${largest}, such as 3,7,9`,
  );
}

import { Draw, type SampleDraws } from './sample-draws.js';

/** TrivialAugment's operations, of its wide space (Müller and Hutter 2021), but sharpness. */
const operations = [
  'none',
  'shearRows',
  'shearColumns',
  'moveRight',
  'moveDown',
  'rotate',
  'brightness',
  'colour',
  'contrast',
  'posterize',
  'solarize',
  'autoContrast',
  'equalize',
] as const;
export type Operation = (typeof operations)[number];

const strongest = 30;

/** What each operation's value is at a part of the greatest strength, 0 to 1; of those with `isSigned` either sign is as likely. */
const values: Readonly<Record<Operation, { readonly isSigned?: true; of(part: number): number }>> = {
  none: { of: () => 0 },
  /** Pixels for each pixel from the centre. */
  shearRows: { isSigned: true, of: (part) => 0.99 * part },
  shearColumns: { isSigned: true, of: (part) => 0.99 * part },
  /** Pixels. */
  moveRight: { isSigned: true, of: (part) => 32 * part },
  moveDown: { isSigned: true, of: (part) => 32 * part },
  /** Degrees. */
  rotate: { isSigned: true, of: (part) => 135 * part },
  /** 1 plus this is the factor. */
  brightness: { isSigned: true, of: (part) => 0.99 * part },
  colour: { isSigned: true, of: (part) => 0.99 * part },
  contrast: { isSigned: true, of: (part) => 0.99 * part },
  /** Bits that stay. */
  posterize: { of: (part) => 8 - Math.round(6 * part) },
  /** Values from this on are turned around. */
  solarize: { of: (part) => 255 * (1 - part) },
  autoContrast: { of: () => 0 },
  equalize: { of: () => 0 },
};

/** One operation for a sample, and how strong it is. */
export class TrivialAugment {
  operation: Operation = 'none';
  value = 0;

  draw(draws: SampleDraws, probability: number): void {
    this.operation = 'none';
    if (!draws.happens(Draw.trivialAugment, probability)) return;
    this.operation = operations[draws.below(Draw.operation, operations.length)]!;
    const { isSigned, of } = values[this.operation];
    const value = of(draws.below(Draw.strength, strongest + 1) / strongest);
    this.value = isSigned && draws.happens(Draw.sign, 0.5) ? -value : value;
  }
}

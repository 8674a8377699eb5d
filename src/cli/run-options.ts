import type { Options } from 'yargs';
import { weightsChoices } from '../inference/trained-model.js';
import { ttaChoices } from '../inference/views.js';

/** Which of a run's weights a command takes. */
export const weightsOption = {
  choices: weightsChoices,
  default: 'best' as const,
  describe: "Those of the epoch that was best on validation, or the last one's",
} as const satisfies Options;

/** The same where a file can stand in place of a run. */
export const weightsOrNone = {
  choices: weightsChoices,
  describe: `Of a run: ${weightsOption.describe[0]!.toLowerCase()}${weightsOption.describe.slice(1)}`,
  defaultDescription: 'best',
} as const satisfies Options;

/** Test-time augmentation. */
export const ttaOption = {
  choices: ttaChoices,
  default: 'none' as const,
  describe:
    'Classify by the mean of the logits over an image and its mirror image (flip), and over both moved by a pixel too (shifts); 2 and 6 times the work',
} as const satisfies Options;

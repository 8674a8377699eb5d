import type { Options } from 'yargs';
import { weightsChoices } from '../inference/trained-model.js';

/** Which of a run's weights a command takes. */
export const weightsOption = {
  choices: weightsChoices,
  default: 'best' as const,
  describe: "Those of the epoch that was best on validation, or the last one's",
} as const satisfies Options;

import type { Classified } from '../inference/classify.js';
import { percent } from '../views/format.js';
import { oneLine, printable, toJson } from '../views/printable.js';

/** How predictions are written: what comes before the first, and the lines of each, without their last newline. */
export interface PredictionFormat {
  readonly header?: string;
  lines(classified: Classified): string;
}

/** Letters of a path, of a reason and of a class's name. */
const mostOfPath = 200;
const mostOfReason = 200;
const mostOfName = 60;

export const predictionFormats = ['table', 'csv', 'jsonl'] as const;
export type PredictionFormatName = (typeof predictionFormats)[number];

/** @param top predictions of each image */
export function predictionFormat(name: PredictionFormatName, top: number): PredictionFormat {
  switch (name) {
    case 'table':
      return { lines: forPeople };
    case 'jsonl':
      return { lines: toJson };
    case 'csv':
      return csv(top);
  }
}

function forPeople(classified: Classified): string {
  const image = oneLine(classified.image, mostOfPath);
  if ('error' in classified) return `${image}\n  error: ${oneLine(classified.error, mostOfReason)}`;
  const lines = classified.predictions.map(
    (each) => `  ${percent(each.probability).padStart(7)}  ${oneLine(each.class, mostOfName)}`,
  );
  return [image, ...lines].join('\n');
}

/**
 * A row an image, quoted as RFC 4180 has it. Values are made printable and not changed otherwise: one that begins with `=` is a formula to a
 * spreadsheet, and a path or a class's name to every other program. JSON lines hold names as they are.
 */
function csv(top: number): PredictionFormat {
  const columns = Array.from({ length: top }, (_, i) => [`class${i + 1}`, `probability${i + 1}`]).flat();
  return {
    header: row(['image', ...columns, 'error']),
    lines: (classified) => {
      const values =
        'error' in classified
          ? columns.map(() => '')
          : classified.predictions.flatMap((each) => [each.class, String(each.probability)]);
      return printable(row([classified.image, ...values, 'error' in classified ? classified.error : '']));
    },
  };
}

const row = (values: readonly string[]) => values.map(quoted).join(',');

const quoted = (value: string) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

import { CsvError, parse } from 'csv-parse';
import { withFile } from '../../files/open-file.js';
import { unreadable } from '../../files/unreadable.js';
import { dataError, shortened } from '../faults.js';
import { beginOf, forEachPiece, refuseUtf16 } from './bytes.js';

/** A longer one is a quote that is never closed, in characters. */
const longestRow = 65_536;

/**
 * Calls `take` with each row of a csv file (RFC 4180), the header among them, and the line that it begins on, from 1; values are
 * trimmed. Throws a UserError for what is no csv.
 */
export async function forEachRow(
  path: string,
  delimiter: string,
  take: (row: readonly string[], line: number) => void,
): Promise<void> {
  const options = { bom: true, delimiter, trim: true, relax_column_count: true, max_record_size: longestRow };
  // Before csv-parse makes other letters of it.
  refuseUtf16(
    path,
    withFile(path, (file) => beginOf(file, 4)),
  );
  let line = 1;
  try {
    await forEachPiece<string[]>(path, parse(options), (row) => {
      const isBlankLine = row.length === 1 && row[0] === '';
      if (row.some((field) => field.includes('\uFFFD')))
        throw dataError(`${path}:${line}: is not UTF-8; save the file as UTF-8.`);
      if (!isBlankLine) take(row, line);
      // Counted here: with csv-parse's own count it takes five times as long.
      line += 1 + lineFeedsIn(row);
    });
  } catch (error) {
    if (error instanceof CsvError) throw dataError(`${path}:${line}: not csv: ${shortened(error.message)}`);
    throw unreadable(path, error);
  }
}

function lineFeedsIn(row: readonly string[]): number {
  let count = 0;
  for (const field of row) {
    for (let at = field.indexOf('\n'); at >= 0; at = field.indexOf('\n', at + 1)) count++;
  }
  return count;
}

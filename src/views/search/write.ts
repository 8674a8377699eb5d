import { join } from 'node:path';
import { writeFileWhole } from '../../files/whole-file.js';
import type { SearchResult } from '../../search/search.js';
import { searchPage } from './page.js';
import type { SearchRecord } from './record.js';

export const searchFiles = { page: 'search.html', json: 'search.json' } as const;

/** Writes the search's two files into `out`, in place of those that are there. */
export async function writeSearch(out: string, record: SearchRecord, result: SearchResult): Promise<void> {
  writeFileWhole(join(out, searchFiles.json), `${JSON.stringify(record, null, 2)}\n`);
  writeFileWhole(join(out, searchFiles.page), await searchPage(record, result));
}

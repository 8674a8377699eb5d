/** Writes the JSON Schema of search files, for editors, into dist. Run by the build. */
import { writeFileSync } from 'node:fs';
import { searchJsonSchema } from './search-file.js';

writeFileSync(
  new URL('../search.schema.json', import.meta.url),
  `${JSON.stringify(searchJsonSchema(), null, 2)}\n`,
);

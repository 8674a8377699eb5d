/** Writes the JSON Schemas for editors into dist. Run by the build. */
import { writeFileSync } from 'node:fs';
import { searchJsonSchema } from '../search/search-file.js';
import { configJsonSchema } from './json-schema.js';

const write = (name: string, schema: object) =>
  writeFileSync(new URL(`../${name}.schema.json`, import.meta.url), `${JSON.stringify(schema, null, 2)}\n`);

write('config', configJsonSchema());
write('search', searchJsonSchema());

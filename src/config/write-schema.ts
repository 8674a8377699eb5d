/** Writes the JSON Schema for editors into dist. Run by the build. */
import { writeFileSync } from 'node:fs';
import { configJsonSchema } from './json-schema.js';

writeFileSync(
  new URL('../config.schema.json', import.meta.url),
  `${JSON.stringify(configJsonSchema(), null, 2)}\n`,
);

/** Writes docs/config.md: every key, kind of layer and default of a config, from the schema. `npm run docs`; a test holds it up to date. */
import { writeFileSync } from 'node:fs';
import { configMarkdown } from './markdown.js';

writeFileSync(new URL('../../docs/config.md', import.meta.url), configMarkdown());

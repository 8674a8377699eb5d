/** Writes docs/config.md from the schema (`npm run docs`). A test checks that the file is up to date. */
import { writeFileSync } from 'node:fs';
import { configMarkdown } from './markdown.js';

writeFileSync(new URL('../../docs/config.md', import.meta.url), configMarkdown());

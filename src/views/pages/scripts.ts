import { readFileSync } from 'node:fs';

/** The scripts in `browser/`, each compiled to one file without imports. */
export type BrowserScript = 'sort-tables' | 'confusion-matrix';

/** The source of a script, for `renderPage`. */
export function browserScript(name: BrowserScript): string {
  const source = readFileSync(new URL(`./browser/${name}.js`, import.meta.url), 'utf8');
  // What TypeScript ends a module with, that exports nothing.
  return source.replace(/^export \{\};$/m, '').trim();
}

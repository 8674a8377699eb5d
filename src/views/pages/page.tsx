import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ComponentChildren } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { printableMarkup } from '../printable.js';
import { styleSheet } from './style.js';

/** One HTML file that needs nothing else: it opens from a folder, and asks no server for anything. */

export interface Page {
  /** Of the window, and the heading. */
  readonly title: string;
  /** Under the heading: what this is about, in a line or two. */
  readonly lead?: ComponentChildren;
  /** The page's sections, for links at its top; `id` is the section's. */
  readonly contents?: readonly { readonly id: string; readonly name: string }[];
  readonly body: ComponentChildren;
  /** Sources of `browserScript`, or of a bundle; each is run once the page is there. */
  readonly scripts?: readonly string[];
  /** More CSS, after the kit's own. */
  readonly styles?: string;
  /** Whether scripts may ask the page's own server. */
  readonly connects?: boolean;
}

/** The page as HTML. All text in it is escaped, and printable; scripts and styles must be the program's own. */
export function renderPage({
  title,
  lead,
  contents = [],
  body,
  scripts = [],
  styles = '',
  connects,
}: Page): string {
  const css = `${styleSheet}${styles}`;
  const html = renderToString(
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={policyOf(scripts, connects === true)} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="generator" content="lockstep" />
        <title>{title}</title>
        <link rel="icon" href="data:," />
        <style dangerouslySetInnerHTML={{ __html: css }} />
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to the content
        </a>
        <header>
          <h1>{title}</h1>
          {lead !== undefined && <div class="lead">{lead}</div>}
        </header>
        {contents.length > 0 && (
          <nav aria-label="Sections">
            <ul>
              {contents.map(({ id, name }) => (
                <li key={id}>
                  <a href={`#${id}`}>{name}</a>
                </li>
              ))}
            </ul>
          </nav>
        )}
        <main id="main" tabIndex={-1}>
          {body}
        </main>
      </body>
    </html>,
  );
  const programs = scripts.map((source) => `<script type="module">${source}</script>`).join('');
  // After the text was made printable: a script's hash is of its letters as they are.
  const whole = printableMarkup(html).replace('</body>', () => `${programs}</body>`);
  return `<!doctype html>\n${whole}\n`;
}

/** Nothing may be loaded from anywhere, and no script may run but these. */
function policyOf(scripts: readonly string[], connects: boolean): string {
  for (const source of scripts) {
    if (/<\/script|<!--/i.test(source))
      throw new Error('a script with </script or <!-- in it would end early');
  }
  const hashes = scripts.map((source) => `'sha256-${createHash('sha256').update(source).digest('base64')}'`);
  return [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    'img-src data:',
    hashes.length > 0 && `script-src ${hashes.join(' ')}`,
    connects && "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ]
    .filter(Boolean)
    .join('; ');
}

/** The scripts in `browser/`, each compiled to one file without imports. */
export type BrowserScript = 'sort-tables' | 'confusion-matrix';

/** The source of a script, for `renderPage`. */
export function browserScript(name: BrowserScript): string {
  const source = readFileSync(new URL(`./browser/${name}.js`, import.meta.url), 'utf8');
  // TypeScript ends a module that exports nothing with this line.
  return source.replace(/^export \{\};$/m, '').trim();
}

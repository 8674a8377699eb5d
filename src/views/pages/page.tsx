import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ComponentChildren } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { printableMarkup } from '../printable.js';
import { styleSheet } from './style.js';

/** A self-contained HTML file: it opens from a folder and loads nothing from a server. */

export interface Page {
  /** The window's title and the heading. */
  readonly title: string;
  /** One or two lines below the heading. */
  readonly lead?: ComponentChildren;
  /** The sections that links at the page's top lead to, by `id`. */
  readonly contents?: readonly { readonly id: string; readonly name: string }[];
  readonly body: ComponentChildren;
  /** Sources from `browserScript` or a bundle. Each runs once, after the page has loaded. */
  readonly scripts?: readonly string[];
  /** CSS that follows the page's own. */
  readonly styles?: string;
  /** Whether scripts may send requests to the page's own server. */
  readonly connects?: boolean;
}

/** Renders the page as HTML. Text is escaped and made printable. Scripts and styles must be the program's own. */
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
  // Inserted after the text was made printable, which would change the scripts and so their hashes.
  const whole = printableMarkup(html).replace('</body>', () => `${programs}</body>`);
  return `<!doctype html>\n${whole}\n`;
}

/** The content security policy: nothing may be loaded, and only these scripts may run. */
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

/** Reads the source of a script, for `renderPage`. */
export function browserScript(name: BrowserScript): string {
  const source = readFileSync(new URL(`./browser/${name}.js`, import.meta.url), 'utf8');
  // TypeScript adds this line to a module without exports.
  return source.replace(/^export \{\};$/m, '').trim();
}

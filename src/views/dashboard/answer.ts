import type { IncomingHttpHeaders } from 'node:http';
import { type Access, cookieOf, hasCookie, isOwnHost, isOwnOrigin, isToken } from './access.js';

/** The server's answers as a function of the request. Uses no sockets or files, so a path cannot reach a file. */

export interface Request {
  readonly method: string;
  /** The target in the request line, unchanged. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  /** The body of a POST, at most `mostBody` bytes. */
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  /** Whether server-sent events follow. */
  readonly isStream?: boolean;
}

/** The content that the server serves. */
export interface Site {
  readonly script: string;
  readonly style: string;
  /** The picture with this number, as PNG. */
  picture(number: number): Uint8Array | undefined;
  /** The curves of the run with this number, as JSON. */
  run(id: number): string | undefined;
  /** Passes an action to the training; false where no training can be controlled. */
  control(action: Action): boolean;
}

export const actions = ['pause', 'resume', 'stop'] as const;
export type Action = (typeof actions)[number];

/** Largest request body, bytes. */
export const mostBody = 256;

/** The page before its script runs. The empty icon keeps browsers from requesting one. */
const pageHtml = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>lockstep</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/page.css">
<script type="module" src="/page.js"></script>
</head>
<body>
<noscript>The dashboard needs JavaScript.</noscript>
</body>
</html>
`;

/** Headers of every answer: the page may load only from this server, and no other site may load or frame it. */
const guards = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
    "base-uri 'none'; frame-ancestors 'none'; form-action 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

export function answer(request: Request, access: Access, site: Site): Answer {
  const { method, target, headers } = request;
  if (!isOwnHost(access, headers.host)) return refuse(403, 'this is not the address of this server');
  // `//host/path`, or a target with a host, could refer to another server.
  if (!/^\/(?![/\\])/.test(target)) return refuse(400, 'expected a path');
  const [path, query] = halves(target);
  if (!['GET', 'HEAD', 'POST'].includes(method)) return notAllowed('GET, HEAD, POST');
  if (!isOwnOrigin(headers, method === 'POST')) return refuse(403, 'asked by a page from elsewhere');
  const tokenInAddress = path === '/' ? new URLSearchParams(query).get('token') : null;
  const isAllowed =
    tokenInAddress === null ? hasCookie(access, headers.cookie) : isToken(access, tokenInAddress);
  if (!isAllowed) return refuse(403, 'open the address that the command printed, with its token');
  if (path === '/controls') return method === 'POST' ? control(request, site) : notAllowed('POST');
  if (method === 'POST') return notAllowed('GET, HEAD');
  const response = lookUp(path, site);
  if (response === undefined) return refuse(404, 'there is nothing here');
  // The page's script removes the token from the address.
  return tokenInAddress === null
    ? response
    : { ...response, headers: { ...response.headers, 'Set-Cookie': cookieOf(access) } };
}

function lookUp(path: string, site: Site): Answer | undefined {
  switch (path) {
    case '/':
      return send('text/html; charset=utf-8', pageHtml);
    case '/page.js':
      return send('text/javascript; charset=utf-8', site.script);
    case '/page.css':
      return send('text/css; charset=utf-8', site.style);
    case '/events':
      return { ...send('text/event-stream', ''), isStream: true };
  }
  const [, kind, number] = /^\/(runs|pictures)\/(\d{1,9})$/.exec(path) ?? [];
  if (kind === undefined) return undefined;
  const body = kind === 'runs' ? site.run(Number(number)) : site.picture(Number(number));
  return body === undefined ? undefined : send(kind === 'runs' ? 'application/json' : 'image/png', body);
}

function control({ headers, body }: Request, site: Site): Answer {
  if (headers['content-type'] !== 'application/json') return refuse(415, 'expected application/json');
  const action = actions.find((action) => body === JSON.stringify({ action }));
  if (action === undefined)
    return refuse(400, `expected {"action":"pause"}, or one of ${actions.join(', ')}`);
  if (!site.control(action)) return refuse(409, 'there is no training to control');
  return { status: 204, headers: guards, body: '' };
}

/** Path and query exactly as sent. They are compared, and never normalized. */
function halves(target: string): [path: string, query: string] {
  const mark = target.indexOf('?');
  return mark < 0 ? [target, ''] : [target.slice(0, mark), target.slice(mark + 1)];
}

const send = (type: string, body: string | Uint8Array): Answer => ({
  status: 200,
  headers: { ...guards, 'Content-Type': type },
  body,
});

export const refuse = (status: number, reason: string, headers = {}): Answer => ({
  status,
  headers: { ...guards, 'Content-Type': 'text/plain; charset=utf-8', ...headers },
  body: `${reason}\n`,
});

const notAllowed = (methods: string) => refuse(405, `expected ${methods}`, { Allow: methods });

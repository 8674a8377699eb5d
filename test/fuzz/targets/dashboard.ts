import { type IncomingHttpHeaders, validateHeaderName, validateHeaderValue } from 'node:http';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { actions, answer, type Request, type Site } from '#lockstep/views/dashboard/answer.js';
import { damagedText, extremes, oddTexts } from '../mutations.js';
import { target } from '../target.js';

/** Requests to the dashboard, as its answers are made of them: hostile ones, and ones that are almost right. */

const token = 'Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE';
const access = { host: '127.0.0.1', port: 8080, token };
const ownHosts = ['127.0.0.1:8080', 'localhost:8080', '[::1]:8080'];
const cookie = `lockstep-8080=${token}`;
/** In whatever only those may see who have the token. */
const secret = 'only for the owner';

/** What was asked is held against these words, which are not the server's: a mistake there must not be one here. */
const guards: Readonly<Record<string, string | RegExp>> = {
  'Content-Security-Policy': /^default-src 'none';(?!.*unsafe).*frame-ancestors 'none'/,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

/** The text, or something like it. */
const like = (...texts: string[]) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...texts) },
    {
      weight: 1,
      arbitrary: damagedText(...texts).map((bytes) => Buffer.from(bytes).toString('latin1')),
    },
    { weight: 1, arbitrary: fc.constantFrom(...oddTexts) },
  );

export const paths = ['/', '/page.js', '/page.css', '/events', '/controls', '/runs/0', '/pictures/0'];
/** How a path is written that leads elsewhere, or to the same in other words. */
const detours: ((path: string) => string)[] = [
  (path) => path,
  (path) => `${path}?token=${token}`,
  (path) => `${path}?token=${token}x&token=${token}`,
  (path) => `${path}?`,
  (path) => `${path}#?token=${token}`,
  (path) => `/${path}`,
  (path) => `/\\${path}`,
  (path) => `/..${path}`,
  (path) => `/x/..${path}`,
  (path) => `/%2e%2e${path}`,
  (path) => `/..%2f..%5c${path}`,
  (path) => `${path}%00`,
  (path) => `${path}\0.js`,
  (path) => path.replace(/[a-z]/g, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
  (path) => path.toUpperCase(),
  (path) => `http://127.0.0.1:8080${path}`,
  (path) => `http://evil.example${path}`,
  (path) => path.repeat(2000),
  (path) => `${path}/../../../../etc/passwd`,
  (path) => `${path}\u202e\u{1f4a5}`,
];
const numbered = fc
  .tuple(
    fc.constantFrom('/runs/', '/pictures/'),
    fc.oneof(like('0'), fc.constantFrom(...extremes.map(String))),
  )
  .map(([folder, number]) => folder + number);

/** As in a request line. */
export const targets = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.tuple(fc.constantFrom(...paths), fc.constantFrom(...detours)).map(([p, d]) => d(p)),
  },
  { weight: 1, arbitrary: numbered },
  { weight: 1, arbitrary: like(...paths) },
  { weight: 1, arbitrary: fc.webUrl({ withQueryParameters: true, withFragments: true }) },
);
export const methods = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('GET', 'POST', 'POST', 'HEAD') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('get', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'PROPFIND', ''),
  },
);
export const bodies = like(...actions.map((action) => JSON.stringify({ action })));

const field = (...texts: string[]) => fc.option(like(...texts), { nil: undefined, freq: 8 });
const headers = fc.record({
  host: field(
    ...ownHosts,
    'evil.example:8080',
    '127.0.0.1',
    '127.0.0.1:80801',
    'localhost.evil.example:8080',
  ),
  origin: field(
    ...ownHosts.map((host) => `http://${host}`),
    'null',
    'http://evil.example',
    'http://127.0.0.1:9',
  ),
  cookie: field(
    cookie,
    `a=b; ${cookie}`,
    `${cookie}; ${cookie}x`,
    `lockstep-8081=${token}`,
    'lockstep-8080=',
  ),
  'content-type': field('application/json', 'text/plain', 'application/json; charset=utf-8'),
  'content-length': field('0', '16', '-1', '99999999999999999999'),
});

const anything = fc.record({ method: methods, target: targets, headers, body: bodies });

/** A request that does something, with one or two things in it that are not as they were. */
const almost = fc
  .record({
    body: fc.constantFrom(...actions.map((action) => JSON.stringify({ action }))),
    other: anything,
    line: fc.subarray(['method', 'target', 'body'] as const, { maxLength: 1 }),
    fields: fc.subarray(['host', 'origin', 'cookie', 'content-type'] as const, { maxLength: 2 }),
  })
  .map(({ body, other, line, fields }) => {
    const own = {
      host: ownHosts[0],
      origin: `http://${ownHosts[0]}`,
      cookie,
      'content-type': 'application/json',
    };
    return {
      ...{ method: 'POST', target: '/controls', body },
      ...Object.fromEntries(line.map((name) => [name, other[name]])),
      headers: { ...own, ...Object.fromEntries(fields.map((name) => [name, other.headers[name]])) },
    };
  });

export const requests = target({
  cases: () => fc.oneof(anything, almost),
  run({ headers, ...rest }) {
    const given = Object.entries(headers).filter(([, value]) => value !== undefined);
    const request: Request = { ...rest, headers: Object.fromEntries(given) as IncomingHttpHeaders };
    const asked: string[] = [];
    const site: Site = {
      script: secret,
      style: secret,
      picture: (number) => (number === 0 ? Buffer.from(secret) : undefined),
      run: (id) => (id === 0 ? secret : undefined),
      control: (action) => asked.push(action) > 0,
    };
    const { status, headers: told, body } = answer(request, access, site);
    for (const [name, value] of Object.entries(guards)) assert.match(told[name] ?? '', value, name);
    for (const [name, value] of Object.entries(told)) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    }
    assert.ok(Number.isInteger(status) && status >= 200 && status < 500, `status ${status}`);
    assert.not.match(Buffer.from(body).toString(), token);
    if (isSeen(request)) assert.ok(asked.length === 0 || isAsked(request, asked[0]!), `${asked} was done`);
    else {
      assert.ok(status >= 400, `status ${status} without the token`);
      assert.not.match(Buffer.from(body).toString(), secret);
      assert.equal(asked, []);
    }
    if ('Set-Cookie' in told) assert.ok(hasTokenInAddress(request), 'a cookie for whoever asks');
  },
});

/** Whether the request may see anything. */
function isSeen(request: Request): boolean {
  const { host, cookie: given = '' } = request.headers;
  const hasCookie = given.split(/; */).some((pair) => pair.trim() === cookie);
  return ownHosts.includes((host ?? '').toLowerCase()) && (hasCookie || hasTokenInAddress(request));
}

const hasTokenInAddress = ({ target }: Request) =>
  target.startsWith('/?') && new URLSearchParams(target.slice(2)).get('token') === token;

const isAsked = ({ method, target, headers: { host, origin }, body }: Request, action: string) =>
  method === 'POST' &&
  target.split('?')[0] === '/controls' &&
  origin === `http://${host}` &&
  body === `{"action":"${action}"}`;

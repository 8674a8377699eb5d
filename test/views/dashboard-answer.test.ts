import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { addressOf, isOwnHost, newToken } from '#lockstep/views/dashboard/access.js';
import { type Answer, answer, type Request, type Site } from '#lockstep/views/dashboard/answer.js';

const access = { host: '127.0.0.1', port: 8080, token: newToken() };
const own = { host: '127.0.0.1:8080' };
const known = { ...own, cookie: `other=1; lockstep-8080=${access.token}` };
const changing = { ...known, origin: 'http://127.0.0.1:8080', 'content-type': 'application/json' };

/** A site with a script, one run and one picture, and what was asked of its training. */
function siteOf(): Site & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    script: 'script',
    style: 'style',
    picture: (number) => (number === 0 ? Uint8Array.of(1, 2) : undefined),
    run: (id) => (id === 3 ? '{"epoch":[]}' : undefined),
    control: (action) => {
      asked.push(action);
      return true;
    },
    asked,
  };
}

const ask = (request: Partial<Request>, site = siteOf()): Answer =>
  answer({ method: 'GET', target: '/', headers: known, body: '', ...request }, access, site);

const statusOf = (request: Partial<Request>) => ask(request).status;

const test = suite('what a dashboard answers');

test('the page, its script and style, runs and pictures by number, to whoever has the cookie', () => {
  for (const [target, type] of [
    ['/', 'text/html; charset=utf-8'],
    ['/page.js', 'text/javascript; charset=utf-8'],
    ['/page.css', 'text/css; charset=utf-8'],
    ['/runs/3', 'application/json'],
    ['/pictures/0', 'image/png'],
    ['/events', 'text/event-stream'],
  ] as const) {
    const { status, headers } = ask({ target });
    assert.equal([status, headers['Content-Type']], [200, type], target);
  }
  assert.is(statusOf({ target: '/runs/4' }), 404);
  assert.is(statusOf({ target: '/pictures/1' }), 404);
});

test('nothing is served without the token, or with a wrong one, in cookie or address', () => {
  const wrong = newToken();
  for (const target of ['/', '/page.js', '/page.css', '/events', '/runs/3', '/pictures/0', '/nothing']) {
    assert.is(statusOf({ target, headers: own }), 403, target);
    assert.is(statusOf({ target, headers: { ...own, cookie: `lockstep-8080=${wrong}` } }), 403, target);
    assert.is(statusOf({ target, headers: { ...own, cookie: `lockstep-8080=` } }), 403, target);
  }
  assert.is(statusOf({ target: `/?token=${wrong}` }), 403);
  assert.is(statusOf({ target: '/?token=' }), 403);
  const { cookie: _, ...anonymous } = changing;
  assert.is(
    statusOf({ method: 'POST', target: '/controls', headers: anonymous, body: '{"action":"stop"}' }),
    403,
  );
});

test('the token in the address of the page becomes a cookie that scripts and other sites cannot use', () => {
  const { status, headers } = ask({ target: `/?token=${access.token}`, headers: own });
  assert.is(status, 200);
  assert.is(headers['Set-Cookie'], `lockstep-8080=${access.token}; HttpOnly; SameSite=Strict; Path=/`);
  assert.is(statusOf({ target: `/page.js?token=${access.token}`, headers: own }), 403, 'and only there');
  assert.is(ask({}).headers['Set-Cookie'], undefined);
});

test('a foreign host name (DNS rebinding) is refused, even with the token', () => {
  for (const host of [
    'evil.example:8080',
    '127.0.0.1',
    '127.0.0.1:8081',
    '127.0.0.1:80800',
    'a127.0.0.1:8080',
    '',
    undefined,
  ])
    assert.is(statusOf({ headers: { ...known, host } }), 403, String(host));
  for (const host of ['127.0.0.1:8080', 'localhost:8080', 'LOCALHOST:8080', '[::1]:8080'])
    assert.is(statusOf({ headers: { ...known, host } }), 200, host);
});

test('a server for all addresses takes addresses and its own name, but no other name', () => {
  const open = { ...access, host: '0.0.0.0' };
  assert.ok(isOwnHost(open, '192.168.1.7:8080'));
  assert.ok(isOwnHost(open, '[fe80::1]:8080'));
  assert.not.ok(isOwnHost(open, 'evil.example:8080'));
  assert.not.ok(isOwnHost({ ...access, host: '192.168.1.7' }, '192.168.1.8:8080'));
  assert.is(addressOf({ host: '::1', port: 1, token: 'a' }), 'http://[::1]:1/?token=a');
});

test('a request from another site is refused, and a POST needs an origin', () => {
  for (const origin of ['http://evil.example', 'null', 'http://127.0.0.1:8081', 'https://127.0.0.1:8080']) {
    assert.is(statusOf({ target: '/events', headers: { ...known, origin } }), 403, origin);
    const headers = { ...changing, origin };
    assert.is(
      statusOf({ method: 'POST', target: '/controls', headers, body: '{"action":"stop"}' }),
      403,
      origin,
    );
  }
  const { origin: _, ...unsaid } = changing;
  assert.is(
    statusOf({ method: 'POST', target: '/controls', headers: unsaid, body: '{"action":"stop"}' }),
    403,
  );
});

test('other paths are not found', () => {
  for (const target of [
    '/../package.json',
    '/..%2f..%2fpackage.json',
    '/runs/../../etc/passwd',
    '/runs/%2e%2e',
    '/runs/3/',
    '/runs/-1',
    '/runs/3.0',
    '/runs/1e3',
    '/runs/99999999999999999999',
    '/pictures/0/../../x',
    '/page.js.map',
    '/\0',
    '/constructor',
  ])
    assert.is(statusOf({ target }), 404, target);
  for (const target of ['//evil.example/', '/\\evil.example/', 'http://evil.example/', '*', '', 'page.js'])
    assert.is(statusOf({ target }), 400, target);
});

test('a path accepts only its own methods', () => {
  for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'CONNECT', ''])
    assert.is(statusOf({ method }), 405, method);
  assert.is(statusOf({ target: '/controls' }), 405);
  assert.is(ask({ method: 'POST', headers: changing }).headers['Allow'], 'GET, HEAD');
  assert.is(statusOf({ method: 'HEAD' }), 200);
});

test('controls accept three actions and nothing else', () => {
  const site = siteOf();
  const control = (body: string, headers: object = changing) =>
    ask({ method: 'POST', target: '/controls', headers: headers as Request['headers'], body }, site).status;
  for (const action of ['pause', 'resume', 'stop']) assert.is(control(JSON.stringify({ action })), 204);
  assert.equal(site.asked, ['pause', 'resume', 'stop']);
  for (const body of [
    '',
    '{}',
    '{"action":"constructor"}',
    '{"action":["stop"]}',
    '"stop"',
    '{"action":"stop"',
  ])
    assert.is(control(body), 400, body);
  assert.is(control('{"action":"stop"}', { ...changing, 'content-type': 'text/plain' }), 415);
  assert.is(site.asked.length, 3);
  const none = { ...site, control: () => false };
  const request = { method: 'POST', target: '/controls', headers: changing, body: '{"action":"stop"}' };
  assert.is(answer(request, access, none).status, 409);
});

test('every answer has the security headers', () => {
  const posts = { method: 'POST', target: '/controls', headers: changing };
  for (const request of [
    {},
    { target: '/x' },
    { headers: {} },
    posts,
    { ...posts, body: '{"action":"stop"}' },
  ]) {
    const { headers } = ask(request);
    assert.match(headers['Content-Security-Policy']!, "default-src 'none'");
    assert.not.match(headers['Content-Security-Policy']!, 'unsafe');
    assert.is(headers['X-Content-Type-Options'], 'nosniff');
    assert.is(headers['Referrer-Policy'], 'no-referrer');
    assert.is(headers['Cross-Origin-Resource-Policy'], 'same-origin');
    assert.is(headers['Cache-Control'], 'no-store');
  }
});

test('any request has an answer, and none without the token is let in', () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('/', '/events', '/runs/3'),
  );
  const header = fc.option(fc.oneof(text, fc.constantFrom(...Object.values(changing))), { nil: undefined });
  const request = fc.record({
    method: fc.oneof(fc.constantFrom('GET', 'POST', 'HEAD'), text),
    target: fc.oneof(
      text,
      fc.webUrl({ withQueryParameters: true }),
      text.map((t) => `/?token=${t}`),
    ),
    headers: fc.record({ host: header, origin: header, cookie: text, 'content-type': header }),
    body: text,
  });
  fc.assert(
    fc.property(request, (request) => {
      const site = siteOf();
      const { status } = answer(request, access, site);
      return status >= 400 && status < 500 && site.asked.length === 0;
    }),
    { numRuns: 2000 },
  );
});

test.run();

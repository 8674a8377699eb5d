import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { ask, FakeControls, putRun, type Served, served } from '../../support/dashboard-helpers.js';
import { damagedText } from '../mutations.js';
import { target } from '../target.js';
import { bodies, methods, paths, targets } from './dashboard.js';

/** Bytes to the dashboard's own server: HTTP that is broken, slow, half sent, cut off, or more than was asked for. */

/** Of a run that only those may see who have the token. */
const secret = 'only-for-the-owner';
/** Stand for what a case cannot know: put in when the server is there, and after the damage. */
const [host, cookie] = ['@host@', '@cookie@'];

const length = (body: string) => `Content-Length: ${Buffer.byteLength(body)}`;
const chunked = (body: string) => `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
const known = fc.constantFrom(
  [`Cookie: ${cookie}`, `Origin: http://${host}`],
  [`Origin: http://${host}`],
  [],
);
const odd = fc.constantFrom(
  ...['Content-Length: 5', 'Content-Length: 99999999', 'Content-Length: -1', 'Transfer-Encoding: chunked'],
  ...['Transfer-Encoding: chunked, identity', 'Expect: 100-continue', 'Expect: more', 'Host: evil.example'],
  ...['Connection: Upgrade\r\nUpgrade: websocket', 'Connection: close', ' folded', 'no colon', 'A\0: b'],
  ...[
    `X: ${'x'.repeat(9000)}`,
    'X: y\r\n'.repeat(1500).trim(),
    'Origin: http://evil.example',
    'Cookie: a=b',
    ': x',
  ],
);

/** One request, as text. */
const request = fc
  .record({
    line: fc.oneof(
      { weight: 3, arbitrary: fc.tuple(fc.constantFrom('GET', 'POST'), fc.constantFrom(...paths)) },
      { weight: 1, arbitrary: fc.tuple(methods, targets) },
    ),
    version: fc.constantFrom(...Array.from({ length: 9 }, () => 'HTTP/1.1'), 'HTTP/1.0', 'HTTP/9.9', ''),
    known,
    odd: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.array(odd, { maxLength: 2 })),
    body: bodies,
    framing: fc.constantFrom('right', 'right', 'chunked', 'none'),
  })
  .map(({ line, version, known, odd, body, framing }) => {
    const type = 'Content-Type: application/json';
    const frame = { right: [length(body)], chunked: ['Transfer-Encoding: chunked'], none: [] }[framing]!;
    const head = [
      [...line, version].join(' '),
      `Host: ${host}`,
      ...known,
      type,
      ...frame,
      ...odd,
      '',
      '',
    ].join('\r\n');
    return head + (framing === 'chunked' ? chunked(body) : body);
  });

const right = [
  `GET /events HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\n\r\n`,
  `GET /runs/0 HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
  `POST /controls HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 17\r\n\r\n{"action":"stop"}`,
];
const bytes = fc.oneof(
  { weight: 8, arbitrary: request.map((text) => new Uint8Array(Buffer.from(text))) },
  { weight: 2, arbitrary: damagedText(...right) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) },
);

export const sockets = target({
  cases: () =>
    fc.record({
      /** Pipelined where there are several. */
      requests: fc.array(bytes, { minLength: 1, maxLength: 5 }),
      pieces: fc.integer({ min: 1, max: 4 }),
      /** Between the pieces, ms. */
      pause: fc.constantFrom(0, 0, 5),
      reads: fc.constantFrom(true, true, true, false),
      end: fc.constantFrom('stay', 'half', 'vanish', 'half', 'reset'),
    }),
  async run({ requests, ...manner }) {
    putRun('runs', secret, 2);
    const files = () => readdirSync('.', { recursive: true });
    const before = files();
    const controls = new FakeControls();
    await served({ runs: 'runs', controls }, async (page) => {
      const sent = filled(Buffer.concat(requests), page);
      const heard = await say(page, sent, manner);
      requireGuards(heard);
      if (!sent.includes(page.cookie)) assert.not.match(heard, secret);
      const mayAct =
        sent.includes(page.cookie) && sent.includes(`http://${page.host}`) && sent.includes('POST');
      assert.ok(mayAct || controls.asked.length === 0, `${controls.asked} was done`);
      assert.is((await ask(page, '/page.css')).status, 200, 'others are served');
    });
    assert.equal(files(), before);
  },
  oneIn: 20,
});

const filled = (sent: Buffer, page: Served) =>
  sent.toString('latin1').replaceAll(host, page.host).replaceAll(cookie, page.cookie);

interface Manner {
  readonly pieces: number;
  readonly pause: number;
  readonly reads: boolean;
  readonly end: string;
}

/** What the server said until it closed, or for a while. */
async function say({ port }: Served, text: string, { pieces, pause, reads, end }: Manner): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  let heard = '';
  socket.on('error', () => {}); // the server may close it at any time
  if (reads) socket.setEncoding('latin1').on('data', (more) => (heard += more));
  await once(socket, 'connect');
  const bytes = Buffer.from(text, 'latin1');
  for (let i = 0; i < pieces && !socket.destroyed; i++) {
    socket.write(bytes.subarray((i * bytes.length) / pieces, ((i + 1) * bytes.length) / pieces));
    if (pause > 0) await sleep(pause);
  }
  if (end === 'half') socket.end();
  if (end === 'vanish' || end === 'reset') await leave(socket, end);
  await Promise.race([new Promise((resolve) => socket.once('close', resolve)), sleep(30)]);
  socket.destroy();
  return heard;
}

async function leave(socket: Socket, how: 'vanish' | 'reset'): Promise<void> {
  await sleep(5);
  if (how === 'reset') socket.resetAndDestroy();
  else socket.destroy();
}

/** Node's own answers, which have no content. */
const ofNode = [100, 400, 408, 417, 431];

function requireGuards(heard: string): void {
  for (const [, status, head] of heard.matchAll(/HTTP\/1\.1 (\d{3}) [^\r]*\r\n(.*?)\r\n\r\n/gs)) {
    if (ofNode.includes(Number(status)) && !/^content-type:/im.test(head!)) continue;
    assert.match(head!, "Content-Security-Policy: default-src 'none'", `HTTP ${status}`);
    assert.match(head!, 'Cache-Control: no-store');
  }
}

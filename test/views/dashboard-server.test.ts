import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ExitCode, UserError } from '#lockstep/errors.js';
import type { EpochReport } from '#lockstep/runs/reporter.js';
import {
  ask,
  askForEvents,
  FakeControls,
  parseStream,
  reportOf,
  type Served,
  served,
  startOf,
  stepOf,
} from '../support/dashboard-helpers.js';
import { hang } from '../support/needing.js';

const test = suite("a dashboard's server");

/** Reads from the socket to the end of the message that holds `word`, or to its own end. */
async function readTo(word: string, socket: Socket): Promise<string> {
  const chunks: string[] = [];
  let tail = '';
  let isFound = false;
  for await (const chunk of socket.setEncoding('utf8')) {
    chunks.push(chunk);
    isFound ||= (tail + chunk).includes(word);
    tail = (tail + chunk).slice(-word.length);
    if (isFound && tail.endsWith('\n\n\r\n')) break;
  }
  return chunks.join('');
}

/** A socket on which events come, asked for until there is a place: the server hears a while later that a page has gone. */
async function eventsWhenFree(page: Served): Promise<Socket> {
  for (const end = Date.now() + hang; Date.now() < end; await sleep(5)) {
    const socket = await askForEvents(page);
    if (String((await once(socket, 'data'))[0]).startsWith('HTTP/1.1 200')) return socket;
    socket.destroy();
  }
  throw new Error('no place came free');
}

/** The body of a chunked response, without the chunks' sizes. */
const unchunked = (text: string) =>
  text.slice(text.indexOf('\r\n\r\n') + 4).replace(/(^|\r\n)[0-9a-f]+\r\n/g, '');

test('the printed address opens the page, which loads what this server has', async () => {
  await served({}, async (page) => {
    const opened = await ask(page, new URL(page.address).pathname + new URL(page.address).search, {
      headers: { Cookie: '' },
    });
    assert.is(opened.status, 200);
    assert.is(String(opened.headers['set-cookie']).split(';')[0], page.cookie);
    assert.match(opened.body, '<script type="module" src="/page.js">');
    assert.not.match(opened.body, /https?:/);
    assert.is((await ask(page, '/page.js')).status, 200);
    assert.is((await ask(page, '/page.css')).status, 200);
    assert.is((await ask(page, '/page.js', { headers: { Cookie: '' } })).status, 403);
    assert.is((await ask(page, '/', { headers: { Host: 'evil.example' } })).status, 403);
  });
});

test('a page gets the whole state, then changes, and at the end the event `closed`', async () => {
  await served({ controls: new FakeControls() }, async (page) => {
    const { reporter } = page.dashboard;
    reporter.start(startOf());
    reporter.epoch(reportOf(1));
    const socket = await askForEvents(page);
    // The server has answered before it is told more.
    await once(socket, 'readable');
    const reading = readTo('{"type":"closed"}', socket);
    reporter.step(stepOf(2, 5, 2));
    reporter.epoch(reportOf(2));
    await page.dashboard.close();
    const { snapshots, events } = parseStream(unchunked(await reading));
    assert.is(snapshots.length, 1);
    assert.equal(snapshots[0]!.live!.start, startOf());
    assert.equal(snapshots[0]!.live!.curves.trainLoss, [3]);
    assert.is(snapshots[0]!.live!.controls, 'running');
    assert.equal(
      events.map(({ type }) => type),
      ['step', 'epoch', 'closed'],
    );
  });
});

test('a page that does not read holds one message, and gets the whole state when it reads again', async () => {
  await served({}, async (page) => {
    const { reporter } = page.dashboard;
    const most = 15;
    const socket = await askForEvents(page);
    socket.pause();
    // More than the sockets' buffers take.
    for (let i = 0; i < most; i++) {
      reporter.note('x'.repeat(1_000_000));
      await sleep(105);
    }
    reporter.start(startOf({ name: 'late' }));
    const text = await readTo('"name":"late"', socket);
    const { snapshots, events } = parseStream(unchunked(text));
    const notes = events.filter(({ type }) => type === 'message').length;
    assert.ok(notes < most, `${notes} of ${most} events were sent`);
    assert.is(snapshots.at(-1)!.live!.start!.name, 'late');
    assert.is(snapshots.at(-1)!.live!.messages.length, most);
  });
});

test('pages beyond the limit get an error, and others go on', async () => {
  await served({}, async (page) => {
    const sockets = await Promise.all(Array.from({ length: 16 }, () => askForEvents(page)));
    await Promise.all(sockets.map((socket) => once(socket, 'data')));
    const refused = await ask(page, '/events');
    assert.equal([refused.status, refused.body], [503, 'too many pages are open\n']);
    assert.is((await ask(page, '/page.css')).status, 200);
    sockets[0]!.destroy();
    const next = await eventsWhenFree(page);
    for (const socket of [...sockets, next]) socket.destroy();
  });
});

test('pipelined event requests are refused, and take no place after the page has gone', async () => {
  await served({}, async (page) => {
    const get = `GET /events HTTP/1.1\r\nHost: ${page.host}\r\nCookie: ${page.cookie}\r\n\r\n`;
    const first = connect(page.port, '127.0.0.1', () => first.write(get.repeat(20)));
    await once(first, 'data');
    first.destroy();
    const sockets = await Promise.all(Array.from({ length: 16 }, () => eventsWhenFree(page)));
    for (const socket of sockets) socket.destroy();
  });
});

test('an error of the dashboard does not end the training', async () => {
  await served({}, async (page) => {
    page.dashboard.reporter.epoch({} as EpochReport);
    const socket = await askForEvents(page);
    await once(socket, 'data');
    // JSON has no such number: the pages cannot be told.
    page.dashboard.reporter.start(startOf({ epochs: 1n as unknown as number }));
    await once(socket.resume(), 'close');
    page.dashboard.reporter.start(startOf());
    assert.is((await ask(page, '/page.css')).status, 200);
  });
});

test('connections beyond a limit are closed', async () => {
  await served({}, async (page) => {
    const sockets = await Promise.all(Array.from({ length: 80 }, () => askForEvents(page)));
    await Promise.race(
      sockets.map((socket) => new Promise((resolve) => socket.resume().once('close', resolve))),
    );
    for (const socket of sockets) socket.destroy();
  });
});

test('a body that is too long is refused, with or without a length', async () => {
  const controls = new FakeControls();
  await served({ controls }, async (page) => {
    const headers = { Origin: `http://${page.host}`, 'Content-Type': 'application/json' };
    const post = (body: string, more = {}) =>
      ask(page, '/controls', { method: 'POST', headers: { ...headers, ...more }, body });
    assert.is((await post('{"action":"pause"}')).status, 204);
    assert.is((await post('x'.repeat(300))).status, 413);
    assert.is((await post('x'.repeat(300), { 'Transfer-Encoding': 'chunked' })).status, 413);
    assert.equal(controls.asked, ['pause']);
    // One that never ends.
    const asked = request({
      port: page.port,
      path: '/controls',
      method: 'POST',
      headers: { ...headers, Cookie: page.cookie },
    });
    asked.on('error', () => {});
    asked.write('y'.repeat(1000));
    const [response] = await once(asked, 'response');
    assert.is(response.statusCode, 413);
    asked.destroy();
  });
});

test('controls act only while the training runs', async () => {
  const controls = new FakeControls();
  await served({ controls }, async (page) => {
    const headers = { Origin: `http://${page.host}`, 'Content-Type': 'application/json' };
    const control = async (action: string) =>
      (await ask(page, '/controls', { method: 'POST', headers, body: JSON.stringify({ action }) })).status;
    page.dashboard.reporter.start(startOf());
    assert.is(await control('pause'), 204);
    assert.is(await control('resume'), 204);
    page.dashboard.reporter.error('broken');
    assert.is(await control('stop'), 409);
    assert.equal(controls.asked, ['pause', 'resume']);
  });
});

test('a failing control does not end the server', async () => {
  const controls = new FakeControls();
  controls.pause = () => {
    throw new Error('no');
  };
  await served({ controls }, async (page) => {
    const headers = { Origin: `http://${page.host}`, 'Content-Type': 'application/json' };
    const { status } = await ask(page, '/controls', { method: 'POST', headers, body: '{"action":"pause"}' });
    assert.is(status, 500);
    assert.is((await ask(page, '/page.css')).status, 200);
  });
});

test('a port in use is reported', async () => {
  await served({}, async ({ port }) => {
    try {
      await served({ port }, async () => {});
    } catch (error) {
      assert.instance(error, UserError);
      assert.is((error as UserError).exitCode, ExitCode.environment);
      assert.match((error as Error).message, `the dashboard cannot listen on 127.0.0.1, port ${port}: `);
      return;
    }
    throw new Error('expected a UserError');
  });
});

test('a connection that does not speak HTTP is closed', async () => {
  await served({}, async (page) => {
    const socket = await askForEvents({ ...page, cookie: `x\r\n bad header\0` });
    assert.match(await readTo('no word', socket), /^HTTP\/1.1 400/);
  });
});

test.run();

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { download, type Patience, patience } from '#lockstep/data/fetch/download.js';
import { ExitCode } from '#lockstep/errors.js';
import { inFolder } from '../support/data-helpers.js';
import {
  breakOff,
  impatient,
  noise,
  remote,
  type Served,
  serve,
  sha256,
  userFault,
  withServer,
} from '../support/fetch-helpers.js';

const test = suite('download');

const content = noise(300_000);
const { data, environment } = ExitCode;

interface Setting extends Served {
  readonly folder: string;
  /** Where the file will be. */
  readonly path: string;
  readonly retries: string[];
  /** Downloads `content` from the server's `name`. */
  fetch(name?: string, patience?: Patience): Promise<void>;
}

/** Runs `body` with a server that answers by `listener`, and an empty folder. */
const withDownload = (listener: RequestListener, body: (setting: Setting) => Promise<void>) =>
  inFolder((folder) =>
    withServer(listener, async (served) => {
      const path = join(folder, 'file');
      const retries: string[] = [];
      const fetch = (name = 'file', patience = impatient) =>
        download(remote(served.base + name, content), path, patience, {
          onRetry: (message) => retries.push(message),
        });
      await body({ ...served, folder, path, retries, fetch });
    }),
  );

/** Answers the first request by the first listener, and so on; all further ones by the last. */
function inTurn(...listeners: RequestListener[]): RequestListener {
  let next = 0;
  return (request, response) => listeners[Math.min(next++, listeners.length - 1)]!(request, response);
}

const well: RequestListener = (request, response) => serve(content, request, response);
const answer =
  (status: number, headers: Record<string, string> = {}): RequestListener =>
  (_, response) =>
    response.writeHead(status, headers).end('no');

/** Nothing is there but the whole file. */
function assertWhole({ folder, path }: Setting): void {
  assert.equal(readdirSync(folder), ['file']);
  assert.ok(readFileSync(path).equals(content));
}

test('a file is downloaded completely, with progress to its end', () =>
  inFolder((folder) =>
    withServer(well, async ({ base, ranges }) => {
      const path = join(folder, 'file');
      const progress: number[] = [];
      await download(remote(`${base}file`, content), path, impatient, {
        onProgress: (done) => progress.push(done),
      });
      assert.ok(readFileSync(path).equals(content));
      assert.equal(ranges, [undefined]);
      assert.is(progress[0], 0);
      assert.is(progress.at(-1), content.length);
    }),
  ));

test('a download resumes after a broken connection', () =>
  withDownload(
    inTurn((_, response) => breakOff(content, 100_000, response), well),
    async (setting) => {
      await setting.fetch();
      assertWhole(setting);
      assert.is(setting.ranges.length, 2);
      const from = Number(/^bytes=(\d+)-$/.exec(setting.ranges[1]!)![1]);
      assert.ok(from > 0 && from <= 100_000, `from ${from}`);
      assert.match(setting.retries[0]!, /file: aborted; going on in 0\.001 s \(try 2 of 3\)/);
    },
  ));

test('a download resumes from the part of a killed process', () =>
  withDownload(well, async (setting) => {
    writeFileSync(`${setting.path}.part`, content.subarray(0, 123_456));
    await setting.fetch();
    assertWhole(setting);
    assert.equal(setting.ranges, ['bytes=123456-']);
  }));

test('a complete part is only checked, and a part that is too long is downloaded again', () =>
  withDownload(well, async (setting) => {
    writeFileSync(`${setting.path}.part`, content);
    await setting.fetch();
    assertWhole(setting);
    assert.equal(setting.ranges, []);
    writeFileSync(setting.path, 'damaged since');
    writeFileSync(`${setting.path}.part`, noise(300_001));
    await setting.fetch();
    assertWhole(setting);
    assert.equal(setting.ranges, [undefined]);
    await setting.fetch();
    assert.is(setting.ranges.length, 1, 'what is there whole is not asked for');
  }));

test('a server may send the whole file in answer to a range request', () =>
  withDownload(
    inTurn(
      (_, response) => breakOff(content, 100_000, response),
      (_, response) => response.writeHead(200, { 'content-length': content.length }).end(content),
    ),
    async (setting) => {
      await setting.fetch();
      assertWhole(setting);
      assert.match(setting.ranges[1]!, /^bytes=/);
    },
  ));

test('after a wrong range, the whole file is requested', async () => {
  const odd = [
    answer(206, { 'content-range': `bytes 7-299999/300000` }),
    answer(206),
    answer(416, { 'content-range': 'bytes */300000' }),
  ];
  for (const listener of odd) {
    await withDownload(inTurn(listener, well), async (setting) => {
      writeFileSync(`${setting.path}.part`, content.subarray(0, 1000));
      await setting.fetch();
      assertWhole(setting);
      assert.equal(setting.ranges, ['bytes=1000-', undefined]);
    });
  }
});

test('another length means another file, and its part is removed', async () => {
  const says =
    (length: number): RequestListener =>
    (_, response) => {
      response.writeHead(200, { 'content-length': length });
      response.write(content.subarray(0, Math.min(length, 1000)), () => response.destroy());
    };
  for (const length of [299_999, 300_001, 5]) {
    await withDownload(says(length), async ({ fetch, folder, paths }) => {
      const message = await userFault(data, fetch);
      assert.match(message, `file: the server offers ${length} bytes, expected 300000: it is another file`);
      assert.equal(readdirSync(folder), []);
      assert.is(paths.length, 1);
    });
  }
  await withDownload(answer(206, { 'content-range': 'bytes 9-99/100' }), async ({ fetch, folder, path }) => {
    writeFileSync(`${path}.part`, content.subarray(0, 9));
    assert.match(await userFault(data, fetch), 'the server offers 100 bytes, expected 300000');
    assert.equal(readdirSync(folder), []);
  });
});

test('a response without a length that is too long is aborted', () =>
  withDownload(
    (_, response) => {
      response.writeHead(200);
      response.write(content);
      response.write(content);
      // And never ends.
    },
    async ({ fetch, folder }) => {
      assert.match(await userFault(data, fetch), 'the server offers more than 300000 bytes');
      assert.equal(readdirSync(folder), []);
    },
  ));

test('a response without a length that ends early is resumed', () =>
  withDownload(
    inTurn((_, response) => response.writeHead(200).end(content.subarray(0, 1000)), well),
    async (setting) => {
      await setting.fetch();
      assertWhole(setting);
      assert.equal(setting.ranges, [undefined, 'bytes=1000-']);
      assert.match(setting.retries[0]!, 'the connection ended after 1000 bytes');
    },
  ));

test('a wrong file of the right size is removed, and the error names both checksums', () => {
  const wrong = content.slice();
  wrong[250_000]! ^= 1;
  return withDownload(
    (request, response) => serve(wrong, request, response),
    async ({ fetch, folder }) => {
      const message = await userFault(data, fetch);
      assert.match(message, `found SHA-256 ${sha256(wrong)}, expected ${sha256(content)}`);
      assert.equal(readdirSync(folder), []);
    },
  );
});

test('redirects, also relative ones, are followed with the range header', () =>
  withDownload(
    (request, response) => {
      if (request.url === '/file') response.writeHead(301, { location: 'other/place' }).end();
      else if (request.url === '/other/place') response.writeHead(302, { location: '/here' }).end('moved');
      else well(request, response);
    },
    async (setting) => {
      writeFileSync(`${setting.path}.part`, content.subarray(0, 10));
      await setting.fetch();
      assertWhole(setting);
      assert.equal(setting.paths, ['/file', '/other/place', '/here']);
      assert.is(setting.ranges[2], 'bytes=10-');
    },
  ));

test('a redirect loop, and a redirect to another scheme, fail at once', async () => {
  await withDownload(answer(302, { location: '/file' }), async ({ fetch, paths }) => {
    assert.match(await userFault(environment, fetch), 'redirected more than 5 times, at last to /file');
    assert.is(paths.length, 6);
  });
  for (const location of ['file:///etc/passwd', 'ftp://127.0.0.1/file', 'http://']) {
    await withDownload(answer(302, { location }), async ({ fetch, paths }) => {
      const message = await userFault(environment, fetch);
      assert.match(message, `redirected to ${JSON.stringify(location)}, expected an http or https address`);
      assert.is(paths.length, 1);
    });
  }
});

test('a missing file is not requested again', () =>
  withDownload(answer(404), async ({ fetch, paths }) => {
    assert.match(await userFault(environment, fetch), /file: the server answered 404 Not Found/);
    assert.is(paths.length, 1);
  }));

test('server errors are retried as often as `patience` allows', async () => {
  await withDownload(inTurn(answer(500), answer(429), well), async (setting) => {
    await setting.fetch();
    assertWhole(setting);
    assert.match(
      setting.retries.join('\n'),
      /500 Internal Server Error.*try 2 of 3.*\n.*429 Too Many.*try 3 of 3/,
    );
  });
  await withDownload(answer(503), async ({ fetch, paths, path }) => {
    const message = await userFault(environment, fetch);
    assert.match(message, 'gave up after 3 tries: the server answered 503 Service Unavailable');
    assert.match(message, `0 of 300000 bytes are kept in ${path}.part`);
    assert.is(paths.length, 3);
  });
});

test('tries that make progress do not count', () =>
  withDownload(
    (request, response) => {
      const first = Number(/\d+/.exec(request.headers.range ?? '0')![0]);
      const headers = { 'content-range': `bytes ${first}-299999/300000` };
      response.writeHead(first === 0 ? 200 : 206, first === 0 ? {} : headers);
      response.end(content.subarray(first, first + 66_000));
    },
    async (setting) => {
      await setting.fetch('file', { ...impatient, tries: 2 });
      assertWhole(setting);
      assert.is(setting.paths.length, 5);
    },
  ));

test('a server that stops sending, before or during the body, runs into the timeout', () =>
  withDownload(
    (request, response) => {
      if (request.url === '/silent') return;
      if (request.url !== '/stalls') return well(request, response);
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 1000));
    },
    async (setting) => {
      // Only what is to be too slow has little time.
      const failing = (name: string, times: Partial<Patience>) =>
        userFault(environment, () => setting.fetch(name, { ...impatient, tries: 1, ...times }));
      assert.match(await failing('silent', { headers: 50 }), 'no whole answer within 0.05 s');
      assert.match(await failing('stalls', { stall: 50 }), 'nothing came for 0.05 s');
      await setting.fetch();
      assertWhole(setting);
      assert.is(setting.ranges.at(-1), 'bytes=1000-');
    },
  ));

/** A listener for connections that are no server's of HTTP. */
async function withSockets(
  listener: (socket: Socket) => void,
  body: (address: string) => Promise<void>,
): Promise<void> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    listener(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await body(`127.0.0.1:${(server.address() as AddressInfo).port}/file`);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

/** Says `first`, and then one letter after the other, for ever. */
const drip = (first: string) => (socket: Socket) => {
  socket.write(first);
  const timer = setInterval(() => socket.write('a'), 5);
  socket.on('close', () => clearInterval(timer));
};

const ok = 'HTTP/1.1 200 OK\r\n';

/** Each stage, and what is said when it takes too long; everything else may take a minute. */
const stages: Record<
  string,
  { scheme: string; listener: (socket: Socket) => void; times: Partial<Patience>; says: RegExp }
> = {
  'a secure connection that is never agreed on': {
    scheme: 'https',
    listener: () => {},
    times: { connect: 100 },
    says: /gave up after 2 tries: no connection within 0\.1 s/,
  },
  'headers that drip': {
    scheme: 'http',
    listener: drip(`${ok}x: `),
    times: { headers: 100 },
    says: /gave up after 2 tries: no whole answer within 0\.1 s/,
  },
  'a first line that drips': {
    scheme: 'http',
    listener: drip('HTTP/1.1 200 '),
    times: { headers: 100 },
    says: /gave up after 2 tries: no whole answer within 0\.1 s/,
  },
  'a body that drips': {
    scheme: 'http',
    listener: drip(`${ok}content-length: ${content.length}\r\n\r\n`),
    times: { least: 1e5, period: 100 },
    says: /gave up after 2 tries: \d+ bytes came in 0\.1 s, expected 100000 or more/,
  },
};

for (const [what, { scheme, listener, times, says }] of Object.entries(stages)) {
  test(`${what} has its time`, () =>
    withSockets(listener, (address) =>
      inFolder(async (folder) => {
        const file = remote(`${scheme}://${address}`, content);
        const message = await userFault(environment, () =>
          download(file, join(folder, 'file'), { ...impatient, tries: 2, ...times }),
        );
        assert.match(message, says);
      }),
    ));
}

test('docs/data.md states the timeouts', () => {
  const text = readFileSync('docs/data.md', 'utf8');
  const { tries, connect, headers, stall, least, period } = patience;
  for (const words of [
    `${connect / 1000} s to connect`,
    `${headers / 1000} s for all headers`,
    `${stall / 1000} s without a byte`,
    `${least / period} kB a second over ${period / 1000} s`,
    `${tries} tries`,
  ])
    assert.ok(text.includes(words), words);
});

test('an unreachable server: the error says what is kept and what to do', () =>
  withDownload(well, async ({ folder, path, retries }) => {
    writeFileSync(`${path}.part`, content.subarray(0, 77));
    const nowhere = remote('http://127.0.0.1:1/file', content);
    const message = await userFault(environment, () =>
      download(nowhere, path, impatient, { onRetry: (retry) => retries.push(retry) }),
    );
    assert.match(
      message,
      /gave up after 3 tries: .*ECONNREFUSED.* 77 of 300000 bytes are kept.*goes on from there/,
    );
    assert.is(retries.length, 2);
    assert.equal(readdirSync(folder), ['file.part']);
  }));

test('a missing folder: exit code environment, and no request', () =>
  withDownload(well, async ({ folder, paths, base }) => {
    const path = join(folder, 'none', 'file');
    const file = remote(`${base}file`, content);
    assert.match(
      await userFault(environment, () => download(file, path, impatient)),
      'cannot be written: ENOENT',
    );
    assert.equal(paths, []);
    assert.not.ok(existsSync(path));
  }));

test.run();

import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { ExitCode, UserError } from '../../errors.js';

/** Redirects in a row that are followed. */
const mostRedirects = 5;
const redirects = new Set([301, 302, 303, 307, 308]);

/** What the network, or the server, does not give. */
export function networkError(message: string, cause?: unknown): UserError {
  return new UserError(message, ExitCode.environment, { cause });
}

/** How long each stage of a request may take, ms. */
export interface StageTimes {
  /** Until there is a connection: the name looked up, and a secure one agreed on. */
  readonly connect: number;
  /** From there until all headers of the answer are there, however often something of them comes. */
  readonly headers: number;
  /** Of a body: without a byte. */
  readonly stall: number;
}

/**
 * The answer to a GET, its body not yet read. Redirects are followed, to http and https alone. With node:http and not `fetch`,
 * which would decompress a body that the server calls gzip: a file's bytes are wanted as they are.
 *
 * @throws UserError (exit code environment) where redirects lead nowhere; Error where the connection fails, for now or for good
 */
export async function request(
  url: string,
  headers: Readonly<Record<string, string>>,
  times: StageTimes,
): Promise<IncomingMessage> {
  let address = webAddress(url, url);
  for (let followed = 0; ; followed++) {
    const response = await ask(address, headers, times);
    const { location } = response.headers;
    if (!redirects.has(response.statusCode ?? 0) || location === undefined) return response;
    response.destroy();
    if (followed === mostRedirects) {
      throw networkError(`${url}: redirected more than ${mostRedirects} times, at last to ${location}`);
    }
    address = webAddress(location, url, address);
  }
}

/** `location`, which may be relative to `base`; `url` is what was asked for at first. */
function webAddress(location: string, url: string, base?: URL): URL {
  const address = URL.canParse(location, base?.href) ? new URL(location, base) : undefined;
  if (address?.protocol === 'http:' || address?.protocol === 'https:') return address;
  const found = base === undefined ? 'found' : 'redirected to';
  throw networkError(`${url}: ${found} ${JSON.stringify(location)}, expected an http or https address`);
}

function ask(address: URL, headers: Readonly<Record<string, string>>, times: StageTimes) {
  const { request } = address.protocol === 'https:' ? https : http;
  const connected = address.protocol === 'https:' ? 'secureConnect' : 'connect';
  return new Promise<IncomingMessage>((resolve, reject) => {
    const all = { 'user-agent': 'lockstep', 'accept-encoding': 'identity', ...headers };
    // A connection of its own: one kept alive may end just as it is used again.
    const asked = request(address, { headers: all, agent: false });
    const within = (ms: number, what: string) =>
      setTimeout(() => asked.destroy(new Error(`${what} within ${ms / 1000} s`)), ms);
    let stage = within(times.connect, 'no connection');
    asked.on('socket', (socket) =>
      socket.once(connected, () => {
        clearTimeout(stage);
        stage = within(times.headers, 'no whole answer');
      }),
    );
    asked.on('response', (answer) => {
      clearTimeout(stage);
      // Destroying the request would hide the reason from whoever reads the body.
      answer.setTimeout(times.stall, () =>
        answer.destroy(new Error(`nothing came for ${times.stall / 1000} s`)),
      );
      resolve(answer);
    });
    asked.on('error', (error) => {
      clearTimeout(stage);
      reject(error);
    });
    asked.end();
  });
}

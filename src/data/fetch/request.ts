import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { ExitCode, UserError } from '../../errors.js';

/** How many redirects in a row are followed. */
const mostRedirects = 5;
const redirects = new Set([301, 302, 303, 307, 308]);

/** The error for a failure of the network or the server. */
export function networkError(message: string, cause?: unknown): UserError {
  return new UserError(message, ExitCode.environment, { cause });
}

/** How long each stage of a request may take, ms. */
export interface StageTimes {
  /** Until the connection is established, with name lookup and TLS handshake. */
  readonly connect: number;
  /** From then until the response's headers are complete. */
  readonly headers: number;
  /** The longest time without a byte of the body. */
  readonly stall: number;
}

/**
 * The response to a GET, its body not yet read. Redirects are followed, to http and https only. Uses node:http, since `fetch` would
 * decompress a body that the server declares as gzip, and the file's own bytes are needed.
 *
 * @throws UserError (exit code environment) where redirects lead nowhere; Error where the connection fails
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

/** `location` as an address; it may be relative to `base`. `url` is the address of the first request, for messages. */
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
    // No keep-alive: the server may close a reused connection at any moment.
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

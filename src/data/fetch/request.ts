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

/**
 * The answer to a GET, its body not yet read. Redirects are followed, to http and https alone. With node:http and not `fetch`,
 * which would decompress a body that the server calls gzip: a file's bytes are wanted as they are.
 *
 * @param stall ms without a byte after which request or body fails
 * @throws UserError (exit code environment) where redirects lead nowhere; Error where the connection fails, for now or for good
 */
export async function request(
  url: string,
  headers: Readonly<Record<string, string>>,
  stall: number,
): Promise<IncomingMessage> {
  let address = webAddress(url, url);
  for (let followed = 0; ; followed++) {
    const response = await ask(address, headers, stall);
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

function ask(address: URL, headers: Readonly<Record<string, string>>, stall: number) {
  const { request } = address.protocol === 'https:' ? https : http;
  return new Promise<IncomingMessage>((resolve, reject) => {
    let response: IncomingMessage | undefined;
    const all = { 'user-agent': 'lockstep', 'accept-encoding': 'identity', ...headers };
    // A connection of its own: one kept alive may end just as it is used again.
    const asked = request(address, { headers: all, agent: false, timeout: stall });
    asked.on('timeout', () => {
      // Destroying the request would hide the reason from whoever reads the body.
      (response ?? asked).destroy(new Error(`nothing came for ${stall / 1000} s`));
    });
    asked.on('response', (answer) => {
      response = answer;
      resolve(answer);
    });
    asked.on('error', reject);
    asked.end();
  });
}

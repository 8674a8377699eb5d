import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { hostname } from 'node:os';

/** Who may see the dashboard: whoever has the token that the command printed, from a page of the dashboard's own. */

export interface Access {
  readonly host: string;
  readonly port: number;
  readonly token: string;
}

/** 256 random bits, for an address. */
export const newToken = (): string => randomBytes(32).toString('base64url');

const loopback = new Set(['127.0.0.1', '::1', 'localhost']);
const everywhere = new Set(['0.0.0.0', '::']);

export const isLoopback = (host: string): boolean => loopback.has(host);

/** The address that the command prints, with the token. */
export function addressOf({ host, port, token }: Access): string {
  const named = everywhere.has(host) ? hostname() : host;
  return `http://${isIP(named) === 6 ? `[${named}]` : named}:${port}/?token=${token}`;
}

/**
 * Whether a Host header names this server. Another name may belong to a page elsewhere whose name was made to point here (DNS
 * rebinding); an address cannot be.
 */
export function isOwnHost({ host, port }: Access, header: string | undefined): boolean {
  const [, name] = /^(.+):(\d{1,5})$/.exec(header ?? '') ?? [];
  // Port 80 is not written.
  if (name === undefined) return port === 80 && header !== undefined && isOwnName(host, header);
  return header!.endsWith(`:${port}`) && isOwnName(host, name);
}

function isOwnName(host: string, written: string): boolean {
  const name = written.toLowerCase().replace(/^\[(.+)\]$/, '$1');
  if (name === host.toLowerCase()) return true;
  if (loopback.has(host)) return loopback.has(name);
  return (
    everywhere.has(host) && (isIP(name) !== 0 || loopback.has(name) || name === hostname().toLowerCase())
  );
}

/** Whether the request comes from a page of this server's, or from no page: other sites have no business here. */
export function isOwnOrigin(headers: IncomingHttpHeaders, changes: boolean): boolean {
  const { origin, host } = headers;
  // Browsers tell the origin of whatever changes something, and of whatever comes from elsewhere.
  if (origin === undefined) return !changes;
  return origin === `http://${host}`;
}

/** Cookies are shared between the ports of a host, so each dashboard has a name of its own. */
const cookieName = ({ port }: Access) => `lockstep-${port}`;

export const cookieOf = (access: Access): string =>
  `${cookieName(access)}=${access.token}; HttpOnly; SameSite=Strict; Path=/`;

export function hasCookie(access: Access, header = ''): boolean {
  const own = `${cookieName(access)}=`;
  return header
    .split(';')
    .map((pair) => pair.trim())
    .some((pair) => pair.startsWith(own) && isToken(access, pair.slice(own.length)));
}

/** Takes as long for every guess: hashes have one length, and are compared to their ends. */
export function isToken({ token }: Access, guess: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(guess), hash(token));
}

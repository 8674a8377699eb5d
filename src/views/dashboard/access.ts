import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { hostname } from 'node:os';

/** Access control: a request needs the token that the command printed, and must come from the dashboard's own page. */

export interface Access {
  readonly host: string;
  readonly port: number;
  readonly token: string;
}

/** 256 random bits, as text for a URL. */
export const newToken = (): string => randomBytes(32).toString('base64url');

const loopback = new Set(['127.0.0.1', '::1', 'localhost']);
const everywhere = new Set(['0.0.0.0', '::']);

export const isLoopback = (host: string): boolean => loopback.has(host);

/** The URL with the token, which the command prints. */
export function addressOf({ host, port, token }: Access): string {
  const named = everywhere.has(host) ? hostname() : host;
  return `http://${isIP(named) === 6 ? `[${named}]` : named}:${port}/?token=${token}`;
}

/**
 * Whether a Host header names this server. Under DNS rebinding, another site's name points to this address; such names are refused.
 * Numeric addresses cannot be rebound.
 */
export function isOwnHost({ host, port }: Access, header: string | undefined): boolean {
  const [, name] = /^(.+):(\d{1,5})$/.exec(header ?? '') ?? [];
  // Port 80 is left out in a Host header.
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

/** Whether the request comes from a page of this server, or from no page. Requests from other sites are refused. */
export function isOwnOrigin(headers: IncomingHttpHeaders, changes: boolean): boolean {
  const { origin, host } = headers;
  // Browsers send the origin with every POST, and with every request from another site.
  if (origin === undefined) return !changes;
  return origin === `http://${host}`;
}

/** The cookie's name contains the port, since cookies are shared by all ports of a host. */
const cookieName = ({ port }: Access) => `lockstep-${port}`;

export const cookieOf = (access: Access): string =>
  `${cookieName(access)}=${access.token}; HttpOnly; SameSite=Strict; Path=/`;

export function hasCookie(access: Access, header = ''): boolean {
  const prefix = `${cookieName(access)}=`;
  return header
    .split(';')
    .map((pair) => pair.trim())
    .some((pair) => pair.startsWith(prefix) && isToken(access, pair.slice(prefix.length)));
}

/** Compares in constant time: hashes have the same length, and every byte is compared. */
export function isToken({ token }: Access, guess: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(guess), hash(token));
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ExitCode, UserError } from '../../errors.js';
import type { Access } from './access.js';
import { type Answer, answer, mostBody, refuse, type Site } from './answer.js';
import type { EventStreams } from './event-streams.js';
import { limitRequests } from './request-limit.js';

export interface ServerOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly token: string;
}

/** Largest number of open connections; further ones are closed at once. */
const mostConnections = 64;
/** Longest time for a request to arrive, ms. */
const longestRequest = 10_000;
/** Longest time for the last events to be sent, ms. */
const longestGoodbye = 500;

export interface RunningServer {
  readonly access: Access;
  close(): Promise<void>;
}

/**
 * Serves the dashboard. Neither the server nor an open page keeps the process alive.
 * @throws UserError (exit code environment) where the address cannot be listened on
 */
export async function serve(
  { host, port, token }: ServerOptions,
  site: Site,
  streams: EventStreams,
): Promise<RunningServer> {
  const server = createServer({
    maxHeaderSize: 8192,
    headersTimeout: longestRequest,
    requestTimeout: longestRequest,
    connectionsCheckingInterval: 1000,
  });
  server.maxConnections = mostConnections;
  server.on('connection', (socket) => socket.unref());
  await listen(server, host, port);
  server.unref();
  // An error such as too many open files affects one connection only.
  server.on('error', () => {});
  const access: Access = { host, port: (server.address() as AddressInfo).port, token };
  const limit = limitRequests();
  server.on('request', async (request, response) => {
    response.on('error', () => {}); // the client has disconnected
    // Stops reading from the socket until this request's turn.
    request.socket.pause();
    if (!(await limit.turn())) {
      request.socket.destroy();
      return;
    }
    request.socket.resume();
    // A page that cannot be served must not end the training.
    respond(request, response, access, site, streams).catch(() => {
      if (response.headersSent) response.destroy();
      else write(response, refuse(500, 'this could not be done'));
    });
  });
  return {
    access,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      const timer = setTimeout(() => server.closeAllConnections(), longestGoodbye);
      streams.close();
      server.closeIdleConnections();
      await closed;
      clearTimeout(timer);
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new UserError(
          `the dashboard cannot listen on ${host}, port ${port}: ${cause.message}; ` +
            'give another port (0 takes one that is free)',
          ExitCode.environment,
          { cause },
        ),
      ),
    );
    server.listen(port, host, resolve);
  });
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  access: Access,
  site: Site,
  streams: EventStreams,
): Promise<void> {
  const { method = '', url = '', headers } = request;
  const body = method === 'POST' ? await bodyOf(request) : '';
  if (body === undefined) {
    return write(response, refuse(413, `expected at most ${mostBody} bytes`, { Connection: 'close' }));
  }
  const answered = answer({ method, target: url, headers, body }, access, site);
  if (!answered.isStream || method === 'HEAD') return write(response, answered);
  if (streams.isFull) return write(response, refuse(503, 'too many pages are open'));
  // A pipelined request: its response has no socket yet, so no event would report that the client has disconnected.
  if (response.socket === null) return write(response, refuse(400, 'events need a connection of their own'));
  response.writeHead(answered.status, { ...answered.headers, Connection: 'close' });
  streams.add(response);
}

function write(response: ServerResponse, { status, headers, body }: Answer): void {
  // Node sends no body in answer to a HEAD request.
  response.writeHead(status, {
    ...headers,
    ...(status !== 204 && { 'Content-Length': Buffer.byteLength(body) }),
  });
  response.end(body);
}

/** The request's body; undefined where it is too long or incomplete. */
function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  return new Promise((resolve) => {
    let text = '';
    request.setEncoding('latin1').on('data', (chunk: string) => {
      if (text.length <= mostBody) text += chunk;
      if (text.length > mostBody) resolve(undefined);
    });
    request.on('end', () => resolve(text));
    request.on('close', () => resolve(undefined));
  });
}

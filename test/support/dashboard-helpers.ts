import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Controls, TrainingState } from '#lockstep/runs/controls.js';
import type { EpochMetrics } from '#lockstep/runs/metrics.js';
import type { EpochReport, RunEnd, RunStart, StepProgress } from '#lockstep/runs/reporter.js';
import { Dashboard, type DashboardOptions } from '#lockstep/views/dashboard/dashboard.js';
import type { PageEvent, PageState } from '#lockstep/views/dashboard/live-state.js';
import { tinyConfig } from './command-helpers.js';
import { put } from './data-helpers.js';

/** Dashboards of trainings that are made up, and what asks them. */

export const epochOf = (epoch: number): EpochMetrics => ({
  epoch,
  learningRate: 0.1 / epoch,
  train: { samples: 100, loss: 3 / epoch, top1: 1 - 1 / (epoch + 1), top5: 1 },
  validation: { samples: 10, loss: 3.5 / epoch, top1: 1 - 1 / (epoch + 0.5), top5: 1 },
  seconds: 2,
  imagesPerSecond: 1000 + epoch,
});

export const reportOf = (epoch: number, best = true): EpochReport => ({ ...epochOf(epoch), best });

export const startOf = (changes: Partial<RunStart> = {}): RunStart => ({
  name: 'tiny',
  parameters: 1234,
  layers: 5,
  samples: { train: 100, validation: 10, test: 10 },
  threads: 2,
  batchSize: 10,
  epochs: 4,
  directory: 'runs/tiny',
  trainLossWith: [],
  ...changes,
});

export const stepOf = (epoch: number, step: number, loss: number, steps = 10): StepProgress => ({
  epoch,
  epochs: 4,
  step,
  steps,
  loss,
  top1: 0.5,
  imagesPerSecond: 1000,
  learningRate: 0.1,
  load: [0.9, 0.25],
  rankLoad: [1],
});

export function endOf(epochs: number): RunEnd {
  const { train, validation } = epochOf(epochs);
  return {
    metrics: { train, validation, test: validation },
    best: { epoch: epochs, validation, test: validation },
    bestBy: 'top1',
    isBest: true,
    end: { reason: 'epochs', epochs, steps: 0 },
    why: null,
    directory: 'runs/tiny',
    seconds: 9,
    weightsHash: 'c0ffee',
  };
}

/** A run directory as a training leaves it; `ended` says whether it came to its end. */
export function putRun(runs: string, name: string, epochs: number, ended = true): void {
  put(runs, `${name}/config.json`, JSON.stringify(tinyConfig('set')));
  const lines = Array.from({ length: epochs }, (_, i) => `${JSON.stringify(epochOf(i + 1))}\n`);
  put(runs, `${name}/metrics.jsonl`, lines.join(''));
  if (!ended) return;
  const { train, validation } = epochOf(epochs);
  const test = { ...validation, top1: 0.625 };
  const summary = {
    name: 'tiny',
    status: 'completed',
    seed: 1,
    parameters: 100,
    epochsRun: epochs,
    final: { train, validation, test },
    best: { epoch: 1, validation, test },
    weightsSha256: 'weights',
    datasetKey: 'key',
    datasetSha256: 'fingerprint',
    numericsVersion: 4,
    seconds: epochs,
    imagesPerSecond: { median: 1500, epochs: [1500] },
    threads: 2,
    memory: { peakBytes: 1, samplesResident: 1 },
    engine: {},
    versions: { lockstep: '0', node: '0', v8: '0' },
    machine: { platform: 'linux', arch: 'x64', cpu: 'none', cores: 2 },
    files: {},
  };
  put(runs, `${name}/summary.json`, JSON.stringify(summary));
}

/** Controls that only note what was asked of them. */
export class FakeControls implements Controls {
  state: TrainingState = 'running';
  readonly asked: string[] = [];
  pause(): void {
    this.asked.push('pause');
    this.state = 'paused';
  }
  resume(): void {
    this.asked.push('resume');
    this.state = 'running';
  }
  stop(): void {
    this.asked.push('stop');
    this.state = 'stopping';
  }
}

export interface Served {
  readonly dashboard: Dashboard;
  /** With the token. */
  readonly address: string;
  readonly host: string;
  readonly port: number;
  readonly cookie: string;
}

/** Runs `body` with a dashboard that is served. */
export async function served(
  { controls, ...options }: Partial<DashboardOptions> & { readonly controls?: Controls },
  body: (served: Served) => Promise<void>,
): Promise<void> {
  const dashboard = new Dashboard({
    host: '127.0.0.1',
    port: 0,
    runs: 'no-such-folder',
    live: true,
    ...options,
  });
  dashboard.controls = controls;
  const address = await dashboard.open();
  const { host, port, searchParams } = new URL(address);
  const cookie = `lockstep-${port}=${searchParams.get('token')}`;
  try {
    await body({ dashboard, address, host, port: Number(port), cookie });
  } finally {
    await dashboard.close();
  }
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Asks as any client may: fetch would mend the path and forbid some headers. */
export function ask(
  { port, cookie }: Pick<Served, 'port' | 'cookie'>,
  path: string,
  { method = 'GET', headers = {}, body = '' }: { method?: string; headers?: object; body?: string } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: '127.0.0.1', port, path, method, headers: { Cookie: cookie, ...headers }, agent: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode!, headers: response.headers, body: text }),
        );
        response.on('error', reject);
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}

/** A socket on which the events have been asked for, and nothing is read before the test does. */
export function askForEvents({ port, cookie, host }: Served): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(`GET /events HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\n\r\n`);
      resolve(socket);
    });
    socket.on('error', reject);
  });
}

/** The whole states and the events that an event stream tells. */
export function parseStream(text: string): { snapshots: PageState[]; events: PageEvent[] } {
  const messages = text
    .split('\n\n')
    .filter((part) => part.includes('data: '))
    .map((part) => ({
      isWhole: part.includes('event: snapshot'),
      json: part.slice(part.indexOf('data: ') + 6),
    }));
  return {
    snapshots: messages.filter(({ isWhole }) => isWhole).map(({ json }) => JSON.parse(json)),
    events: messages.filter(({ isWhole }) => !isWhole).flatMap(({ json }) => JSON.parse(json)),
  };
}

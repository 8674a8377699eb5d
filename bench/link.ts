import { parseArgs } from 'node:util';
import { Mpi } from '#lockstep/mpi/mpi.js';
import { MpiTransport } from '#lockstep/mpi/transport.js';
import type { Exchange, Message } from '#lockstep/runtime/transport.js';
import { median } from './timer.js';

/**
 * mpirun -n 2 node dist/bench/link.js [--library FILE] [--rounds N]
 *
 * What a message between two ranks costs, by the calls of a training: its latency, the bandwidth of a large one while as large a one
 * comes, and the time of a small one of many. Says them as options of `npm run bench:scaling`.
 */

const { values } = parseArgs({
  options: { library: { type: 'string' }, rounds: { type: 'string', default: '200' } },
});
const rounds = Number(values.rounds);
if (!Number.isSafeInteger(rounds) || rounds < 1)
  throw new Error(`--rounds ${values.rounds}: expected 1 or more`);
const small = 8;
const large = 2 ** 23;
/** Small messages at once, each way. */
const many = 64;

const mpi = await Mpi.initialize(values.library === undefined ? {} : { library: values.library });
if (mpi.size !== 2) throw new Error(`there are ${mpi.size} ranks; start two: mpirun -n 2`);
const memory = new SharedArrayBuffer(2 * large);
const transport = await MpiTransport.open(mpi.link, memory);
const peer = 1 - mpi.rank;
const send = (bytes: number, tag = 0): Message => ({ kind: 'send', peer, tag, address: 0, bytes });
const receive = (bytes: number, tag = 0): Message => ({ kind: 'receive', peer, tag, address: large, bytes });

const ping = transport.bind([send(small)]);
const pong = transport.bind([receive(small)]);
const both = transport.bind([send(large), receive(large)]);
const all = transport.bind(Array.from({ length: many }, (_, tag) => [send(8, tag), receive(8, tag)]).flat());
const two = transport.bind([send(small), receive(small)]);

const roundTrip = time(() => {
  for (const exchange of mpi.rank === 0 ? [ping, pong] : [pong, ping]) complete(exchange);
});
const exchanged = time(() => complete(two));
const message = (time(() => complete(all)) - exchanged) / (2 * many - 2);
const bandwidth = large / time(() => complete(both), Math.ceil(rounds / 10));
if (mpi.rank === 0) {
  const figures = [(roundTrip / 2) * 1e6, (bandwidth * 8) / 1e9].map(short);
  console.log(
    `${mpi.library.version}: --link measured,${figures.join(',')} --message ${short(message * 1e6)}`,
  );
}
transport.close();
await mpi.finalize(0);

function complete(exchange: Exchange): void {
  exchange.start();
  while (!exchange.done());
}

/** Median, s; some calls before warm up. */
function time(work: () => void, count = rounds): number {
  const times: number[] = [];
  for (let i = -Math.ceil(count / 4); i < count; i++) {
    const start = performance.now();
    work();
    if (i >= 0) times.push((performance.now() - start) / 1e3);
  }
  return median(times);
}

/** Three digits, as an option takes them. */
function short(value: number): string {
  return `${Number(value.toPrecision(3))}`;
}

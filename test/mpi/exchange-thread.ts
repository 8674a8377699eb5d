import { parentPort, workerData } from 'node:worker_threads';
import type { Link } from '#lockstep/mpi/mpi.js';
import { MpiTransport } from '#lockstep/mpi/transport.js';
import type { Message } from '#lockstep/runtime/transport.js';
import { bytesOf } from './bytes.js';

/** Exchanges with the rank before and the one after, again and again; posts how many messages were wrong. */

const { link, memory } = workerData as {
  link: Link;
  memory: WebAssembly.Memory & { buffer: SharedArrayBuffer };
};
const transport = await MpiTransport.open(link, memory.buffer);

/** Of small ones MPI makes copies, large ones wait for the other side; two of them have the same tag. */
const sizes = [0, 1, 4_000, 300_000, 300_001];
const tags = [0, 1, 2, 32_767, 32_767];
const { rank, size } = transport;
const peers = [...new Set([(rank + 1) % size, (rank + size - 1) % size])];
const messages = peers.flatMap((peer) =>
  (['send', 'receive'] as const).flatMap((kind) =>
    sizes.map((bytes, i): Omit<Message, 'address'> => ({ kind, peer, tag: tags[i]!, bytes })),
  ),
);
let at = 65_537;
const placed = messages.map((message): Message => {
  const address = at;
  at += message.bytes + 3;
  return { ...message, address };
});
const exchange = transport.bind(placed);
const empty = transport.bind([]);

const view = ({ address, bytes }: Message) => new Uint8Array(memory.buffer, address, bytes);
const seed = (from: number, to: number, bytes: number, round: number) =>
  ((round * 64 + from) * 64 + to) * 7 + (bytes % 7);

let bad = 0;
for (let round = 0; round < 30; round++) {
  for (const message of placed) {
    const { kind, peer, bytes } = message;
    if (kind === 'send') view(message).set(bytesOf(seed(rank, peer, bytes, round), bytes));
    else view(message).fill(0);
  }
  empty.start();
  exchange.start();
  while (!exchange.done());
  if (!empty.done() || exchange.missing().length > 0) bad++;
  for (const message of placed) {
    const { kind, peer, bytes } = message;
    if (
      kind === 'receive' &&
      Buffer.compare(view(message), bytesOf(seed(peer, rank, bytes, round), bytes)) !== 0
    )
      bad++;
  }
}
transport.close();
parentPort!.postMessage(bad);

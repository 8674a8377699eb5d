import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { UserError } from '#lockstep/errors.js';
import { Channel } from '#lockstep/mpi/channel.js';
import { launchedRanks } from '#lockstep/mpi/launcher.js';
import { Mpi } from '#lockstep/mpi/mpi.js';
import { MpiTransport } from '#lockstep/mpi/transport.js';
import { createSharedMemory } from '#lockstep/platform/memory.js';
import type { Message } from '#lockstep/runtime/transport.js';
import { bytesOf } from './bytes.js';

/** ranks.js SCENARIO FOLDER [LIBRARY]: one rank of a test; it writes what it has seen into the folder. */

const [scenario, folder, file] = process.argv.slice(2) as [keyof typeof scenarios, string, string?];
/** No test waits for so long. */
const patient = 300_000;

const scenarios = {
  async names(mpi: Mpi, channel: Channel) {
    const { version, flavorName } = mpi.library;
    return { rank: mpi.rank, size: mpi.size, hosts: channel.hosts, version, flavor: flavorName };
  },

  async channel(mpi: Mpi, channel: Channel) {
    const given = bytesOf(mpi.rank, lengthOf(mpi.rank));
    const gathered = await channel.gather(given, patient);
    const told = await channel.broadcast(mpi.rank === 0 ? bytesOf(9, 5_000_001) : undefined, patient);
    const nothing = await channel.broadcast(new Uint8Array(), patient);
    const memory = sharedMemory();
    const place = new Uint8Array(memory.buffer, 1001, 9_000_001);
    if (mpi.rank === 0) place.set(bytesOf(7, place.length));
    await channel.broadcastMemory(memory.buffer, place.byteOffset, place.length, patient);
    const around = [place.byteOffset - 1, place.byteOffset + place.length].map(
      (at) => new Uint8Array(memory.buffer)[at],
    );
    return {
      gathered: gathered.map((bytes, rank) => Buffer.compare(bytes, bytesOf(rank, lengthOf(rank)))),
      told: Buffer.compare(told, bytesOf(9, 5_000_001)),
      nothing: nothing.length,
      memory: Buffer.compare(place, bytesOf(7, place.length)),
      around,
    };
  },

  /** Each rank and the one before and after it, in a thread that ends before MPI does. */
  async transport(mpi: Mpi, channel: Channel) {
    const memory = sharedMemory();
    const worker = new Worker(fileURLToPath(new URL('exchange-thread.js', import.meta.url)), {
      workerData: { link: mpi.link, memory },
    });
    let bad: unknown;
    worker.on('message', (message) => {
      bad = message;
    });
    await new Promise((resolve, reject) => worker.on('error', reject).on('exit', resolve));
    await channel.barrier(patient);
    return { bad };
  },

  /** Rank 0 starts, and the others only when it has said who is missing. */
  async missing(mpi: Mpi, channel: Channel) {
    const memory = sharedMemory();
    const transport = await MpiTransport.open(mpi.link, memory.buffer);
    const bytes = 1_000_000;
    const others = Array.from({ length: mpi.size }, (_, rank) => rank).filter((rank) => rank !== mpi.rank);
    const exchange = transport.bind(
      others.flatMap((peer): Message[] => [
        { kind: 'receive', peer, tag: 3, address: peer * bytes, bytes },
        { kind: 'send', peer, tag: 3, address: mpi.rank * bytes, bytes },
      ]),
    );
    const seen: unknown[] = [];
    if (mpi.rank === 0) {
      exchange.start();
      seen.push(exchange.done(), exchange.missing());
    }
    await channel.barrier(patient);
    if (mpi.rank !== 0) exchange.start();
    while (!exchange.done()) await setTimeout(1);
    seen.push(exchange.missing());
    await channel.barrier(patient);
    transport.close();
    return { seen };
  },

  /** Rank 1 never comes; rank 0 waits when rank 2 has come. */
  async deadline(mpi: Mpi, channel: Channel) {
    if (mpi.rank === 1) await setTimeout(patient);
    if (mpi.rank === 2) {
      const barrier = channel.barrier(patient);
      answer(mpi.rank, {});
      await barrier;
    }
    while (!existsSync(join(folder, '2.json'))) await setTimeout(10);
    const error = await channel.barrier(500).catch((error: unknown) => error);
    answer(mpi.rank, { message: String(error), isUserError: error instanceof UserError });
    return mpi.abort(5);
  },

  /** Rank 0 sends more than rank 1 expects. */
  async truncated(mpi: Mpi) {
    const transport = await MpiTransport.open(mpi.link, sharedMemory().buffer);
    const exchange = transport.bind([
      mpi.rank === 0
        ? { kind: 'send', peer: 1, tag: 0, address: 0, bytes: 200 }
        : { kind: 'receive', peer: 0, tag: 0, address: 0, bytes: 100 },
    ]);
    exchange.start();
    try {
      while (!exchange.done()) await setTimeout(1);
    } catch (error) {
      return { message: String(error), isUserError: error instanceof UserError };
    }
    return {};
  },

  /** Rank 1 ends before it initialises MPI: see below. */
  async absent() {
    return {};
  },

  /** The access out of bounds of a WebAssembly module is an exception, as without MPI. */
  async trap() {
    const code = [
      [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 5, 3, 1, 0, 1, 7, 5, 1, 1, 102, 0, 0],
      [10, 12, 1, 10, 0, 65, 128, 128, 8, 40, 2, 0, 26, 11],
    ].flat();
    const module = new WebAssembly.Module(new Uint8Array(code));
    try {
      (new WebAssembly.Instance(module).exports['f'] as () => void)();
    } catch (error) {
      return { thrown: String(error) };
    }
    return { thrown: undefined };
  },
};

const lengthOf = (rank: number) => [0, 5_000_000, 1, 70_000][rank % 4]!;

const sharedMemory = () => createSharedMemory(10 * 2 ** 20);

function answer(rank: number, value: object): void {
  writeFileSync(join(folder, `${rank}.json`), JSON.stringify(value));
}

if (scenario === 'absent' && launchedRanks(process.env)?.rank === 1) process.exit(0);
const deadline = scenario === 'absent' ? 1000 : patient;
const mpi = await Mpi.initialize(file === undefined ? { deadline } : { library: file, deadline }).catch(
  (error: unknown) => {
    answer(launchedRanks(process.env)!.rank, { error: String(error) });
    process.exit(5);
  },
);
const channel = await Channel.open(mpi, patient);
answer(mpi.rank, await scenarios[scenario](mpi, channel));
await mpi.finalize(0);

import { availableParallelism, cpus } from 'node:os';
import { ExitCode } from '../errors.js';
import type { Group, RankMember } from '../runtime/group.js';
import type { RanksSetup } from '../runtime/setup.js';
import { Channel } from './channel.js';
import { Mpi } from './mpi.js';

export interface GroupOptions {
  /** The file of a libmpi, if not the launcher's. */
  readonly library?: string | undefined;
  /** Time after which a rank that has sent nothing is given up, ms. */
  readonly timeout: number;
  /** Of this rank. */
  readonly threads: number;
}

/** The others are so much more patient than rank 0, ms: it names the rank that all wait for, and ends the job, before they do. */
const rank0First = 2000;

/** The ranks that a launcher has started, joined by MPI. */
export class MpiGroup implements Group {
  readonly setup: RanksSetup;
  readonly members: readonly RankMember[];
  /** Implementation, version and file of the MPI. */
  readonly carrier: string;
  readonly #mpi: Mpi;
  readonly #channel: Channel;
  #isInPhase = false;
  #hasFailed = false;
  #hasLeft = false;

  private constructor(mpi: Mpi, channel: Channel, timeout: number, threads: readonly number[]) {
    const { hosts } = channel;
    const { rank } = mpi;
    this.#mpi = mpi;
    this.#channel = channel;
    this.members = threads.map((count, rank) => ({ host: hosts[rank]!, threads: count }));
    this.carrier = `${mpi.library.version} (${mpi.library.file})`;
    this.setup = {
      rank,
      ranks: mpi.size,
      hosts,
      timeout: rank === 0 ? timeout : timeout + rank0First,
      isCrowded: isCrowded(this.members, rank),
      transport: mpi.link,
    };
    // However the process ends: ranks that wait for one that has gone would wait in vain.
    process.once('exit', (code) => {
      if (!this.#hasLeft) mpi.abort(code === 0 ? ExitCode.environment : code);
    });
  }

  /**
   * On all ranks; it waits for them.
   * @throws UserError (exit code environment) where there is no MPI, or a rank does not come
   */
  static async join({ library, timeout, threads }: GroupOptions): Promise<MpiGroup> {
    const mpi = await Mpi.initialize(library === undefined ? {} : { library });
    const channel = await Channel.open(mpi, timeout);
    const counts = await channel.gather(encode(threads), timeout);
    return new MpiGroup(mpi, channel, timeout, counts.map(decode<number>));
  }

  async broadcast<T>(message?: T): Promise<T> {
    const bytes = message === undefined ? undefined : encode(message);
    return decode<T>(await this.#watched(this.#channel.broadcast(bytes, this.setup.timeout)));
  }

  async gather<T>(message: T): Promise<T[]> {
    const all = await this.#watched(this.#channel.gather(encode(message), this.setup.timeout));
    return all.map((bytes) => decode<T>(bytes));
  }

  broadcastMemory(buffer: SharedArrayBuffer, address: number, bytes: number): Promise<void> {
    return this.#watched(this.#channel.broadcastMemory(buffer, address, bytes, this.setup.timeout));
  }

  beginPhase(): void {
    this.#isInPhase = true;
  }

  endPhase(): void {
    this.#isInPhase = false;
  }

  get isWhole(): boolean {
    return !this.#isInPhase && !this.#hasFailed;
  }

  /** At this rank's end. Where the ranks do not go along with each other any more, it ends the processes of all, this one too. */
  async leave(exitCode: number): Promise<void> {
    if (!this.isWhole) this.#mpi.abort(exitCode === 0 ? ExitCode.environment : exitCode);
    await this.gather(null).catch(() => {}); // one that does not come any more has told why
    this.#hasLeft = true;
    await this.#mpi.finalize(exitCode);
  }

  async #watched<T>(call: Promise<T>): Promise<T> {
    try {
      return await call;
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    }
  }
}

/** A launcher may have given each rank cores of its own; then the process sees those, and the host has the others. */
function isCrowded(members: readonly RankMember[], rank: number): boolean {
  const { host, threads } = members[rank]!;
  const onHost = members.reduce((sum, member) => sum + (member.host === host ? member.threads : 0), 0);
  return threads > availableParallelism() || onHost > cpus().length;
}

const encode = (message: unknown): Uint8Array => Buffer.from(JSON.stringify(message));
const decode = <T>(bytes: Uint8Array): T => JSON.parse(Buffer.from(bytes).toString()) as T;

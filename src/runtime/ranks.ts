import type { MemoryPlan } from '../compile/memory-plan.js';
import type { Stage } from '../compile/program.js';
import { ExitCode, UserError } from '../errors.js';
import type { Kernels } from '../kernels/kernels.js';
import type { BatchCut } from './batch.js';
import type { WorkQueue } from './queue.js';
import { RankExchange, type StageSums } from './rank-exchange.js';
import { Sent } from './sent.js';
import type { RanksSetup } from './setup.js';
import { splitSums } from './slices.js';
import type { Exchange, Transport } from './transport.js';

/** A waiting coordinator looks so many times, a microsecond each, before it lets others have the core. */
const spins = { free: 5_000, crowded: 20 } as const;
/** And between two looks at the clock. */
const looks = 256;
/** What the time between two looks at the clock counts at most, ms: a process that was stopped for a minute has not waited for a minute. */
const longestLook = 100;

/** The exchanges of a stage. */
interface StageExchanges {
  readonly now: RankExchange;
  readonly later: RankExchange | undefined;
}

/** Of a cut. */
interface CutExchanges {
  readonly microBatches: number;
  readonly stages: readonly StageExchanges[];
}

/** The other ranks, as a coordinator sees them. What is exchanged is bound at a phase's start, once for each cut. */
export class Ranks {
  readonly #transport: Transport;
  readonly #sent: Sent;
  readonly #kernels: Kernels;
  readonly #plan: MemoryPlan;
  readonly #setup: RanksSetup;
  /** Of each rank, ms; rank 0 is told by the others. */
  readonly #waited: Float64Array;
  readonly #known = new Map<string, CutExchanges>();
  readonly #hits: Exchange;
  /** Of the phase's full mini-batches, and of its last one. */
  #full: CutExchanges | undefined;
  #last: CutExchanges | undefined;
  /** Exchanges under way while stages run, in the order in which all ranks have started them, and complete them. */
  readonly #underWay: RankExchange[] = [];

  constructor(
    transport: Transport,
    kernels: Kernels,
    plan: MemoryPlan,
    buffer: SharedArrayBuffer,
    setup: RanksSetup,
  ) {
    this.#sent = new Sent(buffer, plan.rankSent);
    this.#transport = this.#sent.counted(transport);
    this.#kernels = kernels;
    this.#plan = plan;
    this.#setup = setup;
    this.#waited = new Float64Array(buffer, plan.rankWaits, plan.ranks);
    this.#hits = bindHits(transport, plan);
  }

  /** @param full the cut of its mini-batches, @param last of the last one */
  beginPhase(training: boolean, stages: readonly Stage[], full: BatchCut, last: BatchCut): void {
    const exchangesOf = (cut: BatchCut) => {
      const key = `${training} ${cut.microBatches} ${cut.itemMicroBatches}`;
      const known = this.#known.get(key) ?? this.#bind(stages, cut);
      this.#known.set(key, known);
      return known;
    };
    this.#full = exchangesOf(full);
    this.#last = exchangesOf(last);
  }

  /**
   * The all-reduce among ranks at a stage's end. False if the phase was cancelled.
   * @param meanwhile what else there is to do: false if nothing
   * @throws UserError (exit code environment) that names the ranks of which nothing has come for too long
   */
  exchange(cut: BatchCut, stage: number, queue: WorkQueue, meanwhile: () => boolean): boolean {
    const { stages } = cut.microBatches === this.#full!.microBatches ? this.#full! : this.#last!;
    const { now, later } = stages[stage]!;
    if (later !== undefined) {
      later.start();
      this.#underWay.push(later);
    }
    now.start();
    if (!this.#complete(now, queue, meanwhile)) return false;
    if (stage < stages.length - 1) return true;
    this.#sent.addStep();
    while (this.#underWay.length > 0) {
      if (!this.#complete(this.#underWay[0]!, queue, meanwhile)) return false;
      this.progress(); // it may have been taken out already
    }
    return true;
  }

  /** Makes what is under way go on: to be called now and then while a stage runs. */
  progress(): void {
    while (this.#underWay.length > 0 && this.#underWay[0]!.done()) this.#underWay.shift();
  }

  /** At an evaluation's end: each rank's hits of each class. As `exchange`. */
  exchangeHits(queue: WorkQueue): boolean {
    this.#hits.start();
    return this.#complete(this.#hits, queue, () => false);
  }

  #complete(exchange: Exchange | RankExchange, queue: WorkQueue, meanwhile: () => boolean): boolean {
    const most = this.#setup.isCrowded ? spins.crowded : spins.free;
    const began = performance.now();
    let looked = began;
    let patience = this.#setup.timeout;
    for (let polls = 1; !exchange.done(); polls++) {
      if (queue.isCancelled) return false;
      this.progress();
      if (meanwhile()) continue;
      if (polls > most) queue.rest();
      else if (polls % looks > 0) continue;
      const now = performance.now();
      patience -= Math.min(now - looked, longestLook);
      looked = now;
      if (patience <= 0) throw this.#silence(exchange.missing());
    }
    this.#waited[this.#setup.rank]! += performance.now() - began;
    return true;
  }

  #silence(missing: readonly number[]): UserError {
    const { hosts, timeout } = this.#setup;
    const who = missing.map((rank) => `rank ${rank} on ${hosts[rank]}`).join(', ');
    return new UserError(
      `nothing has come from ${who} for ${timeout / 1000} s: it has ended, hangs, or cannot be reached. ` +
        'The last checkpoint is good; --rank-timeout gives a slow rank more time',
      ExitCode.environment,
    );
  }

  #bind(stages: readonly Stage[], cut: BatchCut): CutExchanges {
    const last = stages.length - 1;
    const bind = (sums: StageSums) => new RankExchange(this.#transport, this.#kernels, this.#plan, sums);
    const exchanges = stages.map((stage, i): StageExchanges => {
      const { now, later } = splitSums(stage);
      const rooms = this.#plan.received[i]!;
      return {
        now: bind({ cut, range: now, received: rooms.now, when: i === last ? 'outcomes' : 'now' }),
        later: later && bind({ cut, range: later, received: rooms.later, when: 'later' }),
      };
    });
    return { microBatches: cut.microBatches, stages: exchanges };
  }
}

/** Each rank's counts go to all others. */
function bindHits(transport: Transport, { classHits, classes }: MemoryPlan): Exchange {
  const peers = classHits.map((_, peer) => peer).filter((peer) => peer !== transport.rank);
  const bytes = classes * 4;
  return transport.bind(
    peers.flatMap((peer) => [
      { kind: 'send', peer, tag: 0, address: classHits[transport.rank]!, bytes },
      { kind: 'receive', peer, tag: 0, address: classHits[peer]!, bytes },
    ]),
  );
}

import type { MemoryPlan } from '../compile/memory-plan.js';
import type { SumRange } from '../compile/program.js';
import type { Kernels } from '../kernels/kernels.js';
import { addSums } from './allreduce.js';
import { type BatchCut, firstItemOf, type TreeTop, treeTop } from './batch.js';
import { outcomeBytes } from './metrics.js';
import { isWhole, sliceOf } from './slices.js';
import type { Exchange, Message, Transport } from './transport.js';

/** Tags of a stage's messages; each of a rank's subtrees has tags of its own. */
const Kind = { gradients: 0, statistics: 1, outcomes: 2, slice: 3, waited: 4 } as const;
const kinds = 5;
/** Those of sums that other stages' overtake have higher ones. */
const laterTags = 1024;

/** What has to be exchanged at a stage's end, and where it lies. */
export interface StageSums {
  readonly cut: BatchCut;
  readonly range: SumRange;
  /** Room for what is received of each other rank's subtrees. */
  readonly received: readonly number[];
  /** `now`: before the next stage; `outcomes`: and the micro-batches' outcomes, at a step's end; `later`: before the optimizer's step. */
  readonly when: 'now' | 'outcomes' | 'later';
}

/** Messages, and what is to be done when all of them are complete. */
interface Round {
  readonly exchange: Exchange;
  finish(): void;
}

/**
 * The all-reduce among ranks, for one stage of one cut: the top of the tree of `batch.ts`. Ranks send each other their subtrees' sums, bytes
 * that nobody adds on the way, and each adds them as the tree says: all of them, or, of many gradients, a slice, which it then sends to all.
 * So the sum is that of a process that trains alone, to the bit, and on every rank.
 */
export class RankExchange {
  readonly #rounds: readonly Round[];
  #round = 0;

  constructor(transport: Transport, kernels: Kernels, plan: MemoryPlan, sums: StageSums) {
    this.#rounds = roundsOf(transport, kernels, plan, sums);
  }

  start(): void {
    this.#round = 0;
    this.#rounds[0]!.exchange.start();
  }

  /** Whether the mini-batch's sums are complete, at `plan.root`; it also makes the exchange go on. */
  done(): boolean {
    const rounds = this.#rounds;
    while (this.#round < rounds.length) {
      const { exchange, finish } = rounds[this.#round]!;
      if (!exchange.done()) return false;
      finish();
      if (++this.#round < rounds.length) rounds[this.#round]!.exchange.start();
    }
    return true;
  }

  /** The ranks of which something has not come, or to which something is still on the way. */
  missing(): number[] {
    return this.#rounds[this.#round]?.exchange.missing() ?? [];
  }
}

function roundsOf(
  transport: Transport,
  kernels: Kernels,
  plan: MemoryPlan,
  { cut, range, received, when }: StageSums,
): Round[] {
  const { rank, size: ranks } = transport;
  const top = treeTop(cut.items, ranks);
  const peers = Array.from({ length: ranks }, (_, peer) => peer).filter((peer) => peer !== rank);
  const whole = isWhole(range.gradientCount, ranks);
  const sliceRange = (of: number): SumRange => {
    const { begin, end } = whole
      ? { begin: 0, end: range.gradientCount }
      : sliceOf(of, ranks, range.gradientCount);
    return { ...range, gradients: range.gradients + begin * 4, gradientCount: end - begin };
  };
  const own = sliceRange(rank);
  const buffers = buffersOf(top, rank, cut, plan, own, received);
  const messages: Message[] = [];
  const add = (message: Message) => void (message.bytes > 0 && messages.push(message));
  const base = when === 'later' ? laterTags : 0;
  let ofRank = { rank: -1, count: 0 };
  for (const [i, subtree] of top.subtrees.entries()) {
    ofRank = { rank: subtree.rank, count: subtree.rank === ofRank.rank ? ofRank.count + 1 : 0 };
    const tag = base + ofRank.count * kinds;
    const isOwn = subtree.rank === rank;
    for (const peer of isOwn ? peers : [subtree.rank]) {
      const kind = isOwn ? 'send' : 'receive';
      const { gradients, gradientCount, statistics, statisticCount } = isOwn ? sliceRange(peer) : own;
      const at = buffers[i]!;
      add({ kind, peer, tag: tag + Kind.gradients, address: at + gradients, bytes: gradientCount * 4 });
      add({ kind, peer, tag: tag + Kind.statistics, address: at + statistics, bytes: statisticCount * 8 });
    }
  }
  if (when === 'outcomes')
    for (const peer of peers) outcomeMessages(cut, plan, rank, peer, ranks).forEach(add);
  if (when === 'outcomes') waitedMessages(plan, rank, peers).forEach(add);
  const additions = top.additions.map(({ to, from }) => ({ to: buffers[to]!, from: buffers[from]! }));
  const finish = () => {
    for (let i = 0; i < additions.length; i++) addSums(kernels, additions[i]!.to, additions[i]!.from, own);
  };
  const first = { exchange: transport.bind(messages), finish };
  if (whole) return [first];
  const results = peers.flatMap((peer) =>
    (['send', 'receive'] as const).map((kind): Message => {
      const { gradients, gradientCount } = sliceRange(kind === 'send' ? rank : peer);
      return { kind, peer, tag: base + Kind.slice, address: plan.root + gradients, bytes: gradientCount * 4 };
    }),
  );
  const slices = transport.bind(results.filter(({ bytes }) => bytes > 0));
  return [first, { exchange: slices, finish: () => {} }];
}

/**
 * Of each subtree, where its sums lie, as the address of a whole buffer of sums: only what is received of it is there. The first one's are
 * at the root, where all are added to.
 */
function buffersOf(
  { subtrees }: TreeTop,
  rank: number,
  { firstItem }: BatchCut,
  plan: MemoryPlan,
  { gradients, gradientCount, statistics }: SumRange,
  received: readonly number[],
): number[] {
  let next = 0;
  return subtrees.map((subtree, i) => {
    if (subtree.rank === rank) return plan.itemSums[subtree.first - firstItem]!;
    if (i === 0) return plan.root;
    return received[next++]! - (gradientCount > 0 ? gradients : statistics);
  });
}

/** Each rank's micro-batches lie side by side; the coordinator's word, which rank 0 sends, lies before its first. */
function outcomeMessages(
  cut: BatchCut,
  plan: MemoryPlan,
  rank: number,
  peer: number,
  ranks: number,
): Message[] {
  return (['send', 'receive'] as const).map((kind) => {
    const of = kind === 'send' ? rank : peer;
    const boundary = (item: number) => Math.min(item * cut.itemMicroBatches, cut.microBatches) * outcomeBytes;
    const word = of === 0 ? 8 : 0;
    const begin = boundary(firstItemOf(of, ranks, cut.items)) - word;
    const end = boundary(firstItemOf(of + 1, ranks, cut.items));
    return { kind, peer, tag: Kind.outcomes, address: plan.outcomes + begin, bytes: end - begin };
  });
}

/** How long each rank has waited for others: rank 0 is told, who shows it. */
const waitedMessages = ({ rankWaits }: MemoryPlan, rank: number, peers: readonly number[]): Message[] =>
  (rank === 0 ? peers : [0]).map((peer) => ({
    kind: rank === 0 ? 'receive' : 'send',
    peer,
    tag: Kind.waited,
    address: rankWaits + 8 * (rank === 0 ? peer : rank),
    bytes: 8,
  }));

import { type RankMember, threadsOf } from '../runtime/group.js';

/** `4 ranks on 2 hosts, 8 threads in all`. */
export function ranksText({ ranks }: { readonly ranks: readonly RankMember[] }): string {
  const hosts = new Set(ranks.map(({ host }) => host)).size;
  return `${ranks.length} ranks on ${hosts === 1 ? 'one host' : `${hosts} hosts`}, ${threadsOf(ranks)} threads in all`;
}

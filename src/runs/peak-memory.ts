import { readFileSync } from 'node:fs';

/**
 * Bytes of this process that were resident at most, those of its threads among them. On Linux what getrusage says is also of the process
 * that started this one, however large it was; elsewhere getrusage is asked.
 */
export function peakMemory(): number {
  if (process.platform === 'linux') {
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (peak !== undefined) return Number(peak) * 1024;
  }
  return process.resourceUsage().maxRSS * 1024;
}

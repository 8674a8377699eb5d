import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Identifies the process that made a file, as part of the file's name, and tells whether that process still lives. */

/** Hexadecimal digits of a hash. Few, since file names are limited. */
const digits = 6;
const hashed = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, digits);
/** Stands for a value that the system does not give: only Linux has the three files in /proc. */
const unknown = '0'.repeat(digits);

/** The scope of PIDs: host and PID namespace. Containers may share a host's name but not its PIDs. */
const place = hashed(`${hostname()} ${ask(() => readlinkSync('/proc/self/ns/pid')) ?? ''}`);
/** The boot: PIDs are reused after a restart. It also distinguishes two hosts with the same name. */
const boot = orUnknown(ask(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1')));

/** The PID in a name that belongs to no process. */
export const nobody = 0;

/** Matches an identity of `identityOf`: place, PID, boot, start. */
export const identityPattern = '[0-9a-f]{6}-\\d+-[0-9a-f]{6}-[0-9a-f]{6}';

/** Identifies the process with this PID on this machine. Another process with the same PID, earlier or later, has another identity. */
export const identityOf = (pid = process.pid): string =>
  `${place}-${pid}-${boot}-${orUnknown(statOf(pid)?.start)}`;

/**
 * `elsewhere`: on another host or in another container, whose processes cannot be checked here. `rebooted`: before this host's last
 * restart, or on another host with the same name.
 */
export type Life = 'lives' | 'ended' | 'rebooted' | 'elsewhere';

/**
 * Whether the process with this identity lives. A suspended process does.
 * @param written when it last wrote the file, ms since 1970: decides where the system does not give a process's start
 */
export function lifeOf(identity: string, written: number): Life {
  const [itsPlace, pidText, itsBoot, itsStart] = identity.split('-') as [string, string, string, string];
  const pid = Number(pidText);
  if (itsPlace !== place) return 'elsewhere';
  if (pid === nobody) return 'ended';
  if (itsBoot !== boot) return 'rebooted';
  const stat = statOf(pid);
  // A zombie has ended; its parent has just not collected its exit status.
  if (stat?.state === 'Z') return 'ended';
  if (stat !== undefined && itsStart !== unknown) return hashed(stat.start) === itsStart ? 'lives' : 'ended';
  // In a container each run may have the same PID: a file older than this process is an earlier one's.
  if (pid === process.pid) return written >= performance.timeOrigin ? 'lives' : 'ended';
  return answers(pid) ? 'lives' : 'ended';
}

/** Whether there is a process with this PID. */
function answers(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: the process exists but belongs to another user.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** State and start time (in ticks since the boot) of a process: fields 3 and 22 of proc_pid_stat(5). */
function statOf(pid: number): { readonly state: string; readonly start: string } | undefined {
  const text = ask(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  // The program's name, in parentheses, may contain any characters.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields?.[19] === undefined ? undefined : { state: fields[0]!, start: fields[19] };
}

function orUnknown(text: string | undefined): string {
  return text === undefined ? unknown : hashed(text);
}

function ask(question: () => string): string | undefined {
  try {
    return question();
  } catch {
    return undefined;
  }
}

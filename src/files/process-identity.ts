import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Which process made a file, as a part of its name, and whether that process still lives. */

/** Letters of the name, hexadecimal: a file's name has no room for more. */
const digits = 6;
const hashed = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, digits);
/** Of what the system does not tell: only Linux has the three files. */
const unknown = '0'.repeat(digits);

/** Where PIDs mean the same: this host, and on it this namespace. Containers may share a host's name and not its PIDs. */
const place = hashed(`${hostname()} ${ask(() => readlinkSync('/proc/self/ns/pid')) ?? ''}`);
/** Since when PIDs mean the same. It also tells two hosts of one name apart. */
const boot = orUnknown(ask(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1')));

/** The PID of what belongs to no process. */
export const nobody = 0;

/** Of the identity that `identityOf` gives: place, PID, boot, start. */
export const identityPattern = '[0-9a-f]{6}-\\d+-[0-9a-f]{6}-[0-9a-f]{6}';

/** The process of this machine with this PID, told from an earlier or later one that has the same. */
export const identityOf = (pid = process.pid): string =>
  `${place}-${pid}-${boot}-${orUnknown(statOf(pid)?.start)}`;

/**
 * `elsewhere`: on another host or in another container, of whose processes nobody here knows. `rebooted`: on a host of this name,
 * before it last started; or on another host that has the same name.
 */
export type Life = 'lives' | 'ended' | 'rebooted' | 'elsewhere';

/**
 * Whether the process lives that `identity` names. One that is suspended does.
 * @param written when it last wrote the file, ms since 1970: decides where the system tells no start of a process
 */
export function lifeOf(identity: string, written: number): Life {
  const [itsPlace, pidText, itsBoot, itsStart] = identity.split('-') as [string, string, string, string];
  const pid = Number(pidText);
  if (itsPlace !== place) return 'elsewhere';
  if (pid === nobody) return 'ended';
  if (itsBoot !== boot) return 'rebooted';
  const stat = statOf(pid);
  // A zombie has ended, and only its parent has not asked how: it would be waited for in vain.
  if (stat?.state === 'Z') return 'ended';
  if (stat !== undefined && itsStart !== unknown) return hashed(stat.start) === itsStart ? 'lives' : 'ended';
  // In a container every process may have the same PID: what was written before this one began is an earlier one's.
  if (pid === process.pid) return written >= performance.timeOrigin ? 'lives' : 'ended';
  return answers(pid) ? 'lives' : 'ended';
}

/** Whether there is a process with this PID. */
function answers(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: there is one, of another user.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** State and start of a process, as proc_pid_stat(5) has them: fields 3 and 22, in ticks since the boot. */
function statOf(pid: number): { readonly state: string; readonly start: string } | undefined {
  const text = ask(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  // The name of its program, in parentheses, may hold anything.
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

import { commandLine } from '#lockstep/cli/cli.js';
import { commands } from '#lockstep/cli/commands.js';

/** `lockstep ARGS` without a process of its own: many command lines in little time. */

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

class Exit extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code;
  }
}

/** As `lockstep ARGS` does, but for the ends of processes. One at a time: it changes the process and puts it back. */
export async function runInProcess(args: readonly string[]): Promise<Ended> {
  const { argv, exit } = process;
  const [toStdout, toStderr] = [process.stdout.write, process.stderr.write];
  const said = { stdout: '', stderr: '' };
  const listen = (stream: 'stdout' | 'stderr') => {
    process[stream].write = (text: string | Uint8Array) => {
      said[stream] += String(text);
      return true;
    };
  };
  process.argv = ['node', 'lockstep', ...args];
  process.exitCode = undefined;
  process.exit = (code) => {
    throw new Exit(Number(code ?? 0));
  };
  listen('stdout');
  listen('stderr');
  try {
    await commandLine('lockstep')
      .command([...commands])
      .demandCommand(1, 'which command?')
      .parseAsync();
    return { code: Number(process.exitCode ?? 0), ...said };
  } catch (error) {
    if (error instanceof Exit) return { code: error.code, ...said };
    throw error;
  } finally {
    Object.assign(process, { argv, exit });
    Object.assign(process.stdout, { write: toStdout });
    Object.assign(process.stderr, { write: toStderr });
    process.removeAllListeners('uncaughtException');
    process.stdout.removeAllListeners('error');
    process.stderr.removeAllListeners('error');
    process.exitCode = undefined;
  }
}

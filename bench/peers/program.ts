import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Epoch, Greeting, Job } from './job.js';

/** How a program is started; its job is added as the last argument. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A program as a child process, which stays between its turns. */
export class Program {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  /** The end of what it wrote to its standard error. */
  #errors = '';

  private constructor(command: Command, job: Job) {
    this.#process = spawn(command.file, [...command.args, JSON.stringify(job)], {
      env: { ...process.env, ...command.env },
      stdio: 'pipe',
    });
    this.#process.stderr!.on('data', (text: Buffer) => {
      this.#errors = `${this.#errors}${text}`.slice(-4096);
    });
    // A program that has ended takes no more lines; that is noticed when it does not answer.
    this.#process.stdin!.on('error', () => {});
    this.#lines = createInterface({ input: this.#process.stdout! })[Symbol.asyncIterator]();
  }

  /** Start it and wait for its first words; whoever is not ready has ended. */
  static async start(command: Command, job: Job): Promise<{ program: Program; greeting: Greeting }> {
    const program = new Program(command, job);
    try {
      const [, greeting] = await Promise.all([once(program.#process, 'spawn'), program.#read<Greeting>()]);
      return { program, greeting };
    } catch (error) {
      const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      const reason = missing ? `no ${command.file}` : (error as Error).message;
      return { program, greeting: { kind: missing ? 'missing' : 'unable', reason } };
    }
  }

  /**
   * @param patience how long to wait before it is ended, s
   * @throws Error with its last words, if it ends instead; or that it was too slow
   */
  async epoch(samples: number, patience: number): Promise<Epoch> {
    let slow = false;
    const timer = setTimeout(() => {
      slow = true;
      this.#process.kill();
    }, patience * 1e3);
    try {
      this.#process.stdin!.write(`${samples}\n`);
      return await this.#read<Epoch>();
    } catch (error) {
      throw slow ? new Error(`${samples} images took more than ${patience} s`) : error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The end of its input ends a program. */
  async close(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#process;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.stdin!.end();
    const timer = setTimeout(() => this.#process.kill(), 5000);
    await ended;
    clearTimeout(timer);
  }

  /** Libraries greet on the standard output too: whatever is not an object is not meant for us. */
  async #read<T>(): Promise<T> {
    for (;;) {
      const line = await this.#lines.next();
      if (line.done) throw new Error(lastWords(this.#errors));
      if (line.value.startsWith('{')) return JSON.parse(line.value) as T;
    }
  }
}

/** What a stack trace says of the error, Node's or Python's. */
function lastWords(errors: string): string {
  const lines = errors.split('\n').filter((line) => line.trim() !== '');
  const named = lines.findLast((line) => /^\w*(Error|Exception)\b.*: /.test(line));
  return (named ?? lines.at(-1) ?? 'it ended without a word').replace(/^Error: /, '');
}

import { setTimeout } from 'node:timers/promises';
import { ExitCode, UserError } from '../errors.js';
import { check, madeHandle, madeInt } from './calls.js';
import type { FlavorName, Handle } from './flavor.js';
import { guardInitialization } from './init-guard.js';
import { type LaunchedRanks, launchedRanks } from './launcher.js';
import { type Library, loadLibrary } from './library.js';

/** What another thread of the process needs to use MPI: a value that can be posted to it. */
export interface Link {
  readonly library: string;
  readonly flavor: FlavorName;
  readonly communicator: Handle;
  readonly rank: number;
  readonly size: number;
}

/**
 * MPI in this process: initialised and finalised by the main thread. Other threads may use it, one at a time, by a `Link`.
 */
export class Mpi {
  readonly library: Library;
  readonly rank: number;
  readonly size: number;
  /** As MPI has it, mostly the host's name. */
  readonly host: string;
  /** Of the main thread's messages. */
  readonly communicator: Handle;
  /** For the thread that exchanges the steps' messages; these are never confused with the main thread's. */
  readonly link: Link;

  private constructor(library: Library) {
    const { functions, flavor } = library;
    this.library = library;
    this.rank = madeInt((into) => this.#check(functions.commRank(flavor.world, into), 'asking for the rank'));
    this.size = madeInt((into) =>
      this.#check(functions.commSize(flavor.world, into), 'asking for the number of ranks'),
    );
    this.host = processorName(library);
    const duplicate = () =>
      madeHandle(library, (into) =>
        this.#check(functions.commDup(flavor.world, into), 'duplicating the communicator'),
      );
    this.communicator = duplicate();
    this.link = {
      library: library.file,
      flavor: library.flavorName,
      communicator: duplicate(),
      rank: this.rank,
      size: this.size,
    };
  }

  /**
   * Initialises MPI; it blocks until all ranks do so. What can fail on one rank alone comes after it: MPICH's launcher lets the others wait
   * for a rank that ended before.
   * @param options `library`: the file of a libmpi, if not the launcher's; `deadline`: ms, after which the process ends with exit code 5
   * @throws {UserError} if no MPI can be loaded, or it is not the launcher's
   */
  static async initialize(
    { library: file, deadline = 300_000 }: { readonly library?: string; readonly deadline?: number } = {},
    launched: LaunchedRanks | undefined = launchedRanks(process.env),
  ): Promise<Mpi> {
    const library = await loadLibrary({ file, launcher: launched?.launcher });
    const { functions, flavor, version } = library;
    const provided = await guardInitialization(deadline, launched?.rank ?? 0, () =>
      madeInt((into) =>
        check(library, functions.initThread(null, null, flavor.threadSerialized, into), 'MPI_Init_thread'),
      ),
    );
    if (provided < flavor.threadSerialized) {
      throw new UserError(
        `${version} (${library.file}) offers thread level ${provided}; lockstep calls MPI from two threads in turns, which needs ` +
          `MPI_THREAD_SERIALIZED (${flavor.threadSerialized}). Use an MPI that is built with threads`,
        ExitCode.environment,
      );
    }
    check(library, functions.commSetErrhandler(flavor.world, flavor.errorsReturn), 'MPI_Comm_set_errhandler');
    const mpi = new Mpi(library);
    if (launched !== undefined && mpi.size !== launched.size) {
      throw new UserError(
        `the launcher started ${launched.size} ranks, and ${version} (${library.file}) knows of ${mpi.size}: it is not the ` +
          "launcher's own library. Start with its own mpirun, or name the launcher's libmpi",
        ExitCode.environment,
      );
    }
    return mpi;
  }

  /**
   * Waits for all ranks to do the same. Nothing of MPI may be used after it. It hangs at times, after all messages have come: MPICH's over
   * UCX and TCP, Open MPI's after Ctrl-C at mpirun.
   * @param patience time after which this is given up, ms
   * @param exitCode with which the process then ends: at once, since Node's own exit waits for the thread that hangs
   */
  async finalize(exitCode: number, patience = 5000): Promise<void> {
    const late = new AbortController();
    const waiting = setTimeout(patience, undefined, { signal: late.signal }).catch(() => {});
    const code = await Promise.race([this.library.functions.finalize(), waiting]);
    late.abort();
    if (code === undefined) this.library.functions.exitAtOnce(exitCode);
    else this.#check(code, 'MPI_Finalize');
  }

  /** Ends the processes of all ranks, this one too; the launcher's exit code is `code`. Also while another thread uses MPI. */
  abort(code: number): never {
    this.library.functions.abort(this.library.flavor.world, code);
    // Some MPIs leave it to the launcher to end this process, which takes a moment.
    process.exit(code);
  }

  #check(code: number, doing: string): void {
    check(this.library, code, doing);
  }
}

function processorName(library: Library): string {
  // The longest of any MPI.
  const text = new Uint8Array(1024);
  const length = madeInt((into) =>
    check(library, library.functions.processorName(text, into), 'asking for the host name'),
  );
  return Buffer.from(text.subarray(0, length)).toString();
}

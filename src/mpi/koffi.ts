import { ExitCode, UserError } from '../errors.js';

/**
 * The part of koffi that is used here, a package that calls C. It is optional, so its types are not imported: lockstep compiles without it.
 */
export interface Koffi {
  load(file: string, options: { readonly global: boolean }): LoadedLibrary;
  /** Where a view's bytes are. */
  address(view: ArrayBufferView): bigint;
}

export interface LoadedLibrary {
  /** @param types of C, of the result and the parameters */
  func(name: string, result: string, parameters: readonly string[]): LoadedFunction;
  /** The address of what is exported by this name; throws if nothing is. */
  symbol(name: string): bigint;
}

/** It blocks the calling thread; `async` runs it on one of koffi's. */
export interface LoadedFunction {
  (...values: unknown[]): number;
  async(done: (error: Error | null, code: number) => void): void;
}

const packageName: string = 'koffi';

/** @throws {UserError} if it is not installed */
export async function importKoffi(): Promise<Koffi> {
  try {
    return (await import(packageName)).default;
  } catch (cause) {
    throw new UserError(
      `MPI is called through koffi, which could not be loaded (${(cause as Error).message.split('\n', 1)[0]}): run npm install koffi`,
      ExitCode.environment,
      { cause },
    );
  }
}

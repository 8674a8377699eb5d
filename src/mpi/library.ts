import { ExitCode, UserError } from '../errors.js';
import { type Flavor, type FlavorName, flavors } from './flavor.js';
import { bindFunctions, type Functions } from './functions.js';
import { importKoffi, type Koffi, type LoadedLibrary } from './koffi.js';
import { type LauncherName, launcherWords } from './launcher.js';

/** A library of MPI, loaded into this thread. */
export interface Library {
  /** As it was loaded: a name that the system's loader finds, or a path. */
  readonly file: string;
  readonly flavorName: FlavorName;
  readonly flavor: Flavor;
  readonly functions: Functions;
  /** Implementation and version, such as `Open MPI 4.1.4`. */
  readonly version: string;
  /** The address of what a view shows, which stays where it is. */
  addressOf(view: ArrayBufferView): bigint;
}

const openMpi = {
  linux: ['libmpi.so.40', 'libmpi.so.80', 'libmpi.so'],
  darwin: [
    'libmpi.40.dylib',
    'libmpi.dylib',
    '/opt/homebrew/lib/libmpi.dylib',
    '/usr/local/lib/libmpi.dylib',
  ],
};
const mpich = {
  linux: ['libmpich.so.12', 'libmpi.so.12', 'libmpi.so'],
  darwin: [
    'libmpi.12.dylib',
    'libmpi.dylib',
    '/opt/homebrew/lib/libmpi.dylib',
    '/usr/local/lib/libmpi.dylib',
  ],
};
const standard = {
  linux: ['libmpi_abi.so.1', 'libmpi_abi.so.0', 'libmpi_abi.so'],
  darwin: ['libmpi_abi.1.dylib', 'libmpi_abi.0.dylib', 'libmpi_abi.dylib'],
};

/** The names of libraries that can be the launcher's, the likeliest first. */
export function candidates(launcher: LauncherName | undefined, platform: string): readonly string[] {
  const system = platform === 'darwin' ? 'darwin' : 'linux';
  const families =
    launcher === 'hydra'
      ? [mpich, standard]
      : launcher === 'openmpi'
        ? [openMpi, standard]
        : [openMpi, mpich, standard];
  return [...new Set(families.flatMap((family) => family[system]))];
}

/**
 * UCX, which many an MPI stands on, changes the process that it is in. What Node cannot bear is left out, unless the user has said otherwise:
 * handlers of signals (by SIGSEGV V8 notices that WebAssembly leaves its memory); and events of memory, which it tries out by sbrk(page)
 * and sbrk(-page): a page of another thread's that allocates in between is lost, and the process crashes, once in some 200 starts.
 * It reads them when it is loaded.
 */
const ucxSettings = { UCX_ERROR_SIGNALS: '', UCX_MEM_EVENTS: 'n' };

/**
 * Loads the library of `file`, or else the one that belongs to the launcher.
 * @throws {UserError} where there is none, or koffi is missing
 */
export async function loadLibrary({
  file,
  launcher,
}: {
  readonly file?: string | undefined;
  readonly launcher?: LauncherName | undefined;
}): Promise<Library> {
  const koffi = await importKoffi();
  for (const [variable, value] of Object.entries(ucxSettings)) process.env[variable] ??= value;
  const tried = file === undefined ? candidates(launcher, process.platform) : [file];
  const faults: string[] = [];
  for (const name of tried) {
    // Parts that the library loads later find its symbols only where they are global.
    let loaded: LoadedLibrary;
    try {
      loaded = koffi.load(name, { global: true });
    } catch (error) {
      faults.push(`${name}: ${(error as Error).message}`);
      continue;
    }
    const library = understood(koffi, loaded, name);
    if (library === undefined) faults.push(`${name}: is no MPI whose binary interface is known`);
    else if (launcher === 'hydra' && file === undefined && library.flavorName === 'openmpi')
      faults.push(`${name}: is ${library.version}, which mpirun of MPICH cannot start`);
    else return library;
  }
  throw new UserError(
    `no MPI library could be loaded${launcher === undefined ? '' : ` for the launcher (${launcherWords[launcher]})`}:\n` +
      `${faults.map((fault) => `  ${fault}`).join('\n')}\n${advice(file, launcher)}`,
    ExitCode.environment,
  );
}

function advice(file: string | undefined, launcher: LauncherName | undefined): string {
  if (file !== undefined)
    return 'Name the file of a libmpi of Open MPI 4 or 5, MPICH 4, or MPI 5 (libmpi_abi).';
  const packages = {
    openmpi: 'openmpi-bin (Debian, Ubuntu)',
    hydra: 'mpich and libmpich12 (Debian, Ubuntu)',
    slurm: 'the MPI that this cluster has for srun --mpi',
  };
  const which = launcher === undefined ? `${packages.openmpi}, or ${packages.hydra}` : packages[launcher];
  return `Install ${which}; where it is elsewhere, LD_LIBRARY_PATH has to name its folder.`;
}

/** A loaded library with its binary interface; `undefined` if that is none of those that are known. */
function understood(koffi: Koffi, loaded: LoadedLibrary, file: string): Library | undefined {
  const version = versionOf(loaded);
  if (version === undefined) return undefined;
  const flavorName = flavorOf(loaded, version);
  if (flavorName === undefined) return undefined;
  const flavor = flavors[flavorName]((symbol) => loaded.symbol(symbol));
  return {
    file,
    flavorName,
    flavor,
    functions: bindFunctions(loaded, flavor.handle),
    version,
    addressOf: (view) => koffi.address(view),
  };
}

function flavorOf(loaded: LoadedLibrary, version: string): FlavorName | undefined {
  // Asked first: a library of the standard's interface may stand on one with another, whose symbols are found too.
  if (standardVersion(loaded) >= 1) return 'standard';
  if (has(loaded, 'ompi_mpi_comm_world')) return 'openmpi';
  return /MPICH|Intel|MVAPICH|CRAY/i.test(version) ? 'mpich' : undefined;
}

/** The version of the standard's binary interface that a library has; below 1 if it has another. */
function standardVersion(loaded: LoadedLibrary): number {
  if (!has(loaded, 'MPI_Abi_get_version')) return 0;
  const version = new Int32Array(2);
  const ask = loaded.func('MPI_Abi_get_version', 'int', ['void *', 'void *']);
  return ask(version.subarray(0, 1), version.subarray(1)) === 0 ? version[0]! : 0;
}

function versionOf(loaded: LoadedLibrary): string | undefined {
  if (!has(loaded, 'MPI_Get_library_version')) return undefined;
  // The longest of any MPI.
  const text = new Uint8Array(8192);
  const length = new Int32Array(1);
  const ask = loaded.func('MPI_Get_library_version', 'int', ['void *', 'void *']);
  if (ask(text, length) !== 0) return undefined;
  const said = Buffer.from(text.subarray(0, length[0])).toString();
  return shortVersion(said.replace(/\0.*/s, ''));
}

/** Such as `Open MPI 4.1.4` or `MPICH 4.0.2`, of a text that may tell how it was built; else its first line. */
export function shortVersion(said: string): string {
  const [, name, version] = /^(Open MPI|MPICH|MVAPICH\S*)(?: Version:)?\s+v?([^\s,]+)/.exec(said) ?? [];
  return name === undefined ? said.split('\n', 1)[0]!.trim() : `${name} ${version}`;
}

function has(loaded: LoadedLibrary, symbol: string): boolean {
  try {
    loaded.symbol(symbol);
    return true;
  } catch {
    return false;
  }
}

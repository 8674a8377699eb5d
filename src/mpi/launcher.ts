/** Who started this process as one of several ranks. */
export type LauncherName = 'openmpi' | 'hydra' | 'slurm';

export const launcherWords: Record<LauncherName, string> = {
  openmpi: "Open MPI's mpirun",
  hydra: "MPICH's mpirun",
  slurm: "Slurm's srun",
};

/** What the environment says of the ranks; MPI itself says the same once it is initialised. */
export interface LaunchedRanks {
  readonly launcher: LauncherName;
  readonly rank: number;
  readonly size: number;
  /** Of those on the same host; the rank itself where the launcher does not say. */
  readonly localRank: number;
}

interface Launcher {
  readonly name: LauncherName;
  readonly rank: string;
  readonly localRank: string;
  /** The first that is there counts. */
  readonly size: readonly string[];
  /** One of these has to be there too. */
  readonly besides?: readonly string[];
}

/**
 * The first row that fits counts. Hydra is the launcher of MPICH and of all that descends from it (Intel MPI, MVAPICH); in a Slurm job its
 * processes have Slurm's variables too, with other numbers in them. Slurm numbers the tasks of every job, also of a plain `sbatch` script
 * and of an `srun` that knows nothing of MPI: only where it offers PMI or PMIx did it start ranks.
 */
const launchers: readonly Launcher[] = [
  {
    name: 'openmpi',
    rank: 'OMPI_COMM_WORLD_RANK',
    localRank: 'OMPI_COMM_WORLD_LOCAL_RANK',
    size: ['OMPI_COMM_WORLD_SIZE'],
  },
  {
    name: 'hydra',
    rank: 'PMI_RANK',
    localRank: 'MPI_LOCALRANKID',
    size: ['PMI_SIZE'],
    besides: ['MPI_LOCALNRANKS', 'HYDI_CONTROL_FD'],
  },
  {
    name: 'slurm',
    rank: 'SLURM_PROCID',
    localRank: 'SLURM_LOCALID',
    size: ['SLURM_STEP_NUM_TASKS', 'SLURM_NTASKS'],
    besides: ['PMIX_RANK', 'PMI_RANK', 'PMI_FD', 'SLURM_PMI_FD'],
  },
  { name: 'hydra', rank: 'PMI_RANK', localRank: 'MPI_LOCALRANKID', size: ['PMI_SIZE'] },
];

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether a launcher started this process as one of several ranks, and as which. A single one is not launched. */
export function launchedRanks(env: Environment): LaunchedRanks | undefined {
  const launched = launchedProcess(env);
  return launched !== undefined && launched.size > 1 ? launched : undefined;
}

/** As `launchedRanks`, of a single one too. */
export function launchedProcess(env: Environment): LaunchedRanks | undefined {
  for (const { name, rank: rankName, localRank: localName, size: sizeNames, besides } of launchers) {
    const rank = count(env[rankName]);
    const size = count(sizeNames.map((variable) => env[variable]).find((text) => text !== undefined));
    if (rank === undefined || size === undefined || rank >= size) continue;
    if (besides?.some((variable) => env[variable] !== undefined) === false) continue;
    return { launcher: name, rank, size, localRank: count(env[localName]) ?? rank };
  }
  return undefined;
}

const count = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;

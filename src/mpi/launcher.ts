/** Who started this process as one of several ranks. */
export type LauncherName = 'openmpi' | 'hydra' | 'slurm';

/** What the environment says of the ranks; MPI itself says the same once it is initialised. */
export interface LaunchedRanks {
  readonly launcher: LauncherName;
  readonly rank: number;
  readonly size: number;
}

interface Launcher {
  readonly name: LauncherName;
  readonly rank: string;
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
  { name: 'openmpi', rank: 'OMPI_COMM_WORLD_RANK', size: ['OMPI_COMM_WORLD_SIZE'] },
  { name: 'hydra', rank: 'PMI_RANK', size: ['PMI_SIZE'], besides: ['MPI_LOCALNRANKS', 'HYDI_CONTROL_FD'] },
  {
    name: 'slurm',
    rank: 'SLURM_PROCID',
    size: ['SLURM_STEP_NUM_TASKS', 'SLURM_NTASKS'],
    besides: ['PMIX_RANK', 'PMI_RANK', 'PMI_FD', 'SLURM_PMI_FD'],
  },
  { name: 'hydra', rank: 'PMI_RANK', size: ['PMI_SIZE'] },
];

/** Whether a launcher started this process as one of several ranks, and as which. A single one is not launched. */
export function launchedRanks(env: Readonly<Record<string, string | undefined>>): LaunchedRanks | undefined {
  for (const { name, rank: rankName, size: sizeNames, besides } of launchers) {
    const rank = count(env[rankName]);
    const size = count(sizeNames.map((variable) => env[variable]).find((text) => text !== undefined));
    if (rank === undefined || size === undefined || rank >= size) continue;
    if (besides?.some((variable) => env[variable] !== undefined) === false) continue;
    return size > 1 ? { launcher: name, rank, size } : undefined;
  }
  return undefined;
}

const count = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;

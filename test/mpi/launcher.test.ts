import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { launchedRanks } from '#lockstep/mpi/launcher.js';

const launcher = suite('launcher');

const openMpi = { OMPI_COMM_WORLD_RANK: '1', OMPI_COMM_WORLD_SIZE: '4', OMPI_COMM_WORLD_LOCAL_RANK: '0' };
const hydra = { PMI_RANK: '2', PMI_SIZE: '3', PMI_FD: '6', MPI_LOCALNRANKS: '3', MPI_LOCALRANKID: '0' };
const batch = { SLURM_JOB_ID: '7', SLURM_PROCID: '0', SLURM_NTASKS: '8' };
const step = {
  ...batch,
  SLURM_PROCID: '5',
  SLURM_LOCALID: '1',
  SLURM_STEP_NUM_TASKS: '6',
  SLURM_NTASKS: '6',
};

for (const [title, env, expected] of [
  ['nothing', { PATH: '/bin' }, undefined],
  ["Open MPI's mpirun", openMpi, { launcher: 'openmpi', rank: 1, size: 4, localRank: 0 }],
  ["MPICH's mpirun", hydra, { launcher: 'hydra', rank: 2, size: 3, localRank: 0 }],
  ['an older PMI', { PMI_RANK: '0', PMI_SIZE: '2' }, { launcher: 'hydra', rank: 0, size: 2, localRank: 0 }],
  ['srun --mpi=pmix', { ...step, PMIX_RANK: '5' }, { launcher: 'slurm', rank: 5, size: 6, localRank: 1 }],
  ['srun --mpi=pmi2', { ...step, PMI_FD: '9' }, { launcher: 'slurm', rank: 5, size: 6, localRank: 1 }],
  [
    'srun that says only how many tasks the job has',
    { ...batch, PMI_FD: '9' },
    { launcher: 'slurm', rank: 0, size: 8, localRank: 0 },
  ],
  ['srun without MPI', step, undefined],
  ['an sbatch script', batch, undefined],
  ['a step of one task in a larger job', { ...batch, SLURM_STEP_NUM_TASKS: '1', PMIX_RANK: '0' }, undefined],
  [
    "MPICH's mpirun in a Slurm job",
    { ...batch, ...hydra },
    { launcher: 'hydra', rank: 2, size: 3, localRank: 0 },
  ],
  [
    "Open MPI's mpirun in a Slurm job",
    { ...batch, ...openMpi },
    { launcher: 'openmpi', rank: 1, size: 4, localRank: 0 },
  ],
  ['a single rank', { OMPI_COMM_WORLD_RANK: '0', OMPI_COMM_WORLD_SIZE: '1' }, undefined],
  ['a rank without a size', { OMPI_COMM_WORLD_RANK: '0' }, undefined],
  ['a rank that is no number', { PMI_RANK: '-1', PMI_SIZE: '2' }, undefined],
  ['a rank beyond the size', { PMI_RANK: '2', PMI_SIZE: '2' }, undefined],
] as const) {
  launcher(`${title}: ${expected === undefined ? 'takes part in nothing' : 'is recognised'}`, () => {
    assert.equal(launchedRanks(env), expected);
  });
}

launcher.run();

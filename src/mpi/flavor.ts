/**
 * MPI fixes names and arguments of its functions, and before version 5 not what a handle is. These are the binary interfaces that there
 * are: Open MPI's, MPICH's (Intel MPI and MVAPICH have it too) and the standard's own of MPI 5.
 */
export type FlavorName = 'openmpi' | 'mpich' | 'standard';

/** What has to be known of a binary interface to call it. Pointers are bigints, as koffi has them. */
export interface Flavor {
  /** The C type of a handle. */
  readonly handle: 'int' | 'intptr_t';
  readonly handleBytes: 4 | 8;
  readonly world: Handle;
  readonly byte: Handle;
  readonly errorsReturn: Handle;
  /** In place of one status that nobody reads. */
  readonly statusIgnore: bigint;
  /** Ints of a status, and which of them is the error code. */
  readonly status: { readonly ints: number; readonly error: number };
  readonly threadSerialized: number;
}

/** A communicator, datatype or request. */
export type Handle = number | bigint;

/** @param addressOf a symbol that the library exports: Open MPI's handles are addresses of such */
export const flavors: Readonly<Record<FlavorName, (addressOf: (symbol: string) => bigint) => Flavor>> = {
  openmpi: (addressOf) => ({
    handle: 'intptr_t',
    handleBytes: 8,
    world: addressOf('ompi_mpi_comm_world'),
    byte: addressOf('ompi_mpi_byte'),
    errorsReturn: addressOf('ompi_mpi_errors_return'),
    statusIgnore: 0n,
    status: { ints: 6, error: 2 },
    threadSerialized: 2,
  }),
  mpich: () => ({
    handle: 'int',
    handleBytes: 4,
    world: 0x44000000,
    byte: 0x4c00010d,
    errorsReturn: 0x54000001,
    statusIgnore: 1n,
    status: { ints: 5, error: 4 },
    threadSerialized: 2,
  }),
  // MPI 5.0, appendix A, and mpi_abi.h of MPICH 5.
  standard: () => ({
    handle: 'intptr_t',
    handleBytes: 8,
    world: 0x101n,
    byte: 0x247n,
    errorsReturn: 0x143n,
    statusIgnore: 0n,
    status: { ints: 8, error: 2 },
    threadSerialized: 2048,
  }),
};

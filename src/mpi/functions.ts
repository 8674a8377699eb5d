import { promisify } from 'node:util';
import type { Handle } from './flavor.js';
import type { LoadedLibrary } from './koffi.js';

/** Of memory: its address, or a view of it. */
export type Pointer = bigint | ArrayBufferView | null;

/** The functions of MPI that are called here, each answering an error code; 0 is success. */
export interface Functions {
  readonly initThread: (argc: null, argv: null, required: number, provided: Pointer) => number;
  /** On a thread of koffi's. */
  readonly finalize: () => Promise<number>;
  readonly abort: (comm: Handle, code: number) => number;
  /** C's, which ends the process whatever its threads do. */
  readonly exitAtOnce: (code: number) => number;
  readonly errorString: (code: number, text: Pointer, length: Pointer) => number;
  readonly processorName: (text: Pointer, length: Pointer) => number;
  readonly commRank: (comm: Handle, rank: Pointer) => number;
  readonly commSize: (comm: Handle, size: Pointer) => number;
  readonly commDup: (comm: Handle, made: Pointer) => number;
  readonly commSetErrhandler: (comm: Handle, handler: Handle) => number;
  readonly isend: Start;
  readonly irecv: Start;
  readonly sendInit: Start;
  readonly recvInit: Start;
  readonly startall: (count: number, requests: Pointer) => number;
  readonly testall: (count: number, requests: Pointer, flag: Pointer, statuses: Pointer) => number;
  readonly test: (request: Pointer, flag: Pointer, status: Pointer) => number;
  readonly requestFree: (request: Pointer) => number;
}

/** Makes a request of `count` elements of `type` at `memory`, to or from rank `peer`. */
type Start = (
  memory: Pointer,
  count: number,
  type: Handle,
  peer: number,
  tag: number,
  comm: Handle,
  request: Pointer,
) => number;

/** The functions of a library. @param handle the C type of its handles */
export function bindFunctions(library: LoadedLibrary, handle: 'int' | 'intptr_t'): Functions {
  const bind = (name: string, ...parameters: string[]) => library.func(`MPI_${name}`, 'int', parameters);
  const message = ['void *', 'int', handle, 'int', 'int', handle, 'void *'];
  return {
    initThread: bind('Init_thread', 'void *', 'void *', 'int', 'void *'),
    finalize: promisify(bind('Finalize').async),
    abort: bind('Abort', handle, 'int'),
    exitAtOnce: library.func('_exit', 'void', ['int']),
    errorString: bind('Error_string', 'int', 'void *', 'void *'),
    processorName: bind('Get_processor_name', 'void *', 'void *'),
    commRank: bind('Comm_rank', handle, 'void *'),
    commSize: bind('Comm_size', handle, 'void *'),
    commDup: bind('Comm_dup', handle, 'void *'),
    commSetErrhandler: bind('Comm_set_errhandler', handle, handle),
    isend: bind('Isend', ...message),
    irecv: bind('Irecv', ...message),
    sendInit: bind('Send_init', ...message),
    recvInit: bind('Recv_init', ...message),
    startall: bind('Startall', 'int', 'void *'),
    testall: bind('Testall', 'int', 'void *', 'void *', 'void *'),
    test: bind('Test', 'void *', 'void *', 'void *'),
    requestFree: bind('Request_free', 'void *'),
  };
}

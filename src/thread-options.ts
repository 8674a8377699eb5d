/**
 * For the threads of a pool. Piscina tries `require` before `import`, and Node 20 aborts the whole process where a thread that is
 * loading an ES module by `require` is ended: as the one is that takes a dead thread's place while the pool is closed.
 */
export const threadOptions = { execArgv: ['--no-experimental-require-module'] };

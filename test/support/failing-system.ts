import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A system that fails on request: a library that is loaded before the C library and lets calls on chosen paths fail. It needs Linux and a
 * C compiler; where there is none, `failingSystem` says undefined, and the test says that it is skipped.
 */

export interface Failure {
  /** Part of the paths that are meant. */
  readonly path: string;
  readonly call: 'open' | 'read' | 'write' | 'sync' | 'rename';
  /** As `errno.h` numbers it on Linux. */
  readonly error: keyof typeof errors;
  /** Calls that go well before the first failure; by default none. */
  readonly after?: number;
  /** Failures, after which all goes well again; by default without end. */
  readonly times?: number;
}

const errors = { EIO: 5, ENOMEM: 12, EACCES: 13, ENFILE: 23, EMFILE: 24, ENOSPC: 28, ESTALE: 116 } as const;

export interface FailingSystem {
  /** The environment of a process in which the calls fail. */
  environment(failure: Failure): NodeJS.ProcessEnv;
  close(): void;
}

export function failingSystem(): FailingSystem | undefined {
  if (process.platform !== 'linux') return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-failing-'));
  const close = () => rmSync(folder, { recursive: true, force: true });
  const [source, library] = [join(folder, 'failing.c'), join(folder, 'failing.so')];
  writeFileSync(source, code);
  const built = spawnSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl']);
  if (built.status !== 0) {
    close();
    return undefined;
  }
  return {
    close,
    environment: ({ path, call, error, after = 0, times = 1e9 }) => ({
      ...process.env,
      LD_PRELOAD: library,
      FAILING: [call, errors[error], after, times, path].join(' '),
    }),
  };
}

/** Descriptors of matching files are remembered from their opening on. Counters are shared by the threads of a process. */
const code = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static char call[8], path[4096];
static int number, after, times;
static atomic_int calls;
static atomic_char meant[65536];

__attribute__((constructor)) static void begin(void) {
  const char *text = getenv("FAILING");
  if (text == NULL || sscanf(text, "%7s %d %d %d %4095[^\\n]", call, &number, &after, &times, path) != 5) call[0] = 0;
}

static int fails(const char *what) {
  if (strcmp(what, call) != 0) return 0;
  int at = atomic_fetch_add(&calls, 1);
  if (at < after || at - after >= times) return 0;
  errno = number;
  return 1;
}

static int remembered(int file, int is) {
  if (file >= 0 && file < 65536) meant[file] = is;
  return file;
}

#define OPEN(name, before, pass)                                              \\
  int name(before const char *file, int flags, ...) {                         \\
    static int (*real)();                                                     \\
    if (!real) real = (int (*)())dlsym(RTLD_NEXT, #name);                     \\
    va_list rest; va_start(rest, flags);                                      \\
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;   \\
    va_end(rest);                                                             \\
    int is = call[0] && strstr(file, path) != NULL;                           \\
    if (is && fails("open")) return -1;                                       \\
    return remembered(real(pass file, flags, mode), is);                      \\
  }
#define NOTHING
#define COMMA ,
OPEN(open, NOTHING, NOTHING)
OPEN(open64, NOTHING, NOTHING)
OPEN(openat, int folder COMMA, folder COMMA)
OPEN(openat64, int folder COMMA, folder COMMA)

#define BY_FILE(what, type, name, parameters, arguments)                      \\
  type name parameters {                                                      \\
    static type (*real)();                                                    \\
    if (!real) real = (type (*)())dlsym(RTLD_NEXT, #name);                    \\
    if (call[0] && file >= 0 && file < 65536 && meant[file] && fails(what)) return -1; \\
    return real arguments;                                                    \\
  }
BY_FILE("read", ssize_t, read, (int file, void *into, size_t bytes), (file, into, bytes))
BY_FILE("read", ssize_t, pread, (int file, void *into, size_t bytes, off_t at), (file, into, bytes, at))
BY_FILE("read", ssize_t, pread64, (int file, void *into, size_t bytes, off64_t at), (file, into, bytes, at))
BY_FILE("read", ssize_t, readv, (int file, const struct iovec *parts, int count), (file, parts, count))
BY_FILE("read", ssize_t, preadv, (int file, const struct iovec *parts, int count, off_t at), (file, parts, count, at))
BY_FILE("read", ssize_t, preadv64, (int file, const struct iovec *parts, int count, off64_t at), (file, parts, count, at))
BY_FILE("write", ssize_t, write, (int file, const void *from, size_t bytes), (file, from, bytes))
BY_FILE("write", ssize_t, pwrite, (int file, const void *from, size_t bytes, off_t at), (file, from, bytes, at))
BY_FILE("write", ssize_t, pwrite64, (int file, const void *from, size_t bytes, off64_t at), (file, from, bytes, at))
BY_FILE("write", ssize_t, writev, (int file, const struct iovec *parts, int count), (file, parts, count))
BY_FILE("write", ssize_t, pwritev, (int file, const struct iovec *parts, int count, off_t at), (file, parts, count, at))
BY_FILE("write", ssize_t, pwritev64, (int file, const struct iovec *parts, int count, off64_t at), (file, parts, count, at))
BY_FILE("sync", int, fsync, (int file), (file))
BY_FILE("sync", int, fdatasync, (int file), (file))

int rename(const char *from, const char *to) {
  static int (*real)();
  if (!real) real = (int (*)())dlsym(RTLD_NEXT, "rename");
  if (call[0] && strstr(to, path) != NULL && fails("rename")) return -1;
  return real(from, to);
}
`;

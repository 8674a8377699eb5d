import { pathToFileURL } from 'node:url';
import { hashOfModule } from '../config/modules.js';
import { ExitCode, UserError } from '../errors.js';
import { isOfMachine } from '../files/unreadable.js';
import type { ImportModule } from '../graph/custom-code.js';

/** Modules of own code on Node. Its URL has the file's hash: a process that lives long gets a changed file anew. */
export const importModule: ImportModule = async ({ module, sha256 }) => {
  refuseTypeScript(module);
  const found = hashOf(module);
  if (sha256 !== undefined && sha256 !== found) {
    throw new UserError(
      `${module} is another file than the config says: its SHA-256 is ${found}, and was ${sha256}. Put it back as it was, or start a new run ` +
        'with a config without sha256 (and --init, to begin with these weights)',
      ExitCode.usage,
      { path: module },
    );
  }
  return import(`${pathToFileURL(module).href}?sha256=${found.slice(0, 16)}`);
};

/** Node 26 crashes where it takes the types off a module under the V8 flags of the kernels; Node 20 cannot take them off. */
function refuseTypeScript(module: string): void {
  if (!/\.[cm]?tsx?$/.test(module)) return;
  throw new UserError(
    `${module} is TypeScript, and the threads load JavaScript alone; compile it, and name the .js file`,
    ExitCode.usage,
    { path: module },
  );
}

function hashOf(module: string): string {
  try {
    return hashOfModule(module);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no such file' : `it cannot be read: ${message}`;
    throw new UserError(
      `${module}: ${reason}; put the module there`,
      isOfMachine(error) ? ExitCode.environment : ExitCode.usage,
      { cause: error, path: module },
    );
  }
}

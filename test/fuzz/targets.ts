import type { Target } from './target.js';

/** All targets, each loaded when it is tried: one that reads no image need not wait for sharp. */
export const targets = {
  'config-text': async () => (await import('./targets/config.js')).configText,
  'config-value': async () => (await import('./targets/config.js')).configValue,
  safetensors: async () => (await import('./targets/safetensors.js')).safetensors,
  onnx: async () => (await import('./targets/onnx.js')).onnx,
  packed: async () => (await import('./targets/packed.js')).packed,
  lists: async () => (await import('./targets/sources.js')).lists,
  csv: async () => (await import('./targets/sources.js')).csv,
  folders: async () => (await import('./targets/sources.js')).folders,
  layouts: async () => (await import('./targets/layouts.js')).layouts,
  idx: async () => (await import('./targets/sources.js')).idx,
  arrays: async () => (await import('./targets/arrays.js')).arrays,
  cifar: async () => (await import('./targets/sources.js')).cifar,
  tar: async () => (await import('./targets/tar.js')).tar,
  images: async () => (await import('./targets/images.js')).images,
  arguments: async () => (await import('./targets/arguments.js')).commandLines,
  processes: async () => (await import('./targets/arguments.js')).processes,
  requests: async () => (await import('./targets/dashboard.js')).requests,
  sockets: async () => (await import('./targets/dashboard-sockets.js')).sockets,
  'run-files': async () => (await import('./targets/run-files.js')).runFiles,
  failures: async () => (await import('./targets/system.js')).failures,
} satisfies Record<string, () => Promise<Target>>;

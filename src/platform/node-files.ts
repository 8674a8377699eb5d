import { closeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { openFile } from '../files/open-file.js';
import { readFully } from '../files/transfer.js';
import { unreadable, whileReading } from '../files/unreadable.js';
import type { Files, OpenFile } from './platform.js';

/** Files on Node. In a separate module, since threads need only these. */
export const nodeFiles: Files = {
  open(path): OpenFile {
    const { file } = whileReading(path, () => openFile(path));
    return {
      read(into, position, offset, length) {
        try {
          return readFully(file, into, position, offset, length);
        } catch (error) {
          throw unreadable(path, error);
        }
      },
      close: () => closeSync(file),
    };
  },
  /** 3 GB/s. */
  checksum: (bytes) => crc32(bytes),
};

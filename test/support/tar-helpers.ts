import { Header } from 'tar';

/** A tar file from headers and bodies by hand. */
export function tarOf(
  ...entries: readonly [
    name: string,
    body: string | Uint8Array,
    type?: 'File' | 'NextFileHasLongPath' | 'SymbolicLink',
  ][]
) {
  const blocks = entries.flatMap(([path, body, type = 'File']) => {
    const bytes = Buffer.from(body);
    const block = Buffer.alloc(512);
    new Header({ path, size: bytes.length, type, mode: 0o644 }).encode(block);
    return [block, bytes, Buffer.alloc(-bytes.length & 511)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

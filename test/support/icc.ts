/** A small ICC profile (ICC.1:2001-04, lut8Type) of a press whose inks all look gray. */

/** `lightnessOf` says L* of the paper with cyan, magenta, yellow and key ink, 0 or 1 each; between them it is linear. */
export function grayInks(lightnessOf: (c: number, m: number, y: number, k: number) => number): Buffer {
  const table = Buffer.alloc(48 + 4 * 256 + 16 * 3 + 3 * 256);
  table.write('mft1', 0, 'latin1');
  // Four inks, L*a*b*, two grid points an ink; the identity matrix.
  table.set([4, 3, 2], 8);
  for (const row of [0, 1, 2]) table.writeInt32BE(0x10000, 12 + 16 * row);
  const same = Uint8Array.from({ length: 256 }, (_, i) => i);
  for (let ink = 0; ink < 4; ink++) table.set(same, 48 + 256 * ink);
  for (let i = 0; i < 16; i++) {
    const lightness = lightnessOf((i >> 3) & 1, (i >> 2) & 1, (i >> 1) & 1, i & 1);
    table.set([Math.round(2.55 * lightness), 128, 128], 48 + 1024 + 3 * i);
  }
  for (let value = 0; value < 3; value++) table.set(same, 48 + 1024 + 48 + 256 * value);
  return profile([
    ['A2B0', table],
    ['wtpt', Buffer.concat([Buffer.from('XYZ \0\0\0\0', 'latin1'), xyz(0.9642, 1, 0.8249)])],
    ['cprt', Buffer.from('text\0\0\0\0none\0\0\0\0', 'latin1')],
  ]);
}

/** A JPEG file with this profile in it. */
export function withProfile(jpeg: Uint8Array, icc: Uint8Array): Buffer {
  const head = Buffer.from('\xff\xe2\0\0ICC_PROFILE\0\x01\x01', 'latin1');
  head.writeUInt16BE(head.length - 2 + icc.length, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, icc, jpeg.subarray(2)]);
}

function profile(tags: readonly (readonly [name: string, data: Buffer])[]): Buffer {
  const index = Buffer.alloc(4 + 12 * tags.length);
  index.writeUInt32BE(tags.length);
  let at = 128 + index.length;
  for (const [i, [name, data]] of tags.entries()) {
    index.write(name, 4 + 12 * i, 'latin1');
    index.writeUInt32BE(at, 8 + 12 * i);
    index.writeUInt32BE(data.length, 12 + 12 * i);
    at += data.length;
  }
  const header = Buffer.alloc(128);
  header.writeUInt32BE(at, 0);
  header.writeUInt32BE(0x02400000, 8);
  header.write('prtrCMYKLab ', 12, 'latin1');
  header.write('acsp', 36, 'latin1');
  header.set(xyz(0.9642, 1, 0.8249), 68);
  return Buffer.concat([header, index, ...tags.map(([, data]) => data)]);
}

/** Fixed point with 16 bits behind it. */
function xyz(...values: number[]): Buffer {
  const bytes = Buffer.alloc(12);
  for (const [i, value] of values.entries()) bytes.writeInt32BE(Math.round(value * 0x10000), 4 * i);
  return bytes;
}

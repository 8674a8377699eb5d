/** TIFF files as other programs write them: the directory first, so that a file that is cut short still says what it holds. */

export interface TiffFile {
  readonly width: number;
  readonly height: number;
  readonly channels?: number;
  readonly bits?: number;
  /** 1 unsigned, 2 signed, 3 float. */
  readonly sampleFormat?: number;
  /** 1 none, 5 LZW, 7 JPEG, 8 deflate. */
  readonly compression?: number;
  readonly photometric?: number;
  /** One strip. */
  readonly data: Uint8Array;
  /** Tags of shorts. */
  readonly tags?: Readonly<Record<number, number>>;
}

export function tiff(file: TiffFile): Buffer {
  const { width, height, channels = 1, bits = 8, sampleFormat = 1, compression = 1, data } = file;
  const photometric = file.photometric ?? (channels >= 3 ? 2 : 1);
  const strip = 'strip';
  type Entry = readonly [tag: number, type: number, value: number | typeof strip, count?: number];
  const entries: Entry[] = [
    [256, 4, width],
    [257, 4, height],
    [258, 3, bits, channels],
    [259, 3, compression],
    [262, 3, photometric],
    [273, 4, strip],
    [277, 3, channels],
    [278, 4, height],
    [279, 4, data.length],
    [284, 3, 1],
    [339, 3, sampleFormat, channels],
    ...Object.entries(file.tags ?? {}).map(([tag, value]): Entry => [Number(tag), 3, value]),
  ];
  entries.sort(([a], [b]) => a - b);
  const parts: Buffer[] = [];
  const head = Buffer.alloc(8 + 2 + 12 * entries.length + 4);
  head.write('II*\0', 'latin1');
  head.writeUInt32LE(8, 4);
  head.writeUInt16LE(entries.length, 8);
  let end = head.length;
  let stripAt = 0;
  for (const [i, [tag, type, value, count = 1]] of entries.entries()) {
    const at = 10 + 12 * i;
    head.writeUInt16LE(tag, at);
    head.writeUInt16LE(type, at + 2);
    head.writeUInt32LE(count, at + 4);
    if (value === strip) stripAt = at + 8;
    else if (type === 4) head.writeUInt32LE(value, at + 8);
    else if (count <= 2) for (let k = 0; k < count; k++) head.writeUInt16LE(value, at + 8 + 2 * k);
    else {
      head.writeUInt32LE(end, at + 8);
      parts.push(Buffer.from(new Uint16Array(count).fill(value).buffer));
      end += 2 * count;
    }
  }
  head.writeUInt32LE(end, stripAt);
  return Buffer.concat([head, ...parts, data]);
}

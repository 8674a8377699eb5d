/** Reads the first directory of a TIFF file (TIFF 6.0, section 2; BigTIFF has the same structure with wider numbers). */

export interface TiffHeader {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** Bits per channel value. */
  readonly bits: number;
  /** 1 unsigned, 2 signed, 3 float. */
  readonly sampleFormat: number;
  readonly compression: number;
  /** Tag 262; 8 is CIELab. */
  readonly photometric: number;
  readonly tiled: boolean;
  /** Rows that are decoded at a time: those of a strip or a tile. */
  readonly rows: number;
  /** Size of the image rounded up to whole tiles. */
  readonly paddedWidth: number;
  readonly paddedHeight: number;
}

/** Whether the file contains JPEG data, of the old kind or the new. */
export const jpegInside = (header: TiffHeader): boolean => [6, 7].includes(header.compression);

const tags = {
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  photometric: 262,
  channels: 277,
  rowsPerStrip: 278,
  tileWidth: 322,
  tileLength: 323,
  sampleFormat: 339,
} as const;

/** Undefined where the header is incomplete. */
export function tiffHeader(file: Buffer): TiffHeader | undefined {
  try {
    const entries = directoryOf(file);
    const of = (tag: keyof typeof tags, otherwise: number) => entries.get(tags[tag]) ?? otherwise;
    const [width, height] = [of('width', 0), of('height', 0)];
    if (width === 0 || height === 0) return undefined;
    const tileLength = entries.get(tags.tileLength);
    return {
      width,
      height,
      channels: of('channels', 1),
      bits: of('bits', 1),
      sampleFormat: of('sampleFormat', 1),
      compression: of('compression', 1),
      photometric: of('photometric', 1),
      tiled: tileLength !== undefined,
      rows: tileLength ?? Math.min(height, of('rowsPerStrip', height)),
      paddedWidth: tileLength === undefined ? width : padded(width, of('tileWidth', width)),
      paddedHeight: tileLength === undefined ? height : padded(height, tileLength),
    };
  } catch (error) {
    if (error instanceof RangeError) return undefined; // beyond the file's end
    throw error;
  }
}

const padded = (size: number, tile: number) => Math.ceil(size / Math.max(tile, 1)) * tile;

/** The first value of each tag whose values are shorts or longs. */
function directoryOf(file: Buffer): Map<number, number> {
  const little = file[0] === 0x49;
  const short = (at: number) => (little ? file.readUInt16LE(at) : file.readUInt16BE(at));
  const long = (at: number) => (little ? file.readUInt32LE(at) : file.readUInt32BE(at));
  const wide = (at: number) => Number(little ? file.readBigUInt64LE(at) : file.readBigUInt64BE(at));
  const big = short(2) === 43;
  const begin = big ? wide(8) : long(4);
  const count = big ? wide(begin) : short(begin);
  const [first, bytes, inline] = big ? [begin + 8, 20, 8] : [begin + 2, 12, 4];
  const entries = new Map<number, number>();
  for (let at = first; at < first + count * bytes; at += bytes) {
    const type = short(at + 2);
    const values = big ? wide(at + 4) : long(at + 4);
    const field = at + (big ? 12 : 8);
    const size = type === 3 ? 2 : type === 4 ? 4 : undefined;
    if (size === undefined) continue;
    const place = values * size <= inline ? field : big ? wide(field) : long(field);
    entries.set(short(at), size === 2 ? short(place) : long(place));
  }
  return entries;
}

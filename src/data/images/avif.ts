/**
 * Refuses AVIF files that take too long to decode (ISO/IEC 14496-12, 23008-12; AV1, section 5): an image may be composed of others,
 * recursively, and may hold any number of frames of which one is shown. A few bytes could take hours.
 */

/** An intact image has one frame, or one for each layer. */
const mostFrames = 8;

/** Throws an Error where the file is composed of several images, or holds too many frames. The decoder reports other faults. */
export function requireOneImage(file: Buffer): void {
  let images: Items | undefined;
  try {
    images = itemsOf(file);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  if (images === undefined) throw new Error('corrupt header');
  const { primary, types, data } = images;
  const type = types.get(primary);
  if (type !== undefined && ['grid', 'iovl', 'iden', 'tmap'].includes(type)) {
    throw new Error('it is put together of several images (AVIF), which is not read; save it as one');
  }
  for (const [id, itemType] of types) {
    const frames = itemType === 'av01' ? framesIn(data(id)) : 0;
    if (frames > mostFrames)
      throw new Error(`it holds more than ${mostFrames} frames in one image (AVIF); save it as one`);
  }
}

interface Items {
  readonly primary: number;
  readonly types: ReadonlyMap<number, string>;
  data(id: number): Buffer;
}

interface Box {
  readonly type: string;
  readonly body: Buffer;
}

function* boxesIn(bytes: Buffer): Generator<Box> {
  for (let at = 0; at + 8 <= bytes.length; ) {
    const short = bytes.readUInt32BE(at);
    const size =
      short === 1 ? Number(bytes.readBigUInt64BE(at + 8)) : short === 0 ? bytes.length - at : short;
    const head = short === 1 ? 16 : 8;
    if (size < head) return;
    yield { type: bytes.toString('latin1', at + 4, at + 8), body: bytes.subarray(at + head, at + size) };
    at += size;
  }
}

/** Undefined where the file has no image items. Throws a RangeError where it is cut short. */
function itemsOf(file: Buffer): Items | undefined {
  const meta = [...boxesIn(file)].find(({ type }) => type === 'meta');
  if (meta === undefined) return undefined;
  const inner = new Map([...boxesIn(meta.body.subarray(4))].map(({ type, body }) => [type, body]));
  const [primary, infos, places] = [inner.get('pitm'), inner.get('iinf'), inner.get('iloc')];
  if (primary === undefined || infos === undefined || places === undefined) return undefined;
  const types = new Map<number, string>();
  for (const { body } of boxesIn(infos.subarray(infos[0] === 0 ? 6 : 8))) {
    const wide = body[0] === 3;
    types.set(
      wide ? body.readUInt32BE(4) : body.readUInt16BE(4),
      body.toString('latin1', wide ? 10 : 8, wide ? 14 : 12),
    );
  }
  const extents = extentsOf(places, file, inner.get('idat') ?? Buffer.alloc(0));
  return {
    primary: primary[0] === 0 ? primary.readUInt16BE(4) : primary.readUInt32BE(4),
    types,
    data: (id) => Buffer.concat(extents.get(id) ?? []),
  };
}

/** Where each item's bytes lie, in order. */
function extentsOf(iloc: Buffer, file: Buffer, idat: Buffer): Map<number, Buffer[]> {
  const version = iloc[0]!;
  let at = 6;
  const read = (bytes: number) => {
    const value =
      bytes === 8 ? Number(iloc.readBigUInt64BE(at)) : bytes === 0 ? 0 : iloc.readUIntBE(at, bytes);
    at += bytes;
    return value;
  };
  const sizes = iloc.readUInt16BE(4);
  const [ofOffset, ofLength, ofBase] = [sizes >> 12, (sizes >> 8) & 15, (sizes >> 4) & 15];
  const ofIndex = version === 0 ? 0 : sizes & 15;
  const count = read(version < 2 ? 2 : 4);
  const all = new Map<number, Buffer[]>();
  for (let item = 0; item < count; item++) {
    const id = read(version < 2 ? 2 : 4);
    const from = version === 0 ? 0 : read(2) & 15;
    read(2);
    const base = read(ofBase);
    const pieces: Buffer[] = [];
    for (let extents = read(2); extents > 0; extents--) {
      read(ofIndex);
      const begin = base + read(ofOffset);
      const length = read(ofLength);
      const bytes = from === 0 ? file : idat;
      pieces.push(bytes.subarray(begin, length === 0 ? bytes.length : begin + length));
    }
    all.set(id, pieces);
  }
  return all;
}

/** Counts the frames in these OBUs, up to `mostFrames` + 1. */
function framesIn(obus: Buffer): number {
  let frames = 0;
  for (let at = 0; at < obus.length && frames <= mostFrames; ) {
    const head = obus[at]!;
    const type = (head >> 3) & 15;
    if (type === 3 || type === 6) frames++;
    at += (head & 4) === 0 ? 1 : 2;
    if ((head & 2) === 0) break; // without a size, the OBU takes the rest
    let size = 0;
    for (let i = 0, byte = 128; byte >= 128 && i < 8; i++) {
      byte = obus[at++] ?? 0;
      size += (byte & 127) * 128 ** i;
    }
    at += size;
  }
  return frames;
}

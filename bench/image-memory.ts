import { execFileSync } from 'node:child_process';
import { copyFileSync, createWriteStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { crc32, createDeflate } from 'node:zlib';
import { configSchema } from '#lockstep/config/schema.js';
import { openDataset } from '#lockstep/data/open.js';
import { printTable } from './table.js';

/**
 * npm run bench:image-memory -- [--side PIXELS] [--count IMAGES]
 *
 * Peak resident memory of a process that packs images which can only be decoded as a whole: interlaced PNG of 16 bits a channel, plain
 * and so dark that their values are looked at as they are stored.
 */

const { values } = parseArgs({
  options: {
    side: { type: 'string', default: '10000' },
    count: { type: 'string', default: '12' },
    pack: { type: 'string' },
    limit: { type: 'string', default: '1024' },
  },
});

/** Rows of each pass of Adam7 (ISO/IEC 15948, 8.2): first column and row, and the steps. */
const passes = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

function* filteredRows(side: number, level: number): Generator<Buffer> {
  for (const [x, y, stepX, stepY] of passes) {
    const row = Buffer.alloc(1 + 6 * Math.ceil((side - x) / stepX));
    for (let at = 1; at < row.length; at += 2) row.writeUInt16BE(level, at);
    for (let i = y; i < side; i += stepY) yield row;
  }
}

async function writePng(path: string, side: number, level: number): Promise<void> {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([16, 2, 0, 0, 1], 8);
  async function* chunks(): AsyncGenerator<Buffer> {
    yield Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
    yield chunk('IHDR', header);
    const coded = Readable.from(filteredRows(side, level), { objectMode: false }).pipe(
      createDeflate({ level: 1 }),
    );
    for await (const part of coded) yield chunk('IDAT', part as Buffer);
    yield chunk('IEND', Buffer.alloc(0));
  }
  await pipeline(chunks, createWriteStream(path));
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** In a process of its own: its peak in MiB, and the seconds, or why it was refused. */
async function pack(dir: string, limit: number): Promise<string> {
  const data = configSchema.shape.data.parse({
    ...{ dir, cache: `${dir}-packed`, maxImageMemory: limit },
    features: { type: 'pixels', width: 64, height: 64, normalize: 'mean' },
  });
  const start = performance.now();
  const said = await openDataset(data, { threads: availableParallelism() }).then(
    () => 'packed',
    (error: Error) => error.message.split('\n').at(-1)!.replace(/^.*: /, 'refused: '),
  );
  const seconds = (performance.now() - start) / 1e3;
  return `${Math.round(process.resourceUsage().maxRSS / 1024)} MiB\t${seconds.toFixed(0)} s\t${said}`;
}

async function measure(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-image-memory-'));
  try {
    const rows: Record<string, string>[] = [];
    for (const [name, level, limit] of [
      ['plain', 40_000, 1024],
      ['dark', 200, 1024],
      ['dark', 200, 2048],
    ] as const) {
      const dir = join(folder, `${name}-${limit}`);
      mkdirSync(dir);
      await writePng(join(dir, '0.png'), Number(values.side), level);
      const names = Array.from({ length: Number(values.count) }, (_, i) => `${i}.png`);
      for (const each of names.slice(1)) copyFileSync(join(dir, '0.png'), join(dir, each));
      for (const list of ['train.txt', 'val.txt', 'test.txt']) {
        const own = list === 'train.txt' ? names.slice(2) : names.slice(0, 1);
        writeFileSync(join(dir, list), own.map((each) => `${each} 0\n`).join(''));
      }
      const args = [fileURLToPath(import.meta.url), '--pack', dir, '--limit', String(limit)];
      const [peak, seconds, said] = execFileSync(process.execPath, args, { encoding: 'utf8' })
        .trim()
        .split('\t');
      rows.push({ images: name, limit: `${limit} MiB`, peak: peak!, time: seconds!, result: said! });
    }
    printTable(`${values.count} PNG of ${values.side} x ${values.side}, 16 bits, interlaced`, rows);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (values.pack === undefined) await measure();
else console.log(await pack(values.pack, Number(values.limit)));

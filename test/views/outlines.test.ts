import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { renderMatrix } from '#lockstep/views/charts/confusion-matrix.js';
import { renderCurves } from '#lockstep/views/charts/run-curves.js';
import { outlined } from '#lockstep/views/pictures/outlines.js';

const outlines = suite('text as outlines');

const picture = (attributes: string, text: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="200" height="60"><text ${attributes}>${text}</text></svg>`;

/** Columns and rows of the picture's ink: the first and the last, from 0. */
async function inkOf(svg: string) {
  const { data, info } = await sharp(Buffer.from(svg))
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const inked = Array.from({ length: info.width * info.height }, (_, i) => i).filter(
    (i) => data[4 * i + 3]! > 64,
  );
  const [columns, rows] = [inked.map((i) => i % info.width), inked.map((i) => Math.floor(i / info.width))];
  return {
    left: Math.min(...columns),
    right: Math.max(...columns),
    top: Math.min(...rows),
    bottom: Math.max(...rows),
  };
}

outlines('letters of Latin, Greek, Cyrillic and signs become paths', async () => {
  for (const text of ['loss', 'Größe', 'Ελλάδα', 'кошка', '1.05 %', '“x” → …', '&lt;&amp;&gt;&quot;&#39;']) {
    const svg = await outlined(picture('style="font-size:20px;font-family:sans-serif;"', text));
    assert.not.match(svg, '<text');
    assert.match(svg, /<path d="M/);
  }
});

outlines('text without letters in the font, or whose letters join, stays text', async () => {
  for (const text of ['猫', 'cat 猫', 'قط', 'हिन्दी', 'חתול']) {
    const svg = picture('x="1" y="20" font-size="12"', text);
    assert.is(await outlined(svg), svg);
  }
});

outlines('text stands where its attributes say: anchor, middle line, weight, transform, colour', async () => {
  const at = (attributes: string) =>
    outlined(picture(`y="40" font-size="20" ${attributes}`, 'HHHHH')).then(inkOf);
  const start = await at('x="100"');
  const middle = await at('x="100" text-anchor="middle"');
  const end = await at('x="100" text-anchor="end"');
  assert.ok(start.left >= 100 && start.left <= 103, `${start.left}`);
  assert.ok(end.right <= 100 && end.right >= 96, `${end.right}`);
  assert.ok(Math.abs((middle.left + middle.right) / 2 - 100) <= 1);
  // Capitals stand on the line and are 0.73 of the size high.
  assert.is(start.bottom, 39);
  assert.ok(Math.abs(start.top - (40 - 0.73 * 20)) <= 1, `${start.top}`);
  const central = await at('x="100" dominant-baseline="central"');
  assert.ok(Math.abs((central.top + central.bottom) / 2 - 40) <= 1.5);
  const bold = await at('x="100" style="font-size:20px;font-weight:bold"');
  assert.ok(bold.right > start.right + 3);
  const moved = await at('x="100" transform="translate(10 5)"');
  assert.equal([moved.left, moved.bottom], [start.left + 10, start.bottom + 5]);
  assert.match(await outlined(picture('font-size="9" fill="#0072B2" x="1" y="9"', 'a')), 'fill="#0072B2"');
});

outlines('a letter whose middle is at 0 is whole: each number of its path stands alone', async () => {
  const at = 'font-size="12" y="6" dominant-baseline="central" text-anchor="middle"';
  const counts = { M: 2, L: 2, Q: 4, C: 6, Z: 0 } as const;
  for (const text of ['0', '8', 'o', 'epoch 0']) {
    const [, data] = / d="([^"]*)"/.exec(await outlined(picture(at, text)))!;
    for (const [, type, numbers] of data!.matchAll(/([MLQCZ])([^MLQCZ]*)/g)) {
      const count = numbers!.match(/-?\d+(?:\.\d{1,2})?/g)?.length ?? 0;
      assert.is(count, counts[type as keyof typeof counts], `${text}: ${type}${numbers}`);
    }
  }
});

outlines('pictures have no text left whose fonts the machine would choose', async () => {
  const split = { loss: 1, top1: 0.5, top5: 1 };
  const curves = await renderCurves('a <name>', [{ epoch: 1, train: split, validation: split }]);
  const matrix = renderMatrix({
    names: ['a', 'b'],
    samples: [1, 1],
    cells: [{ row: 0, column: 1, samples: 1 }],
  });
  for (const svg of [curves, matrix]) {
    assert.match(svg, '<text');
    assert.not.match(await outlined(svg), '<text');
  }
});

outlines('a machine without fonts draws the same bytes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-fonts-'));
  try {
    const none = join(folder, 'none.conf');
    writeFileSync(
      none,
      '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig></fontconfig>',
    );
    const script = `
      const { toPng } = await import(${JSON.stringify(new URL('../../views/charts/render.js', import.meta.url).href)});
      process.stdout.write(await toPng(${JSON.stringify(picture('x="9" y="40" font-size="30"', 'epoch 1'))}));`;
    const draw = (env: NodeJS.ProcessEnv) =>
      execFileSync(process.execPath, ['--input-type=module', '-e', script], {
        env: { ...process.env, ...env },
      });
    const bare = draw({ FONTCONFIG_FILE: none });
    assert.ok(bare.length > 500);
    assert.ok(bare.equals(draw({})));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

outlines.run();

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Font, PathCommand } from 'opentype.js/dist/opentype.min.mjs';

/**
 * Text of a picture as outlines of the font that comes with lockstep (DejaVu Sans): the letters are the same on every machine, also on one
 * without fonts, where a letter else becomes a box.
 */

/** The font's files, by their weight. */
const weights = { normal: 400, bold: 700 } as const;
type Weight = keyof typeof weights;

/** What is written from right to left, or whose letters depend on those beside them. */
const shaped = /[\u0590-\u08ff\u0900-\u109f\ufb1d-\ufdff\ufe70-\ufefe]|\p{M}/u;

const fonts = new Map<Weight, Font>();

/**
 * The SVG, its `<text>` elements as paths. Text that the font has no letters for, such as Chinese or Arabic, stays text: it is drawn in
 * what fonts the machine has.
 * @param svg of charts, sheets and matrices: text without elements in it, its font's size in its style or an attribute
 */
export async function outlined(svg: string): Promise<string> {
  const elements = [...svg.matchAll(/<text\b[^>]*>[^<]*<\/text>/g)].map(([text]) => text);
  const used = new Set(elements.map(weightOf));
  for (const weight of used) if (!fonts.has(weight)) fonts.set(weight, await readFont(weight));
  return svg.replace(/(<text\b[^>]*>)([^<]*)<\/text>/g, (whole, tag: string, content: string) => {
    const path = pathOf(fonts.get(weightOf(tag))!, tag, unescaped(content));
    return path ?? whole;
  });
}

/** Loaded when the first picture is drawn. */
async function readFont(weight: Weight): Promise<Font> {
  const { parse } = await import('opentype.js/dist/opentype.min.mjs');
  const name = `@fontsource/dejavu-sans/files/dejavu-sans-latin-${weights[weight]}-normal.woff`;
  const { buffer, byteOffset, byteLength } = readFileSync(createRequire(import.meta.url).resolve(name));
  return parse(buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer, { lowMemory: true });
}

const weightOf = (tag: string): Weight => (/font-weight:\s*bold/.test(tag) ? 'bold' : 'normal');

/** undefined where the font lacks a letter. */
function pathOf(font: Font, tag: string, text: string): string | undefined {
  if (shaped.test(text)) return undefined;
  const glyphs = Array.from(text, (letter) => font.charToGlyph(letter));
  if (glyphs.some(({ index }) => index === 0)) return undefined;
  const size = Number(/font-size(?::|=")([\d.]+)/.exec(tag)?.[1]);
  const number = (name: string) => Number(attribute(tag, name) ?? 0);
  const scale = size / font.unitsPerEm;
  const width = scale * glyphs.reduce((sum, { advanceWidth }) => sum + advanceWidth, 0);
  const before = { start: 0, middle: 0.5, end: 1 }[attribute(tag, 'text-anchor') ?? 'start'] ?? 0;
  let x = number('x') - before * width;
  // The middle of a line of the font.
  const isCentral = attribute(tag, 'dominant-baseline') === 'central';
  const y = number('y') + (isCentral ? (scale * (font.ascender + font.descender)) / 2 : 0);
  const outlines = glyphs.map((glyph) => {
    const outline = dataOf(glyph.getPath(x, y, size).commands);
    x += scale * glyph.advanceWidth;
    return outline;
  });
  const kept = ['transform', 'fill', 'fill-opacity', 'opacity'].flatMap((name) => {
    const value = attribute(tag, name);
    return value === undefined ? [] : [` ${name}="${value}"`];
  });
  return `<path d="${outlines.join('')}"${kept.join('')}/>`;
}

/** The library's own writes `9.39 0` as `9.390`: where a letter's middle is at 0, it is broken. */
const dataOf = (commands: readonly PathCommand[]): string =>
  commands
    .map(({ type, x1, y1, x2, y2, x, y }) => {
      const numbers = [x1, y1, x2, y2, x, y].filter((number) => number !== undefined);
      return `${type}${numbers.map((number) => Number(number.toFixed(2))).join(' ')}`;
    })
    .join('');

const attribute = (tag: string, name: string): string | undefined =>
  new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

const unescaped = (content: string): string =>
  content.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => entities[name]!);

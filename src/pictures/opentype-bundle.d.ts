/** What is used of opentype.js, whose package has no types of its own. */
declare module 'opentype.js/dist/opentype.min.mjs' {
  export interface Glyph {
    /** 0: the font has none for the letter. */
    readonly index: number;
    /** In the font's units. */
    readonly advanceWidth: number;
    getPath(x: number, y: number, fontSize: number): { toPathData(decimals: number): string };
  }

  export interface Font {
    readonly unitsPerEm: number;
    readonly ascender: number;
    /** Negative. */
    readonly descender: number;
    charToGlyph(letter: string): Glyph;
  }

  export function parse(file: ArrayBuffer, options: { lowMemory: boolean }): Font;
}

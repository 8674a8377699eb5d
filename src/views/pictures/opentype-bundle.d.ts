/** What is used of opentype.js, whose package has no types of its own. */
declare module 'opentype.js/dist/opentype.min.mjs' {
  /** As SVG has them; which numbers there are depends on the type. */
  export interface PathCommand {
    readonly type: 'M' | 'L' | 'C' | 'Q' | 'Z';
    readonly x1?: number;
    readonly y1?: number;
    readonly x2?: number;
    readonly y2?: number;
    readonly x?: number;
    readonly y?: number;
  }

  export interface Glyph {
    /** 0: the font has none for the letter. */
    readonly index: number;
    /** In the font's units. */
    readonly advanceWidth: number;
    getPath(x: number, y: number, fontSize: number): { readonly commands: readonly PathCommand[] };
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

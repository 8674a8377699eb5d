/**
 * A width as a type: a generic function is compiled once for each, and so has registers of its own and the width for a constant. The
 * width is the size of the class.
 */
@unmanaged export class One { a: u8; }
@unmanaged export class Two { a: u8; b: u8; }
@unmanaged export class Three { a: u8; b: u8; c: u8; }
@unmanaged export class Four { a: u8; b: u8; c: u8; d: u8; }
@unmanaged export class Five { a: u8; b: u8; c: u8; d: u8; e: u8; }
@unmanaged export class Six { a: u8; b: u8; c: u8; d: u8; e: u8; f: u8; }

// @ts-ignore: decorator
@inline
export function widthOf<W>(): i32 {
  return <i32>offsetof<W>();
}

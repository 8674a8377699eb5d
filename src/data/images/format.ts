/** Recognises an image file's format by its first bytes. No other files reach a decoder. */

export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'heif';

/** `.` stands for any byte. */
const beginnings: readonly (readonly [ImageFormat, string])[] = [
  ['jpeg', '\xff\xd8\xff'],
  ['png', '\x89PNG\r\n\x1a\n'],
  ['gif', 'GIF8.a'],
  ['webp', 'RIFF....WEBP'],
  ['tiff', 'II*\0'],
  ['tiff', 'II+\0'],
  ['tiff', 'MM\0*'],
  ['tiff', 'MM\0+'],
  ['heif', '....ftyp'],
];

/** Undefined where the format is not supported. */
export function formatOf(file: Buffer): ImageFormat | undefined {
  const head = file.toString('latin1', 0, 16);
  const begins = (beginning: string) =>
    [...beginning].every((letter, i) => (letter === '.' ? i < head.length : letter === head[i]));
  return beginnings.find(([, beginning]) => begins(beginning))?.[0];
}

/** Whether the file is an SVG drawing, as text or gzipped. */
export function isSvg(file: Buffer): boolean {
  return /<svg[\s>]/i.test(file.toString('latin1', 0, 4096)) || (file[0] === 0x1f && file[1] === 0x8b);
}

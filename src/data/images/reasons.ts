import { ExitCode, UserError } from '../../errors.js';
import { isOfMachine } from '../../files/unreadable.js';

/** The reasons why an image cannot be used, in plain words. */

/** Why an image was not decoded. */
export interface Refusal {
  /** One line. */
  readonly reason: string;
  /** Whether the machine failed, so that the image itself may be good. */
  readonly ofMachine: boolean;
}

/** The decoders' messages where they get no memory or no thread. libheif's messages about its own limits ("security limit") look alike. */
const noMemory =
  /out of memory|cannot allocate|insufficient memory|memory allocation (error|failed)|creating thread/i;

export function refusalOf(error: unknown): Refusal {
  const message = error instanceof Error ? error.message : String(error);
  const ofMachine = isOfMachine(error) || (noMemory.test(message) && !/security limit/i.test(message));
  return { reason: ofMachine ? lineOf(message) : reasonOf(error), ofMachine };
}

/** @throws UserError (exit code environment) where the machine failed while it read the image `name` */
export function requireMachine({ reason, ofMachine }: Refusal, name: () => string): void {
  if (!ofMachine) return;
  throw new UserError(
    `${name()}: the machine failed while it was read, which says nothing about the image: ${reason}. ` +
      'When that is mended, give the same command again; packing goes on where it stopped.',
    ExitCode.environment,
  );
}

/** The reason for an image that does not exist. */
export const missingFile = 'no such file';

/** Decoders' messages and the words for them. Other messages are shown unchanged. */
const plainWords: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^ENOENT/, missingFile],
  // SVG is refused: its text depends on the machine's fonts, and a filter of a few bytes may take hours.
  [/^it is a drawing/, 'it is a drawing (SVG), which no machine draws as another one does; make a PNG of it'],
  [
    /unsupported image format/,
    'it is no image, or of a format that is not read (JPEG, PNG, WebP, GIF, TIFF and AVIF are)',
  ],
  [
    /premature end|unexpected end|read error|ends? too early|truncated|decoding error|not enough data|bad Huffman|not yet in table|data check|invalid (frame|code)|bad seek/i,
    'it is cut short or damaged',
  ],
  [/corrupt header/, 'its header is cut short or damaged'],
];

/** The reason, on one line. */
export function reasonOf(error: unknown): string {
  const line = lineOf(error instanceof Error ? error.message : String(error));
  return plainWords.find(([pattern]) => pattern.test(line))?.[1] ?? line;
}

const lineOf = (message: string): string =>
  message
    .trim()
    .replaceAll(/\s*\n\s*/g, '; ')
    .replace(/:$/, '');

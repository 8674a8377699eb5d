/** Why an image cannot be used, in plain words. */

/** By what the decoders say. What is not here is shown as they say it. */
const plainWords: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^ENOENT/, 'no such file'],
  [
    /unsupported image format/,
    'it is no image, or of a format that is not read (JPEG, PNG, WebP, GIF, TIFF, AVIF and SVG are)',
  ],
  [/premature end|unexpected end|read error|ends? too early|truncated/i, 'it is cut short or damaged'],
  [/corrupt header/, 'its header is cut short or damaged'],
];

/** The reason in a line. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const line = message
    .trim()
    .replaceAll(/\s*\n\s*/g, '; ')
    .replace(/:$/, '');
  return plainWords.find(([pattern]) => pattern.test(line))?.[1] ?? line;
}

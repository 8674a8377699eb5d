/**
 * Text that others chose, names of files and classes, as it may be shown. What steers a terminal (control characters), turns the
 * direction of the letters around it (Unicode's bidirectional controls), breaks lines, or is no character, is written as JSON escapes it:
 * `\u001b`. Where it is shown it is so; files for programs hold it as it is, in JSON's escapes.
 */

const steering =
  '\\p{Cc}\\p{Cs}\\u061C\\u200E\\u200F\\u2028-\\u202E\\u2066-\\u2069\\uFFF9-\\uFFFB\\uFFFE\\uFFFF';
const inText = new RegExp(`(?!\\n)[${steering}]`, 'gu');
const inMarkup = new RegExp(`(?![\\t\\n])[${steering}]`, 'gu');

const shortEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const escaped = (letter: string): string =>
  shortEscapes[letter] ?? `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** For terminals, tables, csv and Markdown; newlines stay. */
export const printable = (text: string): string => text.replace(inText, escaped);

/** The same of a whole document of HTML or SVG, in which a tab means nothing. */
export const printableMarkup = (markup: string): string => markup.replace(inMarkup, escaped);

/** Printable, in a line of at most `most` letters, for a table. */
export function oneLine(text: string, most: number): string {
  const line = printable(text).replaceAll('\n', '\\n');
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}

/** JSON that is printable and says the same: in it such characters stand in strings alone. */
export const printableJson = (json: string): string => json.replace(inText, escaped);

/** The value as printable JSON: text of a dataset may reach a terminal. */
export const toJson = (value: unknown, indent?: number): string =>
  printableJson(JSON.stringify(value, null, indent));

/** For `JSON.stringify`, where the strings are shown: each is printable. */
export const printableStrings = (_key: string, value: unknown): unknown =>
  typeof value === 'string' ? printable(value) : value;

/**
 * Parses JSON, and reports the position of a fault. `JSON.parse` gives no position for most faults on Node 20, and silently accepts
 * repeated keys.
 */

/** The first fault of a JSON text; `line` and `column` count from 1. */
export class JsonFault extends Error {
  override readonly name = 'JsonFault';
  readonly line: number;
  readonly column: number;

  constructor(message: string, text: string, offset: number) {
    super(message);
    const before = text.slice(0, offset);
    this.line = before.split('\n').length;
    this.column = offset - before.lastIndexOf('\n');
  }
}

const space = /[ \t\n\r]*/y;
const string = /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
/** A number, as a regular expression's source. */
export const numberPattern = '-?(?:0|[1-9]\\d*)(?:\\.\\d+)?(?:[eE][+-]?\\d+)?';
const scalar = new RegExp(`${numberPattern}(?![\\w.])|(?:true|false|null)(?!\\w)`, 'y');

/** The JSON form of a number written as `.5`, `+3` or `0x10`; undefined where the text is not a number. */
export function numberMeant(text: string): string | undefined {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? String(value) : undefined;
}

/** Nesting limit, far above any config's: other code is recursive, and deeper nesting could overflow the stack. */
const maxDepth = 100;

/**
 * The value of a JSON text.
 * @throws JsonFault at the first syntax error or repeated key.
 */
export function parseJson(text: string): unknown {
  // A byte order mark is not JSON, but some editors write it.
  const body = text.startsWith('\uFEFF') ? text.slice(1) : text;
  new Checker(body).document();
  return JSON.parse(body);
}

/** Whether the value is nested no deeper than `maxDepth`. A cyclic value is not. */
export function isShallow(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth < maxDepth && Object.values(value).every((child) => isShallow(child, depth + 1));
}

/** Checks a text against the grammar of RFC 8259, by recursive descent. Builds no value. */
class Checker {
  readonly #text: string;
  #offset = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): void {
    this.#value(0);
    if (this.#offset < this.#text.length) this.#fail('expected the end of the file');
  }

  #value(depth: number): void {
    if (depth > maxDepth) this.#fail(`nested more than ${maxDepth} deep`);
    this.#match(space);
    const next = this.#text[this.#offset];
    if (next === '{') this.#members(depth);
    else if (next === '[') this.#items(depth);
    else if (this.#match(next === '"' ? string : scalar) === '') this.#fail('expected a value');
    this.#match(space);
  }

  #members(depth: number): void {
    const keys = new Set<string>();
    this.#list('}', () => {
      const start = this.#offset;
      const key = this.#match(string);
      if (key === '') this.#fail('expected a key in double quotes');
      if (keys.has(key)) {
        this.#offset = start;
        this.#fail('this key stands twice in the same object');
      }
      keys.add(key);
      this.#match(space);
      if (!this.#take(':')) this.#fail('expected ":"');
      this.#value(depth + 1);
    });
  }

  #items(depth: number): void {
    this.#list(']', () => this.#value(depth + 1));
  }

  /** Checks `open entry, entry ... close`. The opening character has not been consumed. */
  #list(close: string, entry: () => void): void {
    this.#offset += 1;
    this.#match(space);
    if (this.#take(close)) return;
    do {
      this.#match(space);
      if (this.#text[this.#offset] === close) this.#fail('JSON allows no comma after the last entry');
      entry();
      this.#match(space);
    } while (this.#take(','));
    if (!this.#take(close)) this.#fail(`expected "," or "${close}"`);
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#offset;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#offset += found.length;
    return found;
  }

  #take(character: string): boolean {
    if (this.#text[this.#offset] !== character) return false;
    this.#offset += 1;
    return true;
  }

  #fail(expected: string): never {
    const rest = this.#text.slice(this.#offset);
    const [word] = /^(?:\/[/*]|[\w.+-]{1,60}|"[^"\n]{0,40}"?|.)/su.exec(rest) ?? ['the end of the file'];
    const found = word === '//' || word === '/*' ? 'a comment, which JSON does not have' : word;
    const meant = numberMeant(word);
    if (meant !== undefined && meant !== word)
      throw new JsonFault(`found ${word}; JSON writes this number ${meant}`, this.#text, this.#offset);
    throw new JsonFault(`found ${found}; ${expected}`, this.#text, this.#offset);
  }
}

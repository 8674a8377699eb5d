/**
 * Patterns of paths, matched in time that grows with the length of the path times that of the pattern, whatever they are: all ways
 * through the pattern are followed at once (Thompson, "Regular Expression Search Algorithm", 1968). A regular expression would try them one
 * after the other, and `*a*a*a*a*a*a*a*b` against a long name never comes to its end.
 */

/** Whether a path, with `/` between its names, is of the pattern. */
export type Matches = (path: string) => boolean;

type Letter = (letter: string) => boolean;

/** A part of a pattern. */
type Item =
  | { readonly type: 'one' | 'any'; readonly letter: Letter }
  | { readonly type: 'folders' | 'rest' }
  | { readonly type: 'choice'; readonly options: readonly (readonly Item[])[] };

const notSlash: Letter = (letter) => letter !== '/';

/**
 * `*` any letters of a name, `?` one, `[a-z]` one of these, `[!a-z]` none of these, `{a,b}` either, and the name `**` any folders. All else
 * is itself; `[*]` is a star.
 * @throws Error with the reason, where braces or brackets are wrong
 */
export function globOf(pattern: string): Matches {
  const program = new Program();
  const first = program.add(new Parser(pattern).items());
  return (path) => program.matches(first, path);
}

class Parser {
  readonly #letters: readonly string[];
  #at = 0;

  constructor(pattern: string) {
    this.#letters = [...pattern];
  }

  items(): Item[] {
    const items = this.#sequence(0);
    if (this.#at < this.#letters.length) throw new Error('it closes a brace that is not open');
    return items;
  }

  #sequence(depth: number): Item[] {
    const items: Item[] = [];
    for (let next = this.#letters[this.#at]; next !== undefined; next = this.#letters[this.#at]) {
      if (next === '}' || (next === ',' && depth > 0)) break;
      items.push(this.#item(next, depth));
    }
    return items;
  }

  #item(next: string, depth: number): Item {
    const before = this.#letters[this.#at++ - 1] ?? '/';
    if (next === '{') return this.#choice(depth + 1);
    if (next === '?') return { type: 'one', letter: notSlash };
    if (next === '*') return this.#star(before);
    const set = next === '[' ? this.#set() : undefined;
    return { type: 'one', letter: set ?? ((letter) => letter === next) };
  }

  #star(before: string): Item {
    const [second, third] = this.#letters.slice(this.#at);
    if (second !== '*' || !'/{,'.includes(before)) return { type: 'any', letter: notSlash };
    if (third !== undefined && third !== '/') return { type: 'any', letter: notSlash };
    this.#at += third === undefined ? 1 : 2;
    return { type: third === undefined ? 'rest' : 'folders' };
  }

  #choice(depth: number): Item {
    if (depth > mostBraces) throw new Error(`it has braces in braces more than ${mostBraces} deep`);
    const options: Item[][] = [];
    do options.push(this.#sequence(depth));
    while (this.#letters[this.#at++] === ',');
    if (this.#letters[this.#at - 1] !== '}') throw new Error('it opens a brace and does not close it');
    return { type: 'choice', options };
  }

  /** After a `[`; undefined where it is none, but itself. */
  #set(): Letter | undefined {
    const isNegated = this.#letters[this.#at] === '!' || this.#letters[this.#at] === '^';
    const first = this.#at + (isNegated ? 1 : 0);
    const end = this.#letters.indexOf(']', first + 1);
    const inside = this.#letters.slice(first, end);
    if (end < 0 || inside.includes('/')) return undefined;
    this.#at = end + 1;
    const ranges: [number, number][] = [];
    for (let i = 0; i < inside.length; i++) {
      const isRange = inside[i + 1] === '-' && i + 2 < inside.length;
      const [low, high] = [codeOf(inside[i]!), codeOf(inside[isRange ? i + 2 : i]!)];
      if (high < low) throw new Error(`[${inside.join('')}] ends before it begins`);
      ranges.push([low, high]);
      if (isRange) i += 2;
    }
    const isIn = (code: number) => ranges.some(([low, high]) => low <= code && code <= high);
    return (letter) => notSlash(letter) && isIn(codeOf(letter)) !== isNegated;
  }
}

/** Deeper ones would need more stack than there may be. */
const mostBraces = 100;

const codeOf = (letter: string) => letter.codePointAt(0)!;

/** A state of the match: where it goes on with a letter, and without one. */
interface State {
  readonly steps: (readonly [Letter, number])[];
  readonly free: number[];
}

class Program {
  /** The first is the end. */
  readonly #states: State[] = [{ steps: [], free: [] }];

  /** @returns the state that begins the items and comes to `to` after them */
  add(items: readonly Item[], to = 0): number {
    return items.reduceRight((next, item) => this.#item(item, next), to);
  }

  #item(item: Item, to: number): number {
    const state: State = { steps: [], free: [] };
    const own = this.#states.push(state) - 1;
    switch (item.type) {
      case 'one':
        state.steps.push([item.letter, to]);
        break;
      case 'any':
        state.steps.push([item.letter, own]);
        state.free.push(to);
        break;
      case 'folders': {
        const inName = this.#states.push({ steps: [], free: [] }) - 1;
        this.#states[inName]!.steps.push([notSlash, inName], [(letter) => letter === '/', own]);
        state.steps.push([notSlash, inName]);
        state.free.push(to);
        break;
      }
      case 'rest':
        state.steps.push([() => true, own], [() => true, to]);
        break;
      case 'choice':
        state.free.push(...item.options.map((option) => this.add(option, to)));
    }
    return own;
  }

  matches(first: number, path: string): boolean {
    let current = this.#closed([first]);
    for (const letter of path) {
      const next: number[] = [];
      for (const state of current) {
        for (const [accepts, to] of this.#states[state]!.steps) if (accepts(letter)) next.push(to);
      }
      if (next.length === 0) return false;
      current = this.#closed(next);
    }
    return current.has(0);
  }

  /** With all that is reached without a letter. */
  #closed(states: readonly number[]): ReadonlySet<number> {
    const all = new Set(states);
    // A set's loop comes to what is added in it.
    for (const state of all) for (const free of this.#states[state]!.free) all.add(free);
    return all;
  }
}

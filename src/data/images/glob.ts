/**
 * Glob patterns, matched in time proportional to path length times pattern length: the matcher follows all states at once (Thompson,
 * "Regular Expression Search Algorithm", 1968). A backtracking regular expression would take exponential time for patterns such as
 * `*a*a*a*a*a*a*a*b`.
 */

/** Whether a path, with `/` as the separator, matches the pattern. */
export type Matches = (path: string) => boolean;

type Letter = (letter: string) => boolean;

/** A part of a pattern. */
type Item =
  | { readonly type: 'one' | 'any'; readonly letter: Letter }
  | { readonly type: 'folders' | 'rest' }
  | { readonly type: 'choice'; readonly options: readonly (readonly Item[])[] };

const notSlash: Letter = (letter) => letter !== '/';

/**
 * A matcher for a pattern: `*` matches any letters of a name, `?` one letter, `[a-z]` one of these, `[!a-z]` any other one, `{a,b}` either
 * of two, and the name `**` any folders. Other letters match themselves; `[*]` matches a star.
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

  /** Parses a set after its `[`. Undefined where the bracket is an ordinary letter. */
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

/** Nesting limit: deeper braces could overflow the stack. */
const mostBraces = 100;

const codeOf = (letter: string) => letter.codePointAt(0)!;

/** A state of the automaton: its transitions by a letter (`steps`), and without one (`free`). */
interface State {
  readonly steps: (readonly [Letter, number])[];
  readonly free: number[];
}

class Program {
  /** State 0 is the accepting one. */
  readonly #states: State[] = [{ steps: [], free: [] }];

  /** Adds the items, followed by state `to`. @returns the first state */
  add(items: readonly Item[], to = 0): number {
    return items.reduceRight((next, item) => this.#item(item, next), to);
  }

  #item(item: Item, to: number): number {
    const state: State = { steps: [], free: [] };
    const index = this.#states.push(state) - 1;
    switch (item.type) {
      case 'one':
        state.steps.push([item.letter, to]);
        break;
      case 'any':
        state.steps.push([item.letter, index]);
        state.free.push(to);
        break;
      case 'folders': {
        const inName = this.#states.push({ steps: [], free: [] }) - 1;
        this.#states[inName]!.steps.push([notSlash, inName], [(letter) => letter === '/', index]);
        state.steps.push([notSlash, inName]);
        state.free.push(to);
        break;
      }
      case 'rest':
        state.steps.push([() => true, index], [() => true, to]);
        break;
      case 'choice':
        state.free.push(...item.options.map((option) => this.add(option, to)));
    }
    return index;
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

  /** The states, and all that are reached from them without a letter. */
  #closed(states: readonly number[]): ReadonlySet<number> {
    const all = new Set(states);
    // The loop also visits states that are added during it.
    for (const state of all) for (const free of this.#states[state]!.free) all.add(free);
    return all;
  }
}

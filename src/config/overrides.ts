import { shown } from './describe.js';
import type { Fault } from './faults.js';
import { JsonFault, parseJson } from './json.js';
import { childOf } from './json-schema.js';
import { type Path, pathText } from './path.js';

/** Longest path, in keys. Those of a config have six at most. */
const mostKeys = 20;

/** A config key that the command line sets. */
interface Override {
  /** The option as given, for messages: `--set seed=3`, `--seed 3`. */
  readonly from: string;
  readonly path: Path;
  readonly value: unknown;
  /** Why a value that looks like a list or an object was taken as a string. */
  readonly notJson?: string | undefined;
}

/** A change to a config: the text of a `--set`, or the key and value that another option stands for. */
export type Change = string | { readonly from: string; readonly key: string; readonly value: unknown };

/**
 * Applies the command line's changes to a config that is not validated yet. Modifies `config`.
 *
 * `model.layers.0.outChannels=8` and `model.layers[0].outChannels=8` are the same. A value that parses as JSON is JSON, any other is a
 * string. Missing objects on the path are created; validation reports unknown ones.
 */
export function applyOverrides(
  config: unknown,
  changes: readonly Change[],
): { faults: Fault[]; paths: Overridden } {
  const faults: Fault[] = [];
  const applied: Override[] = [];
  for (const change of changes) {
    const override = overrideOf(change);
    const problem =
      override === undefined ? 'expected key.path=value, as in training.epochs=3' : put(config, override);
    if (problem === undefined) applied.push(override!);
    else faults.push({ path: override?.path ?? ['--set'], message: `${problem} (from ${fromOf(change)})` });
  }
  return { faults, paths: new Overridden(applied) };
}

/** Remembers which parts of a config came from the command line. */
export class Overridden {
  readonly #overrides: readonly Override[];

  constructor(overrides: readonly Override[]) {
    this.#overrides = overrides;
  }

  /** Whether the command line sets the value at `path`, or a part of it. */
  sets(...path: Path): boolean {
    return this.#overrides.some((override) => path.every((key, i) => key === override.path[i]));
  }

  /** Adds to a fault's message the option that it came from, if any. */
  mark(fault: Fault): Fault {
    const origin = this.#overrides.findLast(({ path }) => onOnePath(path, fault.path));
    if (origin === undefined) return fault;
    const { from, notJson } = origin;
    const reason = notJson === undefined ? '' : `, which is not JSON: ${notJson}`;
    return { ...fault, message: `${fault.message} (from ${from}${reason})` };
  }
}

/** Whether one path is a prefix of the other. */
function onOnePath(a: Path, b: Path): boolean {
  const length = Math.min(a.length, b.length);
  return length > 0 && a.slice(0, length).every((key, i) => key === b[i]);
}

const fromOf = (change: Change) => (typeof change === 'string' ? `--set ${change}` : change.from);

function overrideOf(change: Change): Override | undefined {
  const from = fromOf(change);
  if (typeof change !== 'string') return withPath(change.key, { from, value: change.value });
  const equals = change.indexOf('=');
  if (equals < 0) return undefined;
  return withPath(change.slice(0, equals), { from, ...jsonOrString(change.slice(equals + 1)) });
}

function withPath(key: string, about: Omit<Override, 'path'>): Override | undefined {
  const keys = key
    .trim()
    .replace(/\[(\d+)\]/g, '.$1')
    .split('.');
  if (keys.includes('') || keys.length > mostKeys) return undefined;
  return { ...about, path: keys.map((key) => (/^\d+$/.test(key) ? Number(key) : key)) };
}

function jsonOrString(text: string): Pick<Override, 'value' | 'notJson'> {
  try {
    return { value: parseJson(text) };
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    return { value: text, notJson: /^\s*[[{]/.test(text) ? error.message : undefined };
  }
}

/** Sets the value. Returns a message if that is impossible. */
function put(config: unknown, { path, value }: Override): string | undefined {
  let parent = config;
  for (const [depth, key] of path.entries()) {
    const problem = obstacle(parent, key, path.slice(0, depth));
    if (problem !== undefined) return problem;
    const last = depth === path.length - 1;
    const child = last ? value : (childOf(parent, key) ?? {});
    // Not an assignment, so that `__proto__` becomes an ordinary key and is reported as unknown.
    Object.defineProperty(parent, key, {
      value: child,
      writable: true,
      enumerable: true,
      configurable: true,
    });
    parent = child;
  }
  return undefined;
}

function obstacle(parent: unknown, key: string | number, path: Path): string | undefined {
  if (typeof parent !== 'object' || parent === null)
    return `${pathText(path)} is ${shown(parent)}, which has no keys`;
  if (!Array.isArray(parent)) return undefined;
  if (typeof key === 'number' && key <= parent.length) return undefined;
  return `${pathText(path)} is a list of ${parent.length}; expected an index from 0 to ${parent.length} (which appends)`;
}

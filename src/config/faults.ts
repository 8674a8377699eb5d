import type { z } from 'zod';
import { ExitCode, listed as lines, UserError } from '../errors.js';
import { expected, listed, nearest, shown } from './describe.js';
import { numberMeant } from './json.js';
import {
  childOf,
  choiceTypes,
  chosen,
  linkedSchema,
  type SchemaNode,
  schemaAt,
  typesWith,
} from './json-schema.js';
import { type Path, pathText } from './path.js';

/** A fault of a config, and where it is. */
export interface Fault {
  readonly path: Path;
  /** What was found and what is allowed. */
  readonly message: string;
}

/** How many faults an error shows; the rest is counted. */
const shownFaults = 50;

/** One error for all faults, each on its own line. `source` names the config, mostly by its file. */
export function faultsError(source: string, faults: readonly Fault[]): UserError {
  const each = faults.map((fault) => `  ${pathText(fault.path)}: ${fault.message}`);
  const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`;
  return new UserError(`${source} has ${count}:\n${lines(each, shownFaults)}`, ExitCode.usage, {
    path: faults[0] && pathText(faults[0].path),
  });
}

/** Translates zod's issues into faults. `value` is the validated value; `root` its schema, by default a config's. */
export function faultsOf(
  issues: readonly z.core.$ZodIssue[],
  value: unknown,
  root: SchemaNode = linkedSchema(),
): Fault[] {
  const unknown = issues.filter((issue) => issue.code === 'unrecognized_keys');
  const misspelt = new Map<string, string>();
  for (const issue of unknown) {
    for (const key of issue.keys) {
      const meant = meantKey(root, value, issue.path as Path, key);
      if (meant !== undefined) misspelt.set(pathText([...(issue.path as Path), key]), meant);
    }
  }
  const meantPaths = new Set(
    [...misspelt].map(([path, meant]) => path.slice(0, path.lastIndexOf('.') + 1) + meant),
  );
  const faults = issues.flatMap((issue): Fault[] => {
    const path = issue.path as Path;
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => unknownKey(root, value, path, key));
    const found = path.reduce(childOf, value);
    // A misspelt required key is one fault, not two.
    if (found === undefined && meantPaths.has(pathText(path))) return [];
    return [{ path, message: messageOf(root, value, issue, found) }];
  });
  return withoutRepeats(faults);
}

/** A number can break two rules that the same message describes. */
function withoutRepeats(faults: readonly Fault[]): Fault[] {
  const texts = new Map(faults.map((fault) => [`${pathText(fault.path)}: ${fault.message}`, fault]));
  return [...texts.values()];
}

function messageOf(root: SchemaNode, value: unknown, issue: z.core.$ZodIssue, found: unknown): string {
  const path = issue.path as Path;
  const isTooLong = issue.code === 'too_big' && Array.isArray(found);
  const what =
    found === undefined ? 'missing' : `found ${isTooLong ? `a list of ${found.length}` : shown(found)}`;
  if (issue.code === 'invalid_key') return `the name ${issue.issues[0]?.message}`;
  if (issue.code === 'custom' || issue.code === 'invalid_format') return `${what}; ${issue.message}`;
  if (issue.code === 'invalid_union' && issue.discriminator !== undefined) {
    const choice = schemaAt(root, value, path.slice(0, -1));
    return `${what}; allowed: ${choose(choice ? choiceTypes(choice) : [], found)}`;
  }
  const node = schemaAt(root, value, path);
  if (node === undefined) return `${what}; ${issue.message}`;
  if (node.enum !== undefined) return `${what}; allowed: ${choose(node.enum, found)}`;
  return `${what}; expected ${expected(node)}${takesNumber(node) ? asNumber(found) : ''}`;
}

const takesNumber = ({ type }: SchemaNode) => type === 'number' || type === 'integer';

/** For a string that looks like a number, such as ".5": a hint how to write it. */
function asNumber(found: unknown): string {
  const meant = typeof found === 'string' ? numberMeant(found) : undefined;
  return meant === undefined ? '' : `; write ${meant}, without quotes`;
}

/** The allowed values, with the one that was probably meant. */
function choose(values: readonly unknown[], found: unknown): string {
  const meant =
    typeof found === 'string'
      ? nearest(
          found,
          values.filter((value) => typeof value === 'string'),
        )
      : undefined;
  return listed(values) + didYouMean(meant);
}

const didYouMean = (name: string | undefined) => (name === undefined ? '' : `; did you mean "${name}"?`);

function unknownKey(root: SchemaNode, value: unknown, path: Path, key: string): Fault {
  const at = [...path, key];
  const allowed = `allowed: ${keysAt(root, value, path).join(', ')}`;
  const node = schemaAt(root, value, path);
  const types = node === undefined ? [] : typesWith(node, key);
  if (types.length > 0) {
    const parent = path.reduce(childOf, value);
    const type = childOf(parent, 'type') ?? chosen(node!, parent)?.properties?.['type']?.default;
    return { path: at, message: `a key of ${listed(types)}, not of ${shown(type)}; ${allowed}` };
  }
  const meant = meantKey(root, value, path, key);
  return { path: at, message: `unknown key${meant === undefined ? `; ${allowed}` : didYouMean(meant)}` };
}

/** The key that `key` is probably a misspelling of; one that is not set yet is preferred. */
function meantKey(root: SchemaNode, value: unknown, path: Path, key: string): string | undefined {
  const parent = path.reduce(childOf, value);
  const keys = keysAt(root, value, path);
  const absent = keys.filter((name) => childOf(parent, name) === undefined);
  return nearest(key, absent) ?? nearest(key, keys);
}

function keysAt(root: SchemaNode, value: unknown, path: Path): readonly string[] {
  const node = schemaAt(root, value, path);
  return Object.keys((node && chosen(node, path.reduce(childOf, value))?.properties) ?? {});
}

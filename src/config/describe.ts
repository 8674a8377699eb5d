import { closest, distance } from 'fastest-levenshtein';
import { allowedValues, choiceTypes, type SchemaNode } from './json-schema.js';

/** A value as messages show it: JSON on one line, cut at 60 characters. */
export function shown(value: unknown): string {
  // JSON writes a number that is not finite (1e999 in the file) as null.
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** `"mean", "sum"` */
export const listed = (values: readonly unknown[]): string => values.map(shown).join(', ');

/** The name that `found` is probably a misspelling of; undefined if none is similar. */
export function nearest(found: string, names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const lower = found.toLowerCase();
  const best = closest(
    lower,
    names.map((name) => name.toLowerCase()),
  );
  // Up to four edits in ten letters: this accepts learning_rate and sigmiod, but not lr or momentum.
  if (distance(lower, best) > Math.max(1, Math.floor(found.length * 0.4))) return undefined;
  return names.find((name) => name.toLowerCase() === best);
}

/** Describes what a schema allows: `an integer of 1 or more`. */
export function expected(node: SchemaNode): string {
  const values = allowedValues(node);
  if (values !== undefined) return values.length === 1 ? listed(values) : `one of ${listed(values)}`;
  if (node.oneOf !== undefined) return `an object whose type is one of ${listed(choiceTypes(node))}`;
  // In a choice a pair stands beside the number that means both.
  if (node.anyOf !== undefined)
    return node.anyOf
      .map((each) => (each.prefixItems === undefined ? expected(each) : 'two of them as [height, width]'))
      .join(', or ');
  switch (node.type) {
    case 'integer':
    case 'number':
      return number(node);
    case 'string':
      return (node.minLength ?? 0) > 0 ? 'a string that is not empty' : 'a string';
    case 'boolean':
      return 'true or false';
    case 'array':
      return node.prefixItems === undefined ? listOf(node) : `a list of ${node.prefixItems.length}`;
    default:
      return 'an object';
  }
}

function listOf({ minItems, maxItems }: SchemaNode): string {
  if (minItems === undefined) return maxItems === undefined ? 'a list' : `a list of at most ${maxItems}`;
  return maxItems === undefined ? `a list of ${minItems} or more` : `a list of ${minItems} to ${maxItems}`;
}

function number(node: SchemaNode): string {
  const whole = node.type === 'integer';
  const limits: string[] = [];
  if (whole && node.exclusiveMinimum !== undefined) limits.push(`of ${node.exclusiveMinimum + 1} or more`);
  else if (node.exclusiveMinimum !== undefined) limits.push(`above ${node.exclusiveMinimum}`);
  else if (node.minimum !== undefined) limits.push(`of ${node.minimum} or more`);
  if (node.exclusiveMaximum !== undefined) limits.push(`below ${node.exclusiveMaximum}`);
  // zod gives every integer this maximum; it is not a limit of the config.
  else if (node.maximum !== undefined && node.maximum !== Number.MAX_SAFE_INTEGER)
    limits.push(`at most ${node.maximum}`);
  return `${whole ? 'an integer' : 'a number'} ${limits.join(', ')}`.trim();
}

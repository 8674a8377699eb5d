import { z } from 'zod';
import { configSchema } from './schema.js';

/** The part of JSON Schema (draft 2020-12) that our config's schema uses. */
export interface SchemaNode {
  readonly type?: string;
  readonly const?: unknown;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  /** Of the keys that `properties` does not name. */
  readonly additionalProperties?: SchemaNode | false;
  readonly items?: SchemaNode | false;
  readonly prefixItems?: readonly SchemaNode[];
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

/** The JSON Schema of a config file, for editors: keys with a default are optional. */
export function configJsonSchema(): SchemaNode {
  return { title: 'lockstep config', ...z.toJSONSchema(configSchema, { io: 'input' }) } as SchemaNode;
}

/** A schema with each `$ref` replaced by the schema that it refers to. That of a config is cyclic: a residual block contains layers. */
export function linkedSchema(schema: SchemaNode = configJsonSchema()): SchemaNode {
  const root = schema as SchemaNode & { $defs?: Record<string, object> };
  const link = (node: Record<string, unknown>) => {
    for (const [key, child] of Object.entries(node)) {
      if (typeof child !== 'object' || child === null) continue;
      if ('$ref' in child) node[key] = root.$defs![String(child.$ref).replace('#/$defs/', '')];
      else link(child as Record<string, unknown>);
    }
  };
  link(root as unknown as Record<string, unknown>);
  return root;
}

/** The values that `node` allows, if they are a fixed set; undefined otherwise. */
export function allowedValues(node: SchemaNode | undefined): readonly unknown[] | undefined {
  if (node === undefined) return undefined;
  if ('const' in node) return [node.const];
  return node.enum;
}

/** The `type` values of a union of objects, such as layers or initializers. */
export function choiceTypes(node: SchemaNode): readonly unknown[] {
  return (node.oneOf ?? []).flatMap((option) => allowedValues(option.properties?.['type']) ?? []);
}

/** The schema at `path`. `value` is the document, which selects the alternatives of unions on the way. */
export function schemaAt(
  root: SchemaNode,
  value: unknown,
  path: readonly (string | number)[],
): SchemaNode | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return root;
  const node = chosen(root, value);
  const child =
    typeof key === 'number'
      ? (node?.prefixItems?.[key] ?? (node?.items || undefined))
      : (node?.properties?.[key] ?? (node?.additionalProperties || undefined));
  return child && schemaAt(child, childOf(value, key), rest);
}

/** The types, in a union of objects, that have the key. */
export function typesWith(node: SchemaNode, key: string): readonly unknown[] {
  const having = (node.oneOf ?? []).filter(({ properties }) => properties !== undefined && key in properties);
  return choiceTypes({ oneOf: having });
}

/** The alternative of a union that `value` selects: by its `type`, which may have a default, or by whether it is a list, an object or neither. */
export function chosen(node: SchemaNode, value: unknown): SchemaNode | undefined {
  if (node.oneOf !== undefined) {
    const found = childOf(value, 'type');
    return node.oneOf.find(({ properties }) => {
      const type = properties?.['type'];
      return found === undefined ? type?.default !== undefined : allowedValues(type)?.includes(found);
    });
  }
  if (node.anyOf !== undefined) {
    const kind = Array.isArray(value) ? 'array' : typeof value === 'object' && value !== null ? 'object' : '';
    const isPlain = ({ type }: SchemaNode) => type !== 'array' && type !== 'object';
    return node.anyOf.find(({ type }) => type === kind) ?? node.anyOf.find(isPlain);
  }
  return node;
}

/** `value[key]` if `value` is an object or list with this own property. */
export function childOf(value: unknown, key: string | number): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string | number, unknown>)[key];
}

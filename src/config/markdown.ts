import { configJsonSchema } from './json-schema.js';

/** The keys of a JSON Schema that are used here. */
interface Schema {
  readonly description?: string;
  readonly default?: unknown;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  /** Of the keys that `properties` does not name; zod's strict objects have none. */
  readonly additionalProperties?: Schema | false;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

const choicesOf = ({ anyOf, oneOf }: Schema): readonly Schema[] => anyOf ?? oneOf ?? [];

/** A Markdown table of a config's keys: a row per key with values, default and meaning. */
export function configMarkdown(): string {
  const rows = new Rows(configJsonSchema() as Schema).of('').map((cells) => `| ${cells.join(' | ')} |`);
  return [
    '# Every key of a config',
    '',
    'Made from the schema by `npm run docs`. A key in brackets is one of several kinds, by its `type`. A key without a default and with',
    '“needed” has to be given; what is empty may be left out.',
    '',
    '| key | values | default | meaning |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

type Row = readonly [key: string, values: string, byDefault: string, meaning: string];

class Rows {
  readonly #root: Schema;
  /** References that already have rows. A block's layers, for example, are described once, as layers. */
  readonly #known = new Set<string>();

  constructor(root: Schema) {
    this.#root = root;
  }

  of(path: string, node: Schema = this.#root): Row[] {
    if (node.$ref !== undefined) return this.#ofReference(path, node.$ref);
    const schema = withShared(node);
    const own = Object.entries(schema.properties ?? {})
      .filter(([, { const: fixed }]) => fixed === undefined || path === '')
      .flatMap(([name, value]) => {
        const key = path === '' ? name : `${path}.${name}`;
        const isNeeded = schema.required?.includes(name) === true && value.default === undefined;
        return [rowOf(key, value, isNeeded), ...this.of(key, value)];
      });
    const kinds = choicesOf(schema).flatMap((choice) => this.of(`${path}${kindOf(choice)}`, choice));
    const items = schema.items === undefined ? [] : this.of(`${path}[]`, schema.items);
    const any = schema.additionalProperties ? this.of(`${path}.NAME`, schema.additionalProperties) : [];
    return [...own, ...any, ...kinds, ...items];
  }

  #ofReference(path: string, reference: string): Row[] {
    if (this.#known.has(reference)) return [];
    this.#known.add(reference);
    return this.of(path, this.#root.$defs![reference.replace('#/$defs/', '')]!);
  }
}

/** Moves keys that are the same in all kinds of a union to the schema itself. */
function withShared(schema: Schema): Schema {
  const [first, ...others] = schema.oneOf ?? [];
  if (first === undefined || others.length === 0) return schema;
  const text = ({ properties, required }: Schema, key: string) =>
    JSON.stringify([properties?.[key], required?.includes(key) === true]);
  const isShared = (key: string) => others.every((other) => text(other, key) === text(first, key));
  const part = ({ properties, ...kind }: Schema, wanted: (key: string) => boolean): Schema => ({
    ...kind,
    properties: Object.fromEntries(Object.entries(properties ?? {}).filter(([key]) => wanted(key))),
  });
  const { properties, required } = part(first, isShared);
  const oneOf = [first, ...others].map((kind) => part(kind, (key) => !isShared(key)));
  return { ...schema, properties: properties!, required: required ?? [], oneOf };
}

function kindOf({ properties }: Schema): string {
  const fixed = properties?.['type']?.const;
  return fixed === undefined ? '' : ` (${fixed})`;
}

function rowOf(key: string, schema: Schema, isNeeded: boolean): Row {
  const byDefault =
    schema.default === undefined ? (isNeeded ? 'needed' : '') : `\`${JSON.stringify(schema.default)}\``;
  return [`\`${key}\``, cell(valuesOf(schema)), cell(byDefault), cell(schema.description ?? '')];
}

function valuesOf(schema: Schema): string {
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${JSON.stringify(value)}\``).join(', ');
  const choices = choicesOf(schema);
  if (choices.length > 0) {
    const kinds = choices.map(({ properties, ...choice }) => {
      const type = properties?.['type'];
      return type === undefined ? valuesOf(choice) : valuesOf(type);
    });
    return [...new Set(kinds)].join(', ');
  }
  return `${schema.type ?? ''}${boundsOf(schema)}`;
}

function boundsOf({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema): string {
  // zod bounds every integer by 2^53 - 1; that is not a limit of the config.
  const isLimit = (value: number | undefined) => value !== undefined && Math.abs(value) < 2 ** 53 - 1;
  const bounds = [
    isLimit(minimum) && `from ${minimum}`,
    isLimit(exclusiveMinimum) && `above ${exclusiveMinimum}`,
    isLimit(maximum) && `to ${maximum}`,
    isLimit(exclusiveMaximum) && `below ${exclusiveMaximum}`,
  ].filter((bound) => bound !== false);
  return bounds.length === 0 ? '' : `, ${bounds.join(', ')}`;
}

/** A table cell. A bar is escaped, since it would end the cell. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

// Writes the types of a config file, with the schema's descriptions as docstrings, so that editors and the reference show them.
// node config-types.js SCHEMA OUT
import { readFileSync, writeFileSync } from 'node:fs';
import { compile } from 'json-schema-to-typescript';

/** Ends of the names of unions' alternatives; of initializers, the unions' names by how many they allow. */
const ends = {
  layer: 'Layer',
  loss: 'LossInput',
  optimizer: 'Optimizer',
  schedule: 'Schedule',
  features: 'Features',
};
const initializers = { 6: 'BiasInitializer', 7: 'WeightInitializer', 9: 'FilterInitializer' };
/** Names of alternatives of several types, by the first, and of what has no key. */
const groups = { maxPool: 'Pool', sigmoid: 'Activation', xavierUniform: 'Scaled' };
const unnamed = { items: 'LayerFactorInput', additionalProperties: 'CustomParameterInput' };

const [schemaPath, outPath] = process.argv.slice(2);
const { $defs: given, ...schema } = JSON.parse(readFileSync(schemaPath, 'utf8'));
/** Parts with a name: as the compiler takes them, and as they were. */
const definitions = {};
const contents = new Map();

nameThat(given.layer, 'LayerInput', 'layer');
const root = {
  ...inner(schema),
  title: 'ConfigInput',
  description: 'A config as in a file: keys with defaults are optional.',
};
const types = await compile({ ...root, $defs: definitions }, 'ConfigInput', {
  additionalProperties: false,
  bannerComment: '/* Written by tools/reference/config-types.js from the schema. */',
  customName: (_, name) => name,
  ignoreMinAndMaxItems: true,
  unreachableDefinitions: false,
  style: { singleQuote: true, printWidth: 110, trailingComma: 'all' },
});
// A comment of one line stands in one; the compiler writes a D after a number.
const text = types
  .replace(/\/\*\*\n *\* (.*)\n *\*\//g, '/** $1 */')
  .replaceAll('Conv2DLayer', 'Conv2dLayer');
writeFileSync(outPath, text);

/** A schema as the compiler takes it: tuples in TypeScript, defaults in words, parts that have a name by reference. */
function outer(node, key, end) {
  if (node.$ref !== undefined) return { $ref: '#/$defs/LayerInput' };
  if (Object.keys(node).length === 0) return { tsType: 'unknown' };
  const { description, default: value, ...content } = node;
  const parts = [
    description?.replace(/(?<!\.)\.$/, ''),
    value === undefined ? undefined : `Default: \`${JSON.stringify(value)}\``,
  ];
  const words = parts.filter((part) => part !== undefined).join('.\n');
  const name = nameOf(content, key, end);
  // An alternative of a union has its description at its own type.
  const own = end === undefined || description === undefined ? content : { ...content, description };
  const type =
    name === undefined ? inner(content, key) : { allOf: [{ $ref: `#/$defs/${nameThat(own, name, key)}` }] };
  return { ...type, ...(words !== '' && { description: words }) };
}

function inner(node, key) {
  const { prefixItems, properties, items, additionalProperties, oneOf, anyOf, minItems, maxItems, ...rest } =
    node;
  if (prefixItems !== undefined) return { tsType: `[${prefixItems.map(() => 'number').join(', ')}]` };
  const isNeeded = (name) => rest.required?.includes(name);
  const each = (children) =>
    Object.fromEntries(
      Object.entries(children).map(([name, child]) => [
        name,
        isNeeded(name) ? outer(child, name) : orUndefined(outer(child, name)),
      ]),
    );
  return {
    ...rest,
    additionalProperties: additionalProperties ? outer(additionalProperties, 'additionalProperties') : false,
    ...(properties && { properties: each(properties) }),
    ...(items && { items: outer(items, 'items') }),
    ...(oneOf && { oneOf: oneOf.map((option) => outer(option, '', ends[key] ?? 'Initializer')) }),
    ...(anyOf && { anyOf: anyOf.map((option) => outer(option, '')) }),
  };
}

/** As the input of our schema's library, for those who compile with `exactOptionalPropertyTypes`. */
function orUndefined({ description, ...type }) {
  return { anyOf: [type, { tsType: 'undefined' }], ...(description && { description }) };
}

/** What a part is called, if it gets a name of its own. */
function nameOf({ oneOf, properties }, key, end) {
  if (oneOf !== undefined) {
    const name = ends[key] === undefined ? initializers[oneOf.length] : `${pascal(key)}Input`;
    if (name === undefined) throw new Error(`the union ${key}, of ${oneOf.length}, has no name here`);
    return name;
  }
  if (properties === undefined) return undefined;
  const { const: type, enum: types } = properties.type ?? {};
  if (end !== undefined) return (type === undefined ? groups[types[0]] : pascal(type)) + end;
  return key === '' ? undefined : (unnamed[key] ?? `${pascal(key)}Input`);
}

/** Keeps a part under its name. Two parts of one name are the same. */
function nameThat(content, name, key) {
  const text = JSON.stringify(content);
  if ((contents.get(name) ?? text) !== text) throw new Error(`two types would be named ${name}`);
  if (!contents.has(name)) {
    contents.set(name, text);
    definitions[name] = inner(content, key);
  }
  return name;
}

function pascal(text) {
  return text[0].toUpperCase() + text.slice(1);
}

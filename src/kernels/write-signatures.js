// A transform of the AssemblyScript compiler: writes signatures.ts from what index.as.ts exports, each with its comment.
import { Transform } from 'assemblyscript/transform';

const types = {
  usize: 'number',
  i32: 'number',
  u32: 'number',
  f32: 'number',
  f64: 'number',
  bool: '0 | 1',
  void: 'void',
};

/** A function's parameters and result, as TypeScript. `declaration` is the compiler's. */
function signatureOf({ name, signature, range }) {
  const typed = (type) => {
    const found = types[type.range.toString()];
    if (found === undefined)
      throw new Error(`${name.text}: no type for ${type.range}, of ${Object.keys(types)}`);
    return found;
  };
  const parameters = signature.parameters.map((p) => `${p.name.text}: ${typed(p.type)}`);
  const line = (list) => `  ${name.text}(${list}): ${typed(signature.returnType)};\n`;
  const short = line(parameters.join(', '));
  const text = short.length <= 110 ? short : line(`\n${parameters.map((p) => `    ${p},\n`).join('')}  `);
  return commentBefore(range) + text;
}

/** The comment that ends where a declaration begins, indented. */
function commentBefore({ source, start }) {
  const comment = /\/\*\*(?:(?!\*\/)[\s\S])*\*\/\s*$/.exec(source.text.slice(0, start))?.[0];
  return comment === undefined ? '' : `${comment.trim().replace(/^/gm, '  ')}\n`;
}

/** All functions that a file exports, of itself and of others, in the order of their files' names. */
function exportsOf(file) {
  const own = [...(file.exports?.values() ?? [])].map((element) => element.declaration);
  return [...own, ...(file.exportsStar ?? []).flatMap(exportsOf)];
}

export default class extends Transform {
  async afterInitialize(program) {
    const index = [...program.filesByName.values()].find((file) =>
      file.source.internalPath.endsWith('kernels/index.as'),
    );
    const declarations = exportsOf(index);
    const place = ({ range }) => range.source.normalizedPath;
    declarations.sort((a, b) => place(a).localeCompare(place(b)) || a.range.start - b.range.start);
    const groups = [...new Set(declarations.map(place))].map((path) => {
      const group = declarations.filter((declaration) => place(declaration) === path);
      return `\n  // ${path.replace('src/kernels/', '')}\n\n${group.map(signatureOf).join('\n')}`;
    });
    const text =
      '// Written by `npm run build:kernels` (write-signatures.js) from the kernels: change them there.\n\n' +
      '/** What the module of the kernels exports. Addresses and strides are bytes in the shared memory. */\n' +
      `export interface Signatures {${groups.join('')}}\n`;
    const to = 'src/kernels/signatures.ts';
    if (text !== (await this.readFile(to, this.baseDir))) await this.writeFile(to, text, this.baseDir);
  }
}

/** A place in a config: keys and indices, outermost first. */
export type Path = readonly (string | number)[];

/** `model.layers[3].stride` */
export function pathText(path: Path): string {
  const text = path
    .map((key) => {
      if (typeof key === 'number') return `[${key}]`;
      return /^[\w$-]+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
    })
    .join('')
    .replace(/^\./, '');
  return text === '' ? 'the whole file' : text;
}

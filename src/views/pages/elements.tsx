import type { ComponentChildren } from 'preact';
import { inlineSvg } from '../charts/inline.js';

/** The building blocks of pages. */

/** A section of a page, with its heading. Nested sections have `level` 3, and are no landmarks. */
export const Section = (props: { id: string; title: string; level?: 2 | 3; children: ComponentChildren }) => {
  const { level = 2 } = props;
  const Heading = `h${level}` as 'h2' | 'h3';
  return (
    <section aria-labelledby={level === 2 ? props.id : undefined}>
      <Heading id={props.id}>{props.title}</Heading>
      {props.children}
    </section>
  );
};

/** A remark on what the page shows or leaves out. */
export const Note = (props: { children: ComponentChildren }) => <p class="note">{props.children}</p>;

/** A box that scrolls sideways if its content is wider than the page, also by keyboard. Other attributes go to the element. */
export const Scroll = (props: {
  label: string;
  children: ComponentChildren;
  [attribute: `${string}-${string}`]: string;
}) => {
  const { label, children, ...attributes } = props;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: readers without a pointer scroll with the arrow keys
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms
    <div class="scroll" role="group" aria-label={label} tabIndex={0} {...attributes}>
      {children}
    </div>
  );
};

/**
 * A chart.
 * @param props.id unique on the page
 * @param props.svg from `renderSvg`
 * @param props.text describes the chart for readers who cannot see it
 */
export const Figure = (props: { id: string; svg: string; text: string; caption: ComponentChildren }) => (
  <figure id={props.id}>
    <div
      role="img"
      aria-label={props.text}
      dangerouslySetInnerHTML={{ __html: inlineSvg(props.svg, props.id) }}
    />
    <figcaption>{props.caption}</figcaption>
  </figure>
);

/** Blocks side by side, where there is room. */
export const SideBySide = (props: { children: ComponentChildren }) => (
  <div class="side">{props.children}</div>
);

/** The most important numbers of a page. */
export const Tiles = (props: {
  tiles: readonly { readonly value: string; readonly name: string; readonly more?: string | undefined }[];
}) => (
  <ul class="tiles">
    {props.tiles.map(({ value, name, more }) => (
      <li key={name} class="tile">
        <span>{name}</span>
        <b>{value}</b>
        {more !== undefined && <span>{more}</span>}
      </li>
    ))}
  </ul>
);

/** A list of names and values. Undefined values are left out. */
export const KeyValues = (props: {
  pairs: readonly (readonly [name: string, value: ComponentChildren])[];
}) => (
  <dl class="pairs">
    {props.pairs
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
  </dl>
);

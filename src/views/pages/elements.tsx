import type { ComponentChildren } from 'preact';
import { inlineSvg } from '../charts/inline.js';

/** What pages are made of. */

/** A part of a page with its heading. Sections in a section have `level` 3, and are no landmarks. */
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

/** Something that the reader should know about what is shown, or is not. */
export const Note = (props: { children: ComponentChildren }) => <p class="note">{props.children}</p>;

/** What may be wider than the page scrolls by itself, by keyboard too. Other attributes, such as `data-...`, are the element's. */
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
 * @param props.id of no other part of the page
 * @param props.svg of `renderSvg`
 * @param props.text what it shows, in words, for who cannot see it
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

/** Figures, or other blocks, side by side where there is room. */
export const SideBySide = (props: { children: ComponentChildren }) => (
  <div class="side">{props.children}</div>
);

/** The numbers that a page is opened for. */
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

/** Names and values. An undefined value leaves its line out. */
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

import { chartColors } from './theme.js';

const properties = new Map(chartColors.map(({ property, light }) => [light.toLowerCase(), property]));

/**
 * An SVG of `renderSvg` as a part of a page: its colours follow the page's, its text has the page's font, it shrinks with its column, and
 * it is hidden from screen readers, which read the figure's text instead.
 * @param id of no other picture of the page: the SVG's own names begin with it
 */
export function inlineSvg(svg: string, id: string): string {
  return (
    svg
      // What a pointer would change: these are pictures.
      .replace(/<style\s*>.*?<\/style>/gs, '')
      .replace(
        / (?:class|pointer-events|ecmeta_\w+|xml:space|xmlns(?::xlink)?|version|baseProfile)="[^"]*"/g,
        '',
      )
      .replace(/font-family:[^;"]*;/g, '')
      .replace(/\bzr\d+-/g, `${id}-`)
      // Text cannot be mistaken for an attribute: its quotes are escaped.
      .replace(/="(#[0-9a-f]{6})"/gi, (whole, color: string) => {
        const property = properties.get(color.toLowerCase());
        return property === undefined ? whole : `="var(${property})"`;
      })
      .replace(/\n+/g, '\n')
      .replace(/^<svg width="\d+" height="\d+"/, '<svg aria-hidden="true"')
  );
}

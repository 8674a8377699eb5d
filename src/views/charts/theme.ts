/** How every chart looks: fonts, colours, dashes and markers. A file is drawn light; in a page the colours follow the page. */

/** Fonts that Linux, macOS and Windows have, then whatever the machine takes for a plain one. */
export const font = 'DejaVu Sans, Liberation Sans, Helvetica, Arial, sans-serif';

interface Color {
  /** On white, and in files. No two are equal: `inlineSvg` knows a colour by it. */
  readonly light: string;
  /** On the dark page. */
  readonly dark: string;
}

/** What is no curve: text and axes, grid lines, and the ground. */
const plain = {
  ink: { light: '#222222', dark: '#e6e6e6' },
  faint: { light: '#e3e3e3', dark: '#3a3f45' },
  paper: { light: '#ffffff', dark: '#16191d' },
} as const satisfies Record<string, Color>;

export const ink = plain.ink.light;
export const faint = plain.faint.light;
export const paper = plain.paper.light;

/** Okabe and Ito's colours, which colour-blind readers tell apart, without yellow, which white hides. The dark ones are lighter kin. */
export const hues: readonly Color[] = [
  { light: '#0072B2', dark: '#4ea5e0' },
  { light: '#D55E00', dark: '#ff8a45' },
  { light: '#009E73', dark: '#35c79a' },
  { light: '#CC79A7', dark: '#e39ac4' },
  { light: '#E69F00', dark: '#f2b632' },
  { light: '#56B4E9', dark: '#9ad6fb' },
  { light: '#000000', dark: '#ffffff' },
];

/** Each colour's CSS property and its two values: `--ink`, `--faint`, `--paper`, `--hue-1`, ... */
export const chartColors: readonly (Color & { readonly property: string })[] = [
  ...Object.entries(plain).map(([name, color]) => ({ property: `--${name}`, ...color })),
  ...hues.map((color, i) => ({ property: `--hue-${i + 1}`, ...color })),
];

/** How a curve is told from the others; dash and marker do it without colour. */
export interface Look {
  readonly color: string;
  readonly dash: 'solid' | 'dashed' | 'dotted';
  readonly symbol: 'circle' | 'diamond' | 'triangle' | 'rect' | 'pin';
}

const dashes = ['solid', 'dashed', 'dotted'] as const;
const symbols = ['circle', 'diamond', 'triangle', 'rect', 'pin'] as const;

/** The look of the curve `index`, from 0. The first 105 differ. */
export const lookOf = (index: number): Look => ({
  color: hues[index % hues.length]!.light,
  dash: dashes[index % dashes.length]!,
  symbol: symbols[index % symbols.length]!,
});

/** Of a curve that is alone in its panel. */
export const singleLook: Look = { ...lookOf(2), dash: 'solid' };

/** A curve with up to so many points has a marker at each: they show where the epochs are, until there are too many to tell apart. */
export const mostMarkers = 40;

/** How a chart library draws a line with this look. */
export const lineStyleOf = ({ color, dash, symbol }: Look, width: number) => ({
  symbol,
  symbolSize: 6,
  itemStyle: { color },
  lineStyle: { color, width, type: dash },
});

/** Train and validation of one run. */
export const splitLooks = { train: lookOf(0), validation: lookOf(1) } as const;

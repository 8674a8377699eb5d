import { renderToString } from 'preact-render-to-string';
import { Drawing } from '../charts/drawing.js';
import { faint, font, hues, ink, paper } from '../charts/theme.js';
import { integer } from '../format.js';
import { oneLine } from '../printable.js';
import type { Box, Chain } from './boxes.js';
import { type Edge, type Frame, type Layout, layOut, type PlacedBox } from './layout.js';
import { inset, lineHeight } from './sizes.js';

/** The graph of a network as an SVG document: its boxes, and the edges between them. */

export interface NetworkPicture {
  readonly svg: string;
  readonly width: number;
}

const fontSize = 11;
/** Of a letter, in a wide font. */
const letterWidth = 6.7;
/** Between a layer's name and what it is. */
const nameGap = 6;
const most = { name: 24, kind: 36 };
const colors = { weights: hues[0]!.light, join: hues[1]!.light, other: faint } as const;
/** Of a box's left side. */
const stripe = 4;
/** Of text beside the names. */
const weak = 0.75;

const nameOf = (name: string) => oneLine(name, most.name);
const kindOf = (kind: string) => oneLine(kind, most.kind);

/** A picture that is no higher than this needs no further column, nor one that a further column hardly makes lower. */
const enough = { height: 260, gain: 0.9 };

/** In as many columns as there is room for in this width. */
export function drawNetwork(chain: Chain, widest: number): NetworkPicture {
  const boxWidth = Math.ceil(Math.max(...boxesOf(chain).map(textWidth)) + stripe + 2 * inset);
  let best = layOut(chain, boxWidth, 1);
  for (let columns = 2; best.height > enough.height; columns++) {
    const next = layOut(chain, boxWidth, columns);
    if (next.width > widest || next.height > enough.gain * best.height) break;
    best = next;
  }
  return { svg: renderLayout(best), width: best.width };
}

const boxesOf = (chain: Chain): Box[] =>
  chain.flatMap((item) =>
    item.type === 'box' ? [item] : [...boxesOf(item.body), ...boxesOf(item.shortcut), item.sum],
  );

function textWidth(box: Box): number {
  const widthOf = (text: string) => letterWidth * text.length;
  const names = namesWidth(box);
  const foot =
    widthOf(box.output) + (box.parameters > 0 ? 2 * nameGap + widthOf(integer(box.parameters)) : 0);
  return Math.max(foot, ...box.lines.map(({ kind }) => names + widthOf(kindOf(kind))));
}

const namesWidth = ({ lines }: Box): number => {
  const longest = Math.max(...lines.map(({ name }) => nameOf(name).length));
  return longest === 0 ? 0 : letterWidth * longest + nameGap;
};

function renderLayout({ width, height, boxes, frames, edges }: Layout): string {
  return renderToString(
    <Drawing width={width} height={height} label="The network's graph">
      <g {...letters}>
        {frames.map((frame) => (
          <FrameShape key={`${frame.left},${frame.top}`} frame={frame} />
        ))}
      </g>
      <path d={edges.map(lineOf).join('')} stroke={ink} fill="none" shape-rendering="crispEdges" />
      <path d={edges.map(headOf).join('')} fill={ink} />
      <g {...letters}>
        {boxes.map((placed) => (
          <BoxShape key={placed.box.id} placed={placed} />
        ))}
      </g>
    </Drawing>,
  );
}

const letters = { fill: ink, style: `font-family:${font};` } as const;
/** Outlines of letters need it of each text. */
const text = { 'font-size': fontSize } as const;

const FrameShape = ({ frame: { title, left, top, right, bottom } }: { frame: Frame }) => (
  <>
    <rect
      x={left}
      y={top}
      width={right - left}
      height={bottom - top}
      rx="6"
      fill={faint}
      fill-opacity="0.35"
      stroke={ink}
      stroke-opacity="0.4"
      stroke-dasharray="3 3"
    />
    <text {...text} x={left + inset} y={top + 12} fill-opacity={weak}>
      {oneLine(title, 12)}
    </text>
  </>
);

function BoxShape({ placed: { box, left, top, right, bottom } }: { placed: PlacedBox }) {
  const [start, end] = [left + stripe + inset, right - inset];
  const names = namesWidth(box);
  const at = (line: number) => top + inset / 2 + lineHeight * (line + 0.75);
  const foot = at(box.lines.length);
  return (
    <>
      <rect x={left} y={top} width={right - left} height={bottom - top} fill={paper} stroke={ink} />
      <rect x={left} y={top} width={stripe} height={bottom - top} fill={colors[box.role]} stroke={ink} />
      {box.lines.map(({ name, kind }, i) => (
        <>
          {name !== '' && (
            <text {...text} x={start} y={at(i)}>
              {nameOf(name)}
            </text>
          )}
          {kind !== '' && (
            <text {...text} x={start + names} y={at(i)} fill-opacity={weak}>
              {kindOf(kind)}
            </text>
          )}
        </>
      ))}
      <text {...text} x={start} y={foot} fill-opacity={weak}>
        {box.output}
      </text>
      {box.parameters > 0 && (
        <text {...text} x={end} y={foot} text-anchor="end" fill-opacity={weak}>
          {integer(box.parameters)}
        </text>
      )}
    </>
  );
}

const lineOf = ({ points }: Edge): string =>
  points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x} ${y}`).join('');

/** The head of an arrow that comes from above or from the right. */
function headOf({ points }: Edge): string {
  const [[x0, y0], [x, y]] = points.slice(-2) as [Edge['points'][number], Edge['points'][number]];
  return x0 === x && y0 < y ? `M${x} ${y}l-3.5 -6h7z` : `M${x} ${y}l6 -3.5v7z`;
}

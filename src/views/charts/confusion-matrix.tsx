import { renderToString } from 'preact-render-to-string';
import { oneLine } from '../printable.js';
import { Drawing } from './drawing.js';
import { faint, font, ink, lookOf, paper } from './theme.js';

/** The confusion matrix as a picture: classes against predictions. */

export interface Matrix {
  /** Names of the shown classes, in order. */
  readonly names: readonly string[];
  /** Samples of each of these classes. */
  readonly samples: readonly number[];
  /** Nonzero cells; `row` and `column` are indices in `names`. */
  readonly cells: readonly { readonly row: number; readonly column: number; readonly samples: number }[];
}

/** Layout of the cells in the picture, in its units. */
export interface MatrixPlace {
  readonly left: number;
  readonly top: number;
  /** Side of a cell. */
  readonly cell: number;
  readonly width: number;
  readonly height: number;
}

const fontSize = 11;
const mostLetters = 24;
/** Widths of letters, in a wide font. */
const letterWidths = [
  { letters: /[\u1100-\u{10ffff}]/u, width: 11.5 },
  { letters: /[MWmw@%]/, width: 10.5 },
  { letters: /\p{Lu}/u, width: 8 },
] as const;
const otherWidth = 6.6;
const gap = 6;
/** For the axes' names; for the scale below. */
const titleSpace = 22;
const scaleSpace = 52;
const heat = lookOf(0).color;

export function placeMatrix({ names }: Matrix): MatrixPlace {
  const labels =
    Math.ceil(names.reduce((most, name) => Math.max(most, widthOf(short(name))), otherWidth)) + gap;
  const cell = names.length <= 20 ? 28 : names.length <= 40 ? 18 : 14;
  const [left, top] = [titleSpace + labels, titleSpace + labels];
  const side = names.length * cell;
  return { left, top, cell, width: Math.max(left + side, left + 190) + 8, height: top + side + scaleSpace };
}

/** Strength of the colour, 0 to 1 in 20 steps: the square root of the cell's share of the class, so that rare errors are visible. */
const strengthOf = (share: number): number =>
  Math.max(1, Math.round(20 * Math.sqrt(Math.min(1, share)))) / 20;

/** A row per class, a column per predicted class. Cells are coloured by their share of the row, and show their count where it fits. */
export function renderMatrix(matrix: Matrix): string {
  const place = placeMatrix(matrix);
  const { left, top, cell, width, height } = place;
  const side = matrix.names.length * cell;
  const text = { 'font-size': fontSize, fill: ink, style: `font-family:${font};` };
  return renderToString(
    <Drawing width={width} height={height} label="Confusion matrix">
      <text {...text} font-size="13" x={left + side / 2} y="14" text-anchor="middle">
        taken for
      </text>
      <text
        {...text}
        font-size="13"
        transform={`translate(14 ${top + side / 2}) rotate(-90)`}
        text-anchor="middle"
      >
        true class
      </text>
      <path d={gridPath(left, top, cell, matrix.names.length)} stroke={faint} fill="none" />
      {[...byStrength(matrix)].map(([strength, cells]) => (
        <path key={strength} d={cellsPath(cells, place)} fill={heat} fill-opacity={strength} />
      ))}
      {cell >= 28 &&
        matrix.cells.map((each) => <Count key={`${each.row},${each.column}`} {...{ matrix, place, each }} />)}
      {matrix.names.map((name, i) => {
        const middle = (i + 0.5) * cell + fontSize * 0.36;
        return (
          <>
            <text {...text} x={left - gap} y={top + middle} text-anchor="end">
              {short(name)}
            </text>
            <text {...text} transform={`translate(${left + middle} ${top - gap}) rotate(-90)`}>
              {short(name)}
            </text>
          </>
        );
      })}
      <Scale left={left} top={top + side + 18} />
    </Drawing>,
  );
}

function Count(props: { matrix: Matrix; place: MatrixPlace; each: Matrix['cells'][number] }) {
  const { row, column, samples } = props.each;
  const { left, top, cell } = props.place;
  const strength = strengthOf(samples / props.matrix.samples[row]!);
  return (
    <text
      x={left + (column + 0.5) * cell}
      y={top + (row + 0.5) * cell + 4}
      text-anchor="middle"
      font-size={samples > 9999 ? 8 : fontSize}
      fill={strength > 0.6 ? paper : ink}
      style={`font-family:${font};`}
    >
      {samples > 99999 ? `${Math.round(samples / 1000)}k` : samples}
    </text>
  );
}

/** The scale of the colours. */
function Scale({ left, top }: { left: number; top: number }) {
  const text = { 'font-size': fontSize, fill: ink, style: `font-family:${font};` };
  return (
    <g>
      {[0.01, 0.05, 0.25, 0.5, 1].map((share, i) => (
        <>
          <rect
            x={left + 36 * i}
            y={top}
            width="36"
            height="12"
            fill={heat}
            fill-opacity={strengthOf(share)}
          />
          <text {...text} x={left + 36 * i + 18} y={top + 25} text-anchor="middle">
            {`${100 * share}%`}
          </text>
        </>
      ))}
    </g>
  );
}

function byStrength(matrix: Matrix): Map<number, Matrix['cells'][number][]> {
  const groups = new Map<number, Matrix['cells'][number][]>();
  for (const cell of matrix.cells) {
    const strength = strengthOf(cell.samples / matrix.samples[cell.row]!);
    const group = groups.get(strength);
    if (group === undefined) groups.set(strength, [cell]);
    else group.push(cell);
  }
  return groups;
}

const cellsPath = (cells: readonly Matrix['cells'][number][], { left, top, cell }: MatrixPlace): string =>
  cells
    .map(({ row, column }) => `M${left + column * cell} ${top + row * cell}h${cell}v${cell}h${-cell}z`)
    .join('');

function gridPath(left: number, top: number, cell: number, count: number): string {
  const side = count * cell;
  const lines = Array.from({ length: count + 1 }, (_, i) => i * cell);
  return lines.map((at) => `M${left} ${top + at}h${side}M${left + at} ${top}v${side}`).join('');
}

const short = (name: string) => oneLine(name, mostLetters);

const widthOf = (text: string): number =>
  Array.from(text).reduce(
    (sum, letter) => sum + (letterWidths.find(({ letters }) => letters.test(letter))?.width ?? otherWidth),
    0,
  );

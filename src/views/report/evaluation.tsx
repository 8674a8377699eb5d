import type { ClassScores, Scores } from '../../evaluation/scores.js';
import { placeMatrix } from '../charts/confusion-matrix.js';
import { inlineSvg } from '../charts/inline.js';
import { countText, levelText, natsText, percentText } from '../format.js';
import { Figure, KeyValues, Scroll, Section } from '../pages/elements.js';
import { Table } from '../pages/table.js';
import { printable } from '../printable.js';
import { confusedPairs, matrixOf } from './matrix.js';
import type { Plots } from './plots.js';

/** The evaluation of a split: scores, calibration, confusion matrix, classes. */
export function EvaluationSections({ scores, plots }: { scores: Scores; plots: Plots }) {
  return (
    <>
      <Figures scores={scores} />
      {plots.calibration && (
        <Section id="calibration" title="Calibration" level={3}>
          <Figure
            id="plot-calibration"
            svg={plots.calibration}
            text={`Accuracy against confidence in ${scores.calibration.bins.length} bins; the expected calibration error is ${percentText(scores.calibration.error)}.`}
            caption="Above: how often the model is right, of the images that it is about so sure of; on the dashed line it is as right as it is sure. Below: how many images these are."
          />
        </Section>
      )}
      {plots.confusion && (
        <Section id="confusion" title="Confusion" level={3}>
          <Confusion scores={scores} svg={plots.confusion} />
        </Section>
      )}
      <Section id="classes" title="Classes" level={3}>
        <Classes classes={scores.classes} />
      </Section>
    </>
  );
}

function Figures({ scores }: { scores: Scores }) {
  const { intervals, macro, calibration } = scores;
  const between = ({ low, high }: { low: number; high: number }) =>
    `${percentText(low)} to ${percentText(high)}`;
  const level = levelText(intervals.level);
  return (
    <KeyValues
      pairs={[
        ['Images', countText(scores.samples)],
        ['Cross entropy', `${natsText(scores.loss)} nats`],
        ['Top-1', `${percentText(scores.top1)} (${level} interval ${between(intervals.top1)})`],
        ['Top-5', `${percentText(scores.top5)} (${level} interval ${between(intervals.top5)})`],
        [
          'Mean over the classes',
          `precision ${percentText(macro.precision)}, recall ${percentText(macro.recall)}, F1 ${percentText(macro.f1)}`,
        ],
        [
          'Calibration error',
          `${percentText(calibration.error)} (expected, ${calibration.bins.length} bins)`,
        ],
        [
          'Intervals',
          `percentile bootstrap, ${countText(intervals.resamples)} resamples, seed ${intervals.seed}`,
        ],
      ]}
    />
  );
}

function Confusion({ scores, svg }: { scores: Scores; svg: string }) {
  const matrix = matrixOf(scores);
  const { left, top, cell, width } = placeMatrix(matrix);
  const cells = matrix.cells.map(({ row, column, samples }) => [row, column, samples]);
  const { names, samples } = matrix;
  const isPart = names.length < scores.classes.length;
  return (
    <>
      <figure id="plot-confusion">
        <div class="matrix">
          <Scroll
            label="Confusion matrix"
            aria-describedby="confusion-help"
            data-matrix={JSON.stringify({ names: names.map(printable), samples, cells, left, top, cell })}
          >
            <div
              style={`width:${width}px`}
              dangerouslySetInnerHTML={{ __html: inlineSvg(svg, 'plot-confusion') }}
            />
          </Scroll>
          <div class="tip" role="status" />
        </div>
        <figcaption id="confusion-help">
          {isPart &&
            `The ${names.length} classes with a part in the most errors, of ${scores.classes.length}; what was taken for others is not shown. `}
          A row is a class, a column what its images were taken for; the colour is their share of the row.
          Point at a cell, or focus the matrix and move with the arrow keys, to read it. The table below names
          the most confused pairs.
        </figcaption>
      </figure>
      <Pairs scores={scores} />
    </>
  );
}

function Pairs({ scores: { classes, confusion } }: { scores: Scores }) {
  const pairs = confusedPairs(confusion, 20);
  if (pairs.length === 0) return <p>No image was taken for another class.</p>;
  return (
    <Table
      caption="The pairs of classes that are confused most"
      rows={pairs}
      columns={[
        { name: 'True class', of: ({ label }) => classes[label]!.name },
        { name: 'Taken for', of: ({ predicted }) => classes[predicted]!.name },
        { name: 'Images', of: ({ samples }) => countText(samples), numeric: true },
        {
          name: 'Of the class',
          of: ({ label, samples }) => percentText(samples / classes[label]!.samples),
          numeric: true,
        },
      ]}
    />
  );
}

/** Largest number of listed classes. Of more, those with the lowest F1 are listed; classes without F1 come last. */
const mostRows = 1000;

function Classes({ classes }: { classes: readonly ClassScores[] }) {
  const isPart = classes.length > mostRows;
  const rows = isPart ? [...classes].sort((a, b) => (a.f1 ?? 2) - (b.f1 ?? 2)).slice(0, mostRows) : classes;
  return (
    <Table
      caption={
        isPart
          ? `The ${countText(mostRows)} classes with the lowest F1, of ${countText(classes.length)}`
          : 'How well each class is told from the others'
      }
      rows={rows}
      sortable
      columns={[
        { name: 'Class', of: ({ name }) => name },
        { name: 'Precision', of: ({ precision }) => percentText(precision), numeric: true },
        { name: 'Recall', of: ({ recall }) => percentText(recall), numeric: true },
        { name: 'F1', of: ({ f1 }) => percentText(f1), numeric: true },
        { name: 'Images', of: ({ samples }) => countText(samples), numeric: true },
        { name: 'Predicted', of: ({ predicted }) => countText(predicted), numeric: true },
      ]}
    />
  );
}

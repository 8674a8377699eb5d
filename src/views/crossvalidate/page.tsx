import { counted } from '../../data/faults.js';
import { renderRunsPanel } from '../charts/run-curves.js';
import { type EndedRun, isCompleted } from '../compare/candidate.js';
import { Figure, Section, SideBySide } from '../pages/elements.js';
import { renderPage } from '../pages/page.js';
import { TableOfText } from '../pages/text-table.js';
import { type CrossValidation, foldsTable } from './folds.js';

const measures = { loss: 'Cross entropy', top1: 'Top-1 accuracy' } as const;

/** The page `crossvalidate.html`. */
export async function crossValidationPage(
  validation: CrossValidation,
  runs: readonly EndedRun[],
): Promise<string> {
  const { config, folds, version } = validation;
  const epochs = runs.filter(isCompleted).map((run) => run.epochs);
  const charts =
    epochs.length === 0
      ? []
      : await Promise.all(
          (['loss', 'top1'] as const).map(async (measure) => ({
            id: `curves-${measure}`,
            svg: await renderRunsPanel([{ name: 'folds', epochs }], measure),
            text: `${measures[measure]} against the epoch, the mean of the folds`,
            caption: `${measures[measure]} on validation (thick) and train (thin): the mean of the folds, and from the lowest to the highest.`,
          })),
        );
  const sections = [
    { id: 'folds', title: 'Folds', body: <TableOfText table={foldsTable(validation)} /> },
    charts.length > 0 && {
      id: 'curves',
      title: 'Curves',
      body: (
        <SideBySide>
          {charts.map((chart) => (
            <Figure key={chart.id} {...chart} />
          ))}
        </SideBySide>
      ),
    },
    { id: 'method', title: 'How it was computed', body: <p>{method}</p> },
  ].filter((section) => section !== false);
  return renderPage({
    title: `Cross-validation of ${config}`,
    lead: `${counted(folds.length, 'fold')}; lockstep ${version}`,
    contents: sections.map(({ id, title }) => ({ id, name: title })),
    body: sections.map(({ id, title, body }) => (
      <Section key={id} id={id} title={title}>
        {body}
      </Section>
    )),
  });
}

const method =
  'The training and validation images together are cut into folds, stratified by class, by the seed of data.split. Each fold validates a ' +
  'training on the others. The last weights were not chosen by the fold, so their mean estimates what a training on so many images gives; the ' +
  "best weights were. The deviation is of one fold's figure: folds share training images, so it is no standard error of the mean. The test " +
  'images are in no fold: Test is the accuracy of the last weights on them.';

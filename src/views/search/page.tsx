import { counted } from '../../data/faults.js';
import type { SearchResult } from '../../search/search.js';
import { type Measure, renderRunsPanel } from '../charts/run-curves.js';
import { integer } from '../format.js';
import { Figure, KeyValues, Section, SideBySide } from '../pages/elements.js';
import { renderPage } from '../pages/page.js';
import { TableOfText } from '../pages/text-table.js';
import { printable } from '../printable.js';
import { renderRungs, renderValues } from './charts.js';
import type { SearchRecord, TrialRecord } from './record.js';
import { foldsTable, measuredText, methodTexts, rungsTable, trialsTable, valueText } from './tables.js';

/** Trials whose curves are drawn, of halving none that ended in the first rung: more can hardly be told apart. */
const mostCurves = 6;

type Chart = Parameters<typeof Figure>[0];

/** The page `search.html`. */
export async function searchPage(record: SearchRecord, result: SearchResult): Promise<string> {
  const { search, trials, rungs } = record;
  const best = trials.find(({ trial }) => trial === record.best);
  const values = best === undefined ? [] : await valueCharts(record);
  const curves = best === undefined ? [] : await curveCharts(result);
  const isHalving = rungs.length > 1;
  const rungCharts = best === undefined || !isHalving ? [] : [await rungsChart(record)];
  const sections = [
    best && { id: 'best', title: 'The best trial', body: <BestTrial trial={best} /> },
    { id: 'trials', title: 'Trials', body: <TableOfText table={trialsTable(record)} /> },
    values.length > 0 && {
      id: 'values',
      title: 'The score over each value',
      body: <Charts charts={values} />,
    },
    curves.length > 0 && { id: 'curves', title: 'Curves', body: <Charts charts={curves} /> },
    isHalving && {
      id: 'rungs',
      title: 'Rungs',
      body: (
        <>
          <TableOfText table={rungsTable(record)} />
          <Charts charts={rungCharts} />
        </>
      ),
    },
    best &&
      best.runs.length > 1 && {
        id: 'folds',
        title: 'Folds of the best trial',
        body: <TableOfText table={foldsTable(best)} />,
      },
    {
      id: 'method',
      title: 'How it was searched',
      body: methodTexts(record).map((text) => <p key={text}>{printable(text)}</p>),
    },
  ].filter((section) => section !== undefined && section !== false);
  return renderPage({
    title: `Search of ${search.config}`,
    lead: `${counted(trials.length, 'trial')}${isHalving ? `, ${counted(rungs.length, 'rung')}` : ''}; lockstep ${record.version}`,
    contents: sections.map(({ id, title }) => ({ id, name: title })),
    body: sections.map(({ id, title, body }) => (
      <Section key={id} id={id} title={title}>
        {body}
      </Section>
    )),
  });
}

const Charts = ({ charts }: { charts: readonly Chart[] }) => (
  <SideBySide>
    {charts.map((chart) => (
      <Figure key={chart.id} {...chart} />
    ))}
  </SideBySide>
);

const BestTrial = ({ trial }: { trial: TrialRecord }) => (
  <KeyValues
    pairs={[
      ['Trial', integer(trial.trial)],
      ...Object.entries(trial.values).map(
        ([key, value]) => [printable(key), printable(valueText(value))] as const,
      ),
      ['Validation top-1', measuredText(trial, 'top1')],
      ['Validation loss', measuredText(trial, 'loss')],
      [
        trial.runs.length === 1 ? 'Run' : 'Runs',
        printable(trial.runs.map(({ directory }) => directory).join(', ')),
      ],
    ]}
  />
);

const valueCharts = (record: SearchRecord): Promise<Chart[]> =>
  Promise.all(
    Object.keys(record.search.space).map(async (key, i) => ({
      id: `value-${i + 1}`,
      svg: await renderValues(record, key),
      text: printable(`Each trial's score over ${key}`),
      caption: printable(`Each trial's score over ${key}; those that diverged are left out.`),
    })),
  );

const measures = { loss: 'Cross entropy', top1: 'Top-1 accuracy' } as const;

async function curveCharts({ ranking, rungs }: SearchResult): Promise<Chart[]> {
  const first = rungs.length > 1 ? 1 : 0;
  const drawn = ranking.filter(({ score, rung }) => score !== null && rung >= first).slice(0, mostCurves);
  if (drawn.length === 0) return [];
  const runs = drawn.map(({ trial, runs }) => ({
    name: `trial ${trial.number}`,
    epochs: runs.map(({ epochs }) => epochs),
  }));
  const band = drawn[0]!.runs.length > 1 ? '; of folds the mean, and from the lowest to the highest' : '';
  return Promise.all(
    (['loss', 'top1'] as const satisfies readonly Measure[]).map(async (measure) => ({
      id: `curves-${measure}`,
      svg: await renderRunsPanel(runs, measure),
      text: `${measures[measure]} against the epoch of the best ${counted(drawn.length, 'trial')}`,
      caption: `${measures[measure]} of the best ${counted(drawn.length, 'trial')} on validation (thick) and train (thin)${band}.`,
    })),
  );
}

const rungsChart = async (record: SearchRecord): Promise<Chart> => ({
  id: 'rungs-scores',
  svg: await renderRungs(record),
  text: "Each trial's score over the epochs of the rungs that it was in",
  caption: 'A line for each trial, over the epochs of the rungs that it was in.',
});

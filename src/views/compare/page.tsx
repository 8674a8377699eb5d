import { counted } from '../../data/faults.js';
import { trainLossExtras, trainLossNotes } from '../../runs/train-loss.js';
import { type RunCurves, renderRunsPanel } from '../charts/run-curves.js';
import { Figure, Section, SideBySide } from '../pages/elements.js';
import { renderPage } from '../pages/page.js';
import { TableOfText } from '../pages/text-table.js';
import type { TextTable } from '../text-table.js';
import { type Candidate, completedOf } from './candidate.js';
import type { Comparison } from './comparison.js';
import { findings, methods, tablesOf } from './tables.js';

/** The page `compare.html`. */
export async function comparisonPage(
  comparison: Comparison,
  candidates: readonly Candidate[],
  title: string,
): Promise<string> {
  const tables = tablesOf(comparison);
  const charts = await chartsOf(candidates);
  const curves = { id: 'curves', title: 'Curves' };
  const method = { id: 'method', title: 'How it was computed' };
  const afterCurves = tables.findIndex(({ id }) => id === 'cost');
  const [before, after] = [tables.slice(0, afterCurves), tables.slice(afterCurves)];
  const sections = [...before, ...(charts.length > 0 ? [curves] : []), ...after, method];
  const showTable = (table: TextTable) => (
    <Section key={table.id} id={table.id} title={table.title}>
      {table.id === 'differences' && (
        <ul>
          {findings(comparison).map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
      <TableOfText table={table} />
    </Section>
  );
  return renderPage({
    title,
    lead: `${counted(comparison.entries.length, 'network')}, ${counted(comparison.entries.flatMap(({ runs }) => runs).length, 'run')}; lockstep ${comparison.version}`,
    contents: sections.map(({ id, title }) => ({ id, name: title })),
    body: (
      <>
        {before.map(showTable)}
        {charts.length > 0 && (
          <Section {...curves}>
            <SideBySide>
              {charts.map(({ id, svg, text, caption }) => (
                <Figure key={id} id={id} svg={svg} text={text} caption={caption} />
              ))}
            </SideBySide>
          </Section>
        )}
        {after.map(showTable)}
        <Section {...method}>
          {methods(comparison).map((text) => (
            <p key={text}>{text}</p>
          ))}
        </Section>
      </>
    ),
  });
}

const lossNote = (candidates: readonly Candidate[]): string | undefined =>
  trainLossNotes(candidates.map(({ name, config }) => ({ name, trainLossWith: trainLossExtras(config) })));

const measures = { loss: 'Cross entropy', top1: 'Top-1 accuracy' } as const;

/** Charts of all candidates' loss and accuracy; empty if no run has completed. */
async function chartsOf(candidates: readonly Candidate[]) {
  const runs: RunCurves[] = candidates
    .map((candidate) => ({
      name: candidate.name,
      epochs: completedOf(candidate).map(({ epochs }) => epochs),
    }))
    .filter(({ epochs }) => epochs.length > 0);
  if (runs.length === 0) return [];
  const names = runs.map(({ name }) => name).join(', ');
  const seeds = runs.some(({ epochs }) => epochs.length > 1);
  const band = seeds ? '; of several seeds the mean, and from the lowest to the highest' : '';
  return Promise.all(
    (['loss', 'top1'] as const).map(async (measure) => ({
      id: `curves-${measure}`,
      svg: await renderRunsPanel(runs, measure),
      text: `${measures[measure]} against the epoch of ${names}`,
      caption: [
        `${measures[measure]} on validation (thick) and train (thin)${band}.`,
        measure === 'loss' ? lossNote(candidates) : undefined,
      ]
        .filter((sentence) => sentence !== undefined)
        .join(' '),
    })),
  );
}

import { useEffect, useState } from 'preact/hooks';
import type { LiveState } from '../live-state.js';
import { Chart } from './chart.js';
import { Legend } from './legend.js';
import { bothSplits, type Line, single, stepLook, subjectsOf } from './lines.js';
import type { ShownRun } from './store.js';
import { ValuesTable } from './values-table.js';

/** Loss, accuracy, speed and learning rate against the epoch. */
export function CurvesSection({ live, shown }: { live: LiveState | null; shown: readonly ShownRun[] }) {
  const isDark = useDark();
  const subjects = subjectsOf(live, shown);
  const version = [
    live?.curves.epoch.length,
    ...shown.map(({ entry }) => `${entry.folder}/${entry.version}`),
  ].join('\n');
  const steps: Line[] =
    live === null ? [] : [{ ...stepLook, name: 'this run, steps', x: live.steps.at, y: live.steps.loss }];
  const common = { isDark, version };
  return (
    <section aria-labelledby="curves-title">
      <h2 id="curves-title">Curves</h2>
      {subjects.length === 0 ? (
        <p>Tick a run below to see its curves.</p>
      ) : (
        <>
          <Legend subjects={subjects} hasSteps={live !== null} />
          <div class="charts">
            <Chart
              {...common}
              id="loss"
              title="Cross entropy (nats per sample)"
              zeroBased={false}
              version={`${version}\n${live?.steps.seen}`}
              lines={() => [...steps, ...bothSplits(subjects, 'trainLoss', 'validationLoss', 1)]}
            />
            <Chart
              {...common}
              id="top1"
              title="Top-1 accuracy (%)"
              zeroBased
              lines={() => bothSplits(subjects, 'trainTop1', 'validationTop1', 100)}
            />
            <Chart
              {...common}
              id="speed"
              title="Speed (training images/s)"
              zeroBased
              lines={() => single(subjects, 'imagesPerSecond')}
            />
            <Chart
              {...common}
              id="rate"
              title="Learning rate (at the epoch's end)"
              zeroBased
              lines={() => single(subjects, 'learningRate')}
            />
          </div>
          <ValuesTable subjects={subjects} version={version} />
        </>
      )}
    </section>
  );
}

/** Whether the user's system is dark, as the style sheet sees it. */
function useDark(): boolean {
  const [query] = useState(() => matchMedia('(prefers-color-scheme: dark)'));
  const [isDark, setDark] = useState(query.matches);
  useEffect(() => {
    const changed = () => setDark(query.matches);
    query.addEventListener('change', changed);
    return () => query.removeEventListener('change', changed);
  }, []);
  return isDark;
}

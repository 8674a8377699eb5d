import { useEffect, useState } from 'preact/hooks';
import { trainLossNotes } from '../../../runs/train-loss.js';
import { epochTicks } from '../../charts/ticks.js';
import { integer, learningRateText, nats, percent } from '../../format.js';
import type { LiveState } from '../live-state.js';
import { Chart } from './chart.js';
import { Legend } from './legend.js';
import { bothSplits, type Line, looksOf, single, subjectsOf } from './lines.js';
import type { ShownRun } from './store.js';
import { ValuesTable } from './values-table.js';

/** Loss, accuracy, speed and learning rate against the epoch. */
export function CurvesSection({ live, shown }: { live: LiveState | null; shown: readonly ShownRun[] }) {
  const isDark = useDark();
  const looks = looksOf(isDark);
  const subjects = subjectsOf(live, shown, looks);
  // All charts have the same axis. The steps are ahead of the completed epochs.
  const epochs = epochTicks([...subjects.flatMap(({ curves }) => curves.epoch), live?.steps.at.at(-1) ?? 0]);
  const version = [
    epochs.max,
    live?.curves.epoch.length,
    ...shown.map(({ entry }) => `${entry.folder}/${entry.version}`),
  ].join('\n');
  const steps: Line[] =
    live === null ? [] : [{ ...looks.steps, name: 'this run, steps', x: live.steps.at, y: live.steps.loss }];
  const common = { isDark, version, epochs };
  return (
    <section aria-labelledby="curves-title">
      <h2 id="curves-title">Curves</h2>
      {subjects.length === 0 ? (
        <p>Tick a run below to see its curves.</p>
      ) : (
        <>
          <Legend subjects={subjects} steps={live === null ? undefined : looks.steps} />
          <div class="charts">
            <Chart
              {...common}
              id="loss"
              title="Cross entropy (nats per sample)"
              note={trainLossNotes(subjects)}
              range="fit"
              written={nats}
              version={`${version}\n${live?.steps.seen}`}
              lines={() => [...steps, ...bothSplits(subjects, 'trainLoss', 'validationLoss', 1)]}
            />
            <Chart
              {...common}
              id="top1"
              title="Top-1 accuracy (%)"
              range="zero"
              written={(value) => percent(value / 100)}
              lines={() => bothSplits(subjects, 'trainTop1', 'validationTop1', 100)}
            />
            <Chart
              {...common}
              id="speed"
              title="Speed (training images/s)"
              range="zero"
              written={integer}
              lines={() => single(subjects, 'imagesPerSecond')}
            />
            <Chart
              {...common}
              id="rate"
              title="Learning rate (at the epoch's end)"
              range="zero"
              written={learningRateText}
              lines={() => single(subjects, 'learningRate')}
            />
          </div>
          <ValuesTable subjects={subjects} version={version} />
        </>
      )}
    </section>
  );
}

/** Whether the user's system has a dark theme, by the same query as the style sheet's. */
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

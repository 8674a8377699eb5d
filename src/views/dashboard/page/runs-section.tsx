import { duration, integer, percent } from '../../format.js';
import type { ListedRun } from '../listed-run.js';
import { mostShown, type Store } from './store.js';
import { WideTable } from './wide-table.js';

const columns = [
  { name: 'show', isNumber: false },
  { name: 'run', isNumber: false },
  { name: 'state', isNumber: false },
  { name: 'epochs', isNumber: true },
  { name: 'best validation top-1', isNumber: true },
  { name: 'test top-1', isNumber: true },
  { name: 'images/s', isNumber: true },
  { name: 'time', isNumber: true },
];

/** The saved runs. A checkbox adds a run's curves to the charts. */
export function RunsSection(props: { store: Store; runs: readonly ListedRun[]; isAlone: boolean }) {
  const { store, runs, isAlone } = props;
  const isFull = store.ticked.size >= mostShown;
  return (
    <section aria-labelledby="runs-title">
      <h2 id="runs-title">{isAlone ? 'Runs' : 'Other runs'}</h2>
      {runs.length === 0 ? (
        <p>There are none yet.</p>
      ) : (
        <WideTable label="Table of runs" columns={columns}>
          {runs.toReversed().map((run) => (
            <Row key={run.folder} run={run} store={store} isFull={isFull} />
          ))}
        </WideTable>
      )}
      {isFull && <p>{`${mostShown} runs are shown, which is as many as can be told apart.`}</p>}
    </section>
  );
}

function Row({ run, store, isFull }: { run: ListedRun; store: Store; isFull: boolean }) {
  const { folder, fault, epochs, bestTop1, testTop1, imagesPerSecond, seconds } = run;
  const isTicked = store.isTicked(folder);
  if (fault !== null) {
    return (
      <tr class="damaged">
        <td />
        <th scope="row">{folder}</th>
        <td colSpan={6}>{`damaged: ${fault}`}</td>
      </tr>
    );
  }
  return (
    <tr>
      <td>
        <input
          type="checkbox"
          aria-label={`Show ${folder}`}
          checked={isTicked}
          disabled={epochs === 0 || (isFull && !isTicked)}
          onChange={(event) => store.tick(folder, event.currentTarget.checked)}
        />
      </td>
      <th scope="row">{folder}</th>
      <td class="state">{stateOf(run)}</td>
      <td class="number">{`${integer(epochs)} of ${integer(run.allEpochs)}`}</td>
      <td class="number">{bestTop1 === null ? '–' : percent(bestTop1)}</td>
      <td class="number">{testTop1 === null ? '–' : percent(testTop1)}</td>
      <td class="number">{imagesPerSecond === null ? '–' : integer(imagesPerSecond)}</td>
      <td class="number">{duration(seconds)}</td>
    </tr>
  );
}

/** The run's state; for a run that was cut off, also when: the time if it was today, else the date. */
function stateOf({ status, changed }: ListedRun): string {
  if (status !== 'cut off') return status;
  const at = new Date(changed);
  const isToday = at.toDateString() === new Date().toDateString();
  return `cut off, ${isToday ? at.toLocaleTimeString() : at.toLocaleDateString()}`;
}

import { useMemo } from 'preact/hooks';
import type { PageState } from '../live-state.js';
import { ControlButtons } from './control-buttons.js';
import { CurvesSection } from './curves-section.js';
import { Messages } from './messages.js';
import { PredictionsSection } from './predictions-section.js';
import { Progress } from './progress.js';
import { RunsSection } from './runs-section.js';
import { statusOf } from './status.js';
import type { Store } from './store.js';

export function App({ store }: { store: Store }) {
  const { state, connection } = store;
  const live = state?.live ?? null;
  const status = statusOf(state, connection);
  document.title = titleOf(state);
  return (
    <>
      <header>
        <h1>{live === null ? 'lockstep: runs' : (live.start?.name ?? 'lockstep')}</h1>
        <p role="status" class={`status ${status.tone}`}>
          {status.text}
        </p>
      </header>
      <main>
        {live !== null && (
          <Progress live={live}>
            <ControlButtons store={store} live={live} />
          </Progress>
        )}
        {state !== undefined && <CurvesSection live={live} shown={store.shown} />}
        {live?.pictures && <PredictionsSection pictures={live.pictures} predictions={live.predictions} />}
        {state !== undefined && <Runs store={store} state={state} />}
        {live !== null && <Messages messages={live.messages} />}
      </main>
    </>
  );
}

/** Rendered again only when the list or the ticks have changed, since the list may be long. */
function Runs({ store, state }: { store: Store; state: PageState }) {
  const { ticked } = store;
  return useMemo(
    () => <RunsSection store={store} runs={state.runs} isAlone={state.live === null} />,
    [state.runs, [...ticked].join('\n')],
  );
}

function titleOf(state: PageState | undefined): string {
  const { start, curves } = state?.live ?? {};
  if (!start || !curves) return 'lockstep';
  return `${curves.epoch.at(-1) ?? 0}/${start.epochs} ${start.name}`;
}

import type { LiveState } from '../live-state.js';
import type { Store } from './store.js';

/** Buttons to pause, resume and stop a running training that can be controlled. */
export function ControlButtons({ store, live }: { store: Store; live: LiveState }) {
  const { controls, end, failed } = live;
  if (controls === null || end !== null || failed || store.connection === 'ended') return null;
  const isDisabled = controls === 'stopping' || store.connection !== 'open';
  const isPaused = controls === 'paused';
  return (
    <div class="controls">
      <button
        type="button"
        disabled={isDisabled}
        onClick={() => store.control(isPaused ? 'resume' : 'pause')}
      >
        {isPaused ? 'Go on' : 'Pause'}
      </button>
      <button type="button" disabled={isDisabled} onClick={() => store.control('stop')}>
        Stop and save
      </button>
      {store.complaint !== '' && <p role="alert">{store.complaint}</p>}
    </div>
  );
}

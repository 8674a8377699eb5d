import type { ComponentChildren } from 'preact';
import type { RunStart, StepProgress } from '../../../runs/reporter.js';
import { duration, integer, learningRateText, percent } from '../../format.js';
import { ranksText } from '../../ranks-text.js';
import type { LiveState } from '../live-state.js';
import { epochsDone, secondsLeft } from './status.js';

/** The training's progress, speed and remaining time. */
export function Progress({ live, children }: { live: LiveState; children: ComponentChildren }) {
  const { start, data, step, curves, best } = live;
  if (start === null) return <Preparing data={data} />;
  const done = epochsDone(live);
  const left = secondsLeft(live);
  const last = curves.imagesPerSecond.at(-1);
  const rate = step?.learningRate ?? curves.learningRate.at(-1);
  const isBetween = step === null || step.epoch <= (curves.epoch.at(-1) ?? 0);
  return (
    <section aria-labelledby="progress-title" class="progress">
      <h2 id="progress-title">Progress</h2>
      <div class="bar">
        <progress aria-label="Epochs done" max={start.epochs} value={done} />
        <span>{`${Math.floor((100 * done) / start.epochs)}%`}</span>
      </div>
      <dl class="figures">
        <Figure
          name="epoch"
          value={`${Math.min(start.epochs, Math.floor(done) + (isBetween ? 0 : 1))} of ${start.epochs}`}
        />
        <Figure name="step" value={isBetween ? '–' : `${integer(step.step)} of ${integer(step.steps)}`} />
        <Figure name="left" value={left === undefined ? '–' : duration(left)} />
        <Figure name="images/s, this epoch" value={isBetween ? '–' : integer(step.imagesPerSecond)} />
        <Figure name="images/s, last epoch" value={last === undefined ? '–' : integer(last)} />
        <Figure name="learning rate" value={rate === undefined ? '–' : learningRateText(rate)} />
        <Figure
          name={`best validation top-1${best === null ? '' : ` (epoch ${best.epoch})`}`}
          value={best === null ? '–' : percent(best.top1)}
        />
      </dl>
      {children}
      <Load
        title={start.distributed ? 'Threads of rank 0 at work' : 'Threads at work'}
        load={step?.load ?? []}
      />
      <Ranks start={start} step={step} />
      <p class="about">
        {`${integer(start.samples.train)} training images, ${integer(start.samples.validation)} validation; `}
        {`${start.layers} layers, ${integer(start.parameters)} parameters; batches of ${integer(start.batchSize)}; `}
        {`${threadsText(start)}; files in ${start.directory}`}
      </p>
    </section>
  );
}

const threadsText = ({ threads, distributed }: RunStart): string =>
  distributed === undefined
    ? `${threads} thread${threads === 1 ? '' : 's'}`
    : `${ranksText(distributed)}, ${distributed.carrier}`;

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Preparing({ data }: { data: LiveState['data'] }) {
  return (
    <section aria-labelledby="progress-title" class="progress">
      <h2 id="progress-title">The dataset</h2>
      {data === null ? (
        <p>Looking at it …</p>
      ) : (
        <div class="bar">
          <progress aria-label={data.phase} max={data.total} value={data.done} />
          <span>{`${data.phase} ${integer(data.done)} of ${integer(data.total)}`}</span>
        </div>
      )}
    </section>
  );
}

/** For each thread, the share of the time in which it did not wait. */
function Load({ title, load }: { title: string; load: readonly number[] }) {
  if (load.length === 0) return null;
  return (
    <div class="load">
      <h3>{title}</h3>
      <ul>
        {load.map((part, i) => (
          <li key={i}>
            <span>{i + 1}</span>
            <meter aria-label={`Thread ${i + 1}`} min={0} max={1} value={part} />
            <span>{`${Math.round(100 * part)}%`}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/**
 * Of each rank, its part of the images/s, and the share of the time in which it did not wait for others: the one that waits least is the
 * slowest.
 */
function Ranks({ start, step }: { start: RunStart; step: StepProgress | null }) {
  const { distributed } = start;
  if (distributed === undefined || step === null) return null;
  const { ranks } = distributed;
  return (
    <div class="load ranks">
      <h3>Ranks at work</h3>
      <ul>
        {ranks.map(({ host, threads, share }, i) => (
          <li key={i}>
            <span>{`${i} on ${host}, ${threads} thread${threads === 1 ? '' : 's'}`}</span>
            <meter aria-label={`Rank ${i}`} min={0} max={1} value={step.rankLoad[i] ?? 0} />
            <span>{`${Math.round(100 * (step.rankLoad[i] ?? 0))}%, ${integer(share * step.imagesPerSecond)} images/s`}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

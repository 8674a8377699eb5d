import { useMemo } from 'preact/hooks';
import { percent } from '../../format.js';
import type { Pictures, Predictions } from '../live-state.js';

/** The network's predictions for a few validation images, as of the last epoch that was classified. */
export function PredictionsSection(props: { pictures: Pictures; predictions: Predictions | null }) {
  const { pictures, predictions } = props;
  return useMemo(() => <Section {...props} />, [pictures, predictions]);
}

function Section({ pictures, predictions }: { pictures: Pictures; predictions: Predictions | null }) {
  const { classes, labels, files } = pictures;
  return (
    <section aria-labelledby="predictions-title">
      <h2 id="predictions-title">
        {predictions === null ? 'Predictions' : `Predictions after epoch ${predictions.epoch}`}
      </h2>
      <ul class="predictions">
        {labels.map((label, i) => (
          <li key={i}>
            <img src={`/pictures/${i}`} alt={files[i]!} title={files[i]!} />
            <p class="file" title={files[i]!}>
              {files[i]!.replace(/.*[/\\]/, '')}
            </p>
            <p title={classes[label]}>{classes[label]}</p>
            <Prediction
              label={label}
              predicted={predictions?.labels[i]}
              confidence={predictions?.confidences[i] ?? 0}
              classes={classes}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Prediction(props: {
  label: number;
  predicted: number | undefined;
  confidence: number;
  classes: readonly string[];
}) {
  const { label, predicted, confidence, classes } = props;
  if (predicted === undefined) return <p class="guess">–</p>;
  const isRight = predicted === label;
  const part = percent(confidence);
  const name = classes[predicted] ?? 'nothing';
  return (
    <p class={`guess ${isRight ? 'right' : 'wrong'}`} title={name}>
      {isRight ? `✓ ${part}` : `✗ ${part} ${name}`}
    </p>
  );
}

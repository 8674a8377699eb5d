import type { MistakenImage } from '../evaluation/mistakes.js';
import type { Interval, Scores } from '../evaluation/scores.js';
import type { WeightsChoice } from '../inference/trained-model.js';
import { type Tta, ttaText } from '../inference/views.js';
import { table } from '../runs/columns.js';
import { integer, levelText, nats, percent } from '../views/format.js';
import { oneLine } from '../views/printable.js';

/** What `lockstep evaluate` prints: the scores, and what they are of. */
export interface Evaluated extends Scores {
  readonly run: string;
  /** null of a file without a run. */
  readonly weights: WeightsChoice | null;
  /** Test-time augmentation. */
  readonly tta: Tta;
  /** After which epoch the weights were taken; null where the file does not say it. */
  readonly epoch: number | null;
  readonly data: string;
  readonly datasetKey: string;
  /** The most confident ones. */
  readonly mistakes: readonly MistakenImage[];
}

/** With more classes than this, so many of the worst are shown. */
const mostClasses = 50;
const shownClasses = 20;
const shownConfusions = 10;
const shownMistakes = 10;
/** Letters of a class's name, and of a path. */
const mostOfName = 40;
const mostOfPath = 100;

/** An evaluation as lines for people. */
export function describe(evaluated: Evaluated): string {
  const { run, weights, tta, epoch, data, split, samples } = evaluated;
  const which = split === 'all' ? 'all splits' : split;
  return [
    `${oneLine(run, mostOfPath)}${of(weights, epoch)}\n` +
      `${oneLine(data, mostOfPath)}: ${integer(samples)} images of ${which}` +
      (tta === 'none' ? '' : `\n--tta ${tta}: ${ttaText[tta]}`),
    summary(evaluated),
    classes(evaluated),
    ...confusions(evaluated),
    ...mistakes(evaluated),
    calibration(evaluated),
  ].join('\n\n');
}

function of(weights: WeightsChoice | null, epoch: number | null): string {
  const which = weights === null ? [] : [`the ${weights} weights`];
  const when = epoch === null ? [] : [`of epoch ${epoch}`];
  const words = [...which, ...when].join(', ');
  return words === '' ? '' : `: ${words}`;
}

function summary({ loss, top1, top5, intervals, macro, calibration, classes }: Evaluated): string {
  const between = ({ low, high }: Interval) => `${percent(low)} to ${percent(high)}`;
  /** Where some classes have no value. */
  const over = (name: 'precision' | 'recall' | 'f1') => {
    const count = classes.filter((each) => each[name] !== null).length;
    return count < classes.length ? `over ${integer(count)} of ${integer(classes.length)} classes` : '';
  };
  const level = `${levelText(intervals.level)} interval`;
  return [
    table(
      ['', 'value', level],
      [
        ['loss, nats', nats(loss), ''],
        ['top-1', percent(top1), between(intervals.top1)],
        ['top-5', percent(top5), between(intervals.top5)],
        ['macro precision', percent(macro.precision), over('precision')],
        ['macro recall', percent(macro.recall), over('recall')],
        ['macro F1', percent(macro.f1), over('f1')],
        ['calibration error', percent(calibration.error), ''],
      ],
    ),
    `intervals: percentile bootstrap, ${integer(intervals.resamples)} resamples, seed ${intervals.seed}`,
  ].join('\n');
}

/** The worst first; those that neither have images nor were predicted come last. */
function classes({ classes }: Evaluated): string {
  const all = classes
    .map((each, label) => ({ ...each, label }))
    .sort((a, b) => (a.f1 ?? 2) - (b.f1 ?? 2) || a.label - b.label);
  const shown = all.length > mostClasses ? all.slice(0, shownClasses) : all;
  const rows = shown.map(({ name, label, samples, predicted, precision, recall, f1 }) => [
    String(label),
    oneLine(name, mostOfName),
    integer(samples),
    integer(predicted),
    ...[precision, recall, f1].map((value) => (value === null ? '-' : percent(value))),
  ]);
  const hidden = all.length - shown.length;
  const lines = [
    table(['label', 'class, the worst first', 'images', 'predicted', 'precision', 'recall', 'F1'], rows),
  ];
  if (hidden > 0) lines.push(`and ${integer(hidden)} classes with a larger F1 (--json has all)`);
  return lines.join('\n');
}

function confusions({ classes, confusion }: Evaluated): string[] {
  const wrong = confusion.filter(({ label, predicted }) => label !== predicted);
  if (wrong.length === 0) return [];
  const shown = wrong.toSorted((a, b) => b.samples - a.samples).slice(0, shownConfusions);
  const rows = shown.map(({ label, predicted, samples }) => [
    oneLine(classes[label]!.name, mostOfName),
    oneLine(classes[predicted]!.name, mostOfName),
    integer(samples),
    percent(samples / classes[label]!.samples),
  ]);
  return [table(['most confused', 'taken for', 'images', 'of the class'], rows)];
}

function mistakes({ mistakes }: Evaluated): string[] {
  if (mistakes.length === 0) return [];
  const rows = mistakes
    .slice(0, shownMistakes)
    .map(({ image, split, index, class: name, predicted, confidence }) => [
      oneLine(image ?? `${split} ${index}`, mostOfName),
      oneLine(name, mostOfName),
      oneLine(predicted, mostOfName),
      percent(confidence),
    ]);
  return [table(['surest mistakes', 'is', 'taken for', 'sure'], rows)];
}

function calibration({ calibration: { bins } }: Evaluated): string {
  const rows = bins
    .filter(({ samples }) => samples > 0)
    .map(({ low, high, samples, confidence, accuracy }) => [
      `${percent(low)} to ${percent(high)}`,
      integer(samples),
      percent(confidence!),
      percent(accuracy!),
    ]);
  return table(['confidence', 'images', 'mean', 'accuracy'], rows);
}

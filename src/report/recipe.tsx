import type { ResolvedConfig } from '../config/resolve.js';
import { KeyValues, Section, SideBySide } from '../pages/parts.js';
import { wordsOf } from './training.js';

/** The config: what was trained, on what, and how. Every key that is set, as words; the file itself is there too. */
export function Recipe({ config }: { config: ResolvedConfig }) {
  const { data, loss, optimizer, training, model } = config;
  const { features, ...dataset } = data;
  const { augmentation, ...batches } = training;
  const { schedule, ...step } = optimizer;
  const { layers: _, ...initial } = model;
  const groups: readonly (readonly [id: string, title: string, settings: object])[] = [
    ['recipe-data', 'Data', dataset],
    ['recipe-features', 'Features', features],
    ['recipe-augmentation', 'Augmentation', augmentation],
    ['recipe-loss', 'Loss', loss],
    ['recipe-optimizer', 'Optimizer', step],
    ['recipe-schedule', 'Schedule', schedule],
    ['recipe-training', 'Training', { ...batches, seed: config.seed }],
    ['recipe-initial', 'Initial values', initial],
  ];
  return (
    <>
      <SideBySide>
        {groups.map(([id, title, settings]) => (
          <Section key={id} id={id} title={title} level={3}>
            {Object.keys(settings).length === 0 ? (
              <p>None.</p>
            ) : (
              <KeyValues
                pairs={Object.entries(settings).map(([name, value]) => [wordsOf(name), settingText(value)])}
              />
            )}
          </Section>
        ))}
      </SideBySide>
      <details>
        <summary>config.json, whole</summary>
        <pre>{JSON.stringify(config, null, 2)}</pre>
      </details>
    </>
  );
}

const mostListed = 12;

/** `{ type: 'cosine', warmupEpochs: 1 }` as `cosine, warmup epochs 1`. */
function settingText(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) {
    const shown = value.slice(0, mostListed).map(settingText).join(', ');
    return value.length > mostListed ? `${shown}, … (${value.length})` : shown;
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .map(([name, part]) => (name === 'type' ? settingText(part) : `${wordsOf(name)} ${settingText(part)}`))
      .join(', ');
  }
  return String(value);
}

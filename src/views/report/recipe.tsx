import type { ResolvedConfig } from '../../config/resolved.js';
import { KeyValues, Section, SideBySide } from '../pages/elements.js';
import { settingText, wordsOf } from './setting-text.js';

/** The config: as settings in words, without those that have no effect here, and as the file itself. */
export function Recipe({ config }: { config: ResolvedConfig }) {
  const { data, loss, optimizer, training, model } = config;
  const { features, csv, labels, ...dataset } = data;
  const { augmentation, ...batches } = training;
  const { schedule, ...step } = optimizer;
  const { layers: _, ...initial } = model;
  const groups: readonly (readonly [id: string, title: string, settings: object])[] = [
    [
      'recipe-data',
      'Data',
      {
        ...dataset,
        csv: data.source === 'csv' ? csv : undefined,
        labels: data.source === 'cifar100' ? labels : undefined,
      },
    ],
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

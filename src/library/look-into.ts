import { aConfig } from '../config/complete-model.js';
import { parseConfig } from '../config/load.js';
import type { DataConfig } from '../config/schema.js';
import { perSplit } from '../data/dataset.js';
import { openSource } from '../data/sources/open.js';
import { Dataset } from './dataset.js';

/**
 * What a config's data section without `features` names, with its classes and numbers of images.
 * @param own as `Dataset.ownFeatures`
 */
export async function lookInto(config: Dataset['config'], own?: Dataset['ownFeatures']): Promise<Dataset> {
  const { classes, splits } = await openSource(completeData(config));
  return new Dataset(
    config,
    classes,
    perSplit((split) => splits[split].labels.length),
    own,
  );
}

/** With all defaults filled in; what it says about features counts for nothing where there are none. */
export function completeData(config: Dataset['config']): DataConfig {
  const data = { features: aConfig.data.features, ...config };
  return parseConfig({ ...aConfig, data }, 'the dataset').data;
}

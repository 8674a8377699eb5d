import type { ResolvedConfig } from '../config/resolved.js';
import type { PackedDataset } from '../data/dataset.js';
import { Engine, type EngineOptions } from '../runtime/engine.js';
import { nodePlatform } from './node.js';

/** The engine on Node. */
export class NodeEngine extends Engine {
  constructor(config: ResolvedConfig, dataset: PackedDataset, options: EngineOptions) {
    super(config, dataset, options, nodePlatform);
  }
}

import type { LayerInput, ModelInput } from '../config/input.js';
import type { ResolvedLayer } from '../config/resolved.js';
import { configsOf, type Layer, layersTo, type Node } from './graph.js';
import type { SummaryOptions } from './summary.js';

/** A network's layers: new ones, those of a run, or both in a row. */
export interface ModelLayers extends Omit<ModelInput, 'layers'> {
  layers: readonly (LayerInput | ResolvedLayer)[];
}

/** A network that is not trained yet: its layers, from the image to the logits. */
export class Model {
  readonly #config: ModelInput;

  /** @param config as the `model` of a config file, or that of a run; it is checked by `fit` and `summary` */
  constructor(config: ModelLayers) {
    // A run's layers are such layers too, every default said; TypeScript does not see it of their initializers.
    this.#config = config as ModelInput;
  }

  get layers(): readonly LayerInput[] {
    return this.#config.layers;
  }

  /** The `model` of a config file: the other spelling of the same network. */
  toJSON(): ModelInput {
    return this.#config;
  }

  /**
   * A table of the layers with shapes, parameters and multiply-adds, as a run's report shows it.
   * @throws UserError where the layers do not fit the shape, or each other
   */
  async summary(options: SummaryOptions): Promise<string> {
    const { modelSummary } = await import('./summary.js');
    return modelSummary(this.#config, options);
  }
}

type Initializers = Omit<ModelInput, 'layers'>;

/**
 * Layers one behind the other.
 * @throws UserError (code `usage`) for a layer that stands in two places
 */
export const sequential = (...layers: Layer[]): Model => new Model({ layers: configsOf(layers) });

/** The network that leads from `input()` to a node. */
export const graph = (output: Node, initializers: Initializers = {}): Model =>
  new Model({ ...initializers, layers: layersTo(output) });

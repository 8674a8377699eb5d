import type { ResolvedConfig } from '../../config/resolved.js';
import { sampleShape } from '../../data/features.js';
import type { ConfigLayer } from '../../graph/network.js';
import { inlineSvg } from '../charts/inline.js';
import { countText } from '../format.js';
import { networkBoxes } from '../graph/boxes.js';
import { drawNetwork, type NetworkPicture } from '../graph/picture.js';
import { Scroll } from '../pages/elements.js';

/** Units of a page's content at its widest, and on a phone. */
const widths = { wide: 1112, narrow: 380 } as const;
/** Narrower than this part of its width, a picture scrolls: its letters would be too small. */
const smallest = 0.85;

/** The graph as a page shows it where it is wide, and where it is narrow. */
export function networkPictures(
  { model, data }: ResolvedConfig,
  layers: readonly ConfigLayer[],
): Readonly<Record<keyof typeof widths, NetworkPicture>> {
  const chain = networkBoxes(model.layers, layers, sampleShape(data.features));
  return { wide: drawNetwork(chain, widths.wide), narrow: drawNetwork(chain, widths.narrow) };
}

/** The network's graph as a picture. For readers who cannot see it the table of the layers says the same. */
export function NetworkGraph(props: { config: ResolvedConfig; layers: readonly ConfigLayer[] }) {
  const { wide, narrow } = networkPictures(props.config, props.layers);
  const pictures = wide.width === narrow.width ? { narrow } : { narrow, wide };
  return (
    <figure id="plot-network" class="network">
      <style
        dangerouslySetInnerHTML={{
          __html: `@container (min-width:${wide.width}px){.network .wide{display:block}.network .wide~.narrow{display:none}}`,
        }}
      />
      <Scroll label="The network's graph">
        {Object.entries(pictures)
          .toReversed()
          .map(([name, { svg, width }]) => (
            <div
              key={name}
              class={name}
              style={`width:100%;min-width:${Math.floor(smallest * width)}px;max-width:${width}px`}
              role="img"
              aria-label={`The ${countText(props.layers.length)} layers of the table below, from the input above to the output, and what each reads.`}
              dangerouslySetInnerHTML={{ __html: inlineSvg(svg, `plot-network-${name}`) }}
            />
          ))}
      </Scroll>
      <figcaption>
        A line is a layer; layers that keep the shape, such as batch norm and ReLU, stand in the box of the
        one before. The last line of a box is the shape of its output and, at the right, its parameters; /2 is
        a stride of 2. Convolutions and dense layers are marked blue, sums and joins orange.
      </figcaption>
    </figure>
  );
}

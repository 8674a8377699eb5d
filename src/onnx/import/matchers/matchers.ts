import type { Fragment, Matcher } from '../draft.js';
import type { Graph } from '../graph.js';
import type { Node } from '../node.js';
import { activationMatchers } from './activations.js';
import { linearMatchers } from './linear.js';
import { normMatchers } from './norms.js';
import { pixelMatchers } from './pixels.js';
import { poolMatchers } from './pools.js';
import { shapeMatchers } from './shapes.js';

/** In the order in which they are tried: what takes more nodes at once comes first. */
const rooms = [normMatchers, activationMatchers, linearMatchers, pixelMatchers, poolMatchers, shapeMatchers];

const byType = new Map<string, Matcher[]>();
for (const room of rooms)
  for (const [type, matchers] of Object.entries(room))
    byType.set(type, [...(byType.get(type) ?? []), ...matchers]);

/** The fragment whose last node this is. @throws UserError (exit code usage) that names the node, where there is none */
export function match(node: Node, graph: Graph): Fragment {
  const matchers = byType.get(node.type);
  if (matchers === undefined)
    throw node.refusal(
      `lockstep has no layer for it; the operators that it reads are in docs/onnx.md${adviceOn(node.type)}`,
    );
  for (const matcher of matchers) {
    const fragment = matcher(node, graph);
    if (fragment !== undefined) return fragment;
  }
  throw node.refusal('what it computes is no layer that lockstep has');
}

function adviceOn(type: string): string {
  if (/Quantize|QLinear|Integer$/.test(type)) return '. The model is quantized: export the one in float32';
  if (type.includes('.'))
    return ". It is no operator of ONNX's own: export without the functions of other libraries";
  return '';
}

import { z } from 'zod';
import { features } from '../../config/schema-data.js';
import type { ModelProto } from '../schema/onnx-ml_pb.js';

/** What `lockstep export` writes beside the graph; docs/onnx.md has the keys. */
const schema = z.object({
  name: z.string(),
  classes: z.array(z.string()),
  input: z.enum(['pixels', 'normalized', 'histogram']),
  features,
  normalization: z.object({ mean: z.array(z.number()).length(3), deviation: z.array(z.number()).length(3) }),
  epoch: z.int().min(1),
});
export type Said = Partial<z.output<typeof schema>>;

const texts = new Set(['name', 'input']);

/** Other programs' files may have the same keys with other values: what is not as expected is as if it were not there. */
export function metadataOf({ metadataProps }: ModelProto): Said {
  const said: Record<string, unknown> = {};
  for (const { key, value } of metadataProps) {
    if (!Object.hasOwn(schema.shape, key)) continue;
    const result = schema.shape[key as keyof typeof schema.shape].safeParse(
      texts.has(key) ? value : parsed(value),
    );
    if (result.success) said[key] = result.data;
  }
  return said as Said;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

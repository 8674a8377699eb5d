/** What a thread spends time on. */
export type Span =
  /** A layer's pass, by its number among the network's layers. */
  | { readonly kind: 'layer'; readonly layer: number; readonly pass: Pass }
  /** A kernel's call, within any other span. */
  | { readonly kind: 'kernel'; readonly name: string }
  | { readonly kind: StepPart }
  /** What holds the others: an item, and a micro-batch at one stage. */
  | { readonly kind: 'item' | 'micro-batch' };

export const passes = ['prepare', 'forward', 'backward'] as const;
export type Pass = (typeof passes)[number];

/**
 * What a step does besides its layers. Each stage begins with `opening`: the coordinator lets items be taken, and wakes threads; in
 * `finishing`, the thread that was last with its item wakes the coordinator. `exchange` is the all-reduce among ranks.
 */
export const parts = [
  'opening',
  'gather',
  'loss',
  'reduction',
  'exchange',
  'finishing',
  'metrics',
  'optimizer',
  'waiting',
] as const;
export type StepPart = (typeof parts)[number];

/** Takes down what a thread does and when. `traced-worker.ts` says which calls are traced; a worker without a trace makes them as they are. */
export interface Trace {
  /** @returns the number of a span */
  define(span: Span): number;
  /** @param span its number
   * @returns the event, which is to be ended */
  begin(span: number): number;
  end(event: number): void;
}

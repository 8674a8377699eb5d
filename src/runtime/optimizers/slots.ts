import { slotNames } from '../../config/name-rules.js';
import type { Network, Parameter, StateTensor } from '../../graph/network.js';

/**
 * What an optimizer keeps from step to step. A slot is a buffer laid out as the parameters are; the average of the weights goes on as the
 * state is. All is 0 before the first step. A checkpoint holds it as `SLOT.PARAMETER`.
 */
export const allSlots = slotNames;
export type SlotName = (typeof allSlots)[number];

/** The tensors of which a slot keeps something. */
export const tensorsOf = (
  slot: SlotName,
  { parameters, weights }: Pick<Network, 'parameters' | 'weights'>,
): readonly (Parameter | StateTensor)[] => (slot === 'averageWeights' ? weights : parameters);

/** Length of a slot's buffer, float32. */
export const lengthOf = (
  slot: SlotName,
  { bufferLength, stateLength }: Pick<Network, 'bufferLength' | 'stateLength'>,
): number => bufferLength + (slot === 'averageWeights' ? stateLength : 0);

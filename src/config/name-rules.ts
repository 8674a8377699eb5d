/** What a layer may be called: its parameters are saved as `NAME.weight`. */
export const layerNamePattern = /^[A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*$/;

/** What an optimizer keeps of each parameter; a checkpoint holds it as `SLOT.PARAMETER`. */
export const slotNames = [
  'velocity',
  'firstMoment',
  'secondMoment',
  'slowWeights',
  'averageWeights',
] as const;

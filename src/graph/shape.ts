/** `[features]` or `[channels, height, width]`, of one sample. */
export type Shape = readonly number[];

/** Number of values. */
export const sizeOf = (shape: Shape): number => shape.reduce((product, length) => product * length, 1);

/** `6 x 28 x 28` */
export const showShape = (shape: Shape): string => shape.join(' x ');

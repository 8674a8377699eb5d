import type { ConfigInput } from '../config/schema.js';

/** The optimizers and schedules of a config as functions: `adam({ learningRate: cosine(1e-3) })`. Their defaults are the config's. */

export type Optimizer = ConfigInput['optimizer'];
type ScheduleConfig = NonNullable<Optimizer['schedule']>;
type OptimizerOf<T> = Extract<Optimizer, { type: T }>;
type ScheduleOf<T> = Extract<ScheduleConfig, { type: T }>;

/** A learning rate that moves from step to step. */
export interface Scheduled {
  readonly learningRate: number;
  readonly schedule: ScheduleConfig;
}

type Options<O> = Omit<O, 'type' | 'learningRate' | 'schedule'> & {
  /** Step size, constant or scheduled. */
  learningRate: number | Scheduled;
};

const make = (type: string, { learningRate, ...options }: Options<Optimizer>): Optimizer =>
  ({
    type,
    ...(typeof learningRate === 'number' ? { learningRate } : learningRate),
    ...options,
  }) as Optimizer;

export interface SgdOptions extends Options<OptimizerOf<'sgdw'>> {}
export interface AdamOptions extends Options<OptimizerOf<'adam'>> {}
export interface RmspropOptions extends Options<OptimizerOf<'rmsprop'>> {}
export interface LionOptions extends Options<OptimizerOf<'lion'>> {}

/** Stochastic gradient descent, as PyTorch's SGD. */
export const sgd = (options: SgdOptions): Optimizer => make('sgd', options);
/** SGD with decoupled weight decay. */
export const sgdw = (options: SgdOptions): Optimizer => make('sgdw', options);
/** As PyTorch's Adam. */
export const adam = (options: AdamOptions): Optimizer => make('adam', options);
/** As PyTorch's AdamW: weight decay is decoupled, and 0.01 unless it is given. */
export const adamw = (options: AdamOptions): Optimizer => make('adamw', options);
/** As PyTorch's RMSprop. */
export const rmsprop = (options: RmspropOptions): Optimizer => make('rmsprop', options);
/** Every weight moves by the learning rate, up or down. */
export const lion = (options: LionOptions): Optimizer => make('lion', options);

const scheduled =
  <T extends ScheduleConfig['type']>(type: T) =>
  (learningRate: number, options: Omit<ScheduleOf<T>, 'type'>): Scheduled => ({
    learningRate,
    schedule: { type, ...options } as ScheduleConfig,
  });

type Optional<T extends ScheduleConfig['type']> = (
  learningRate: number,
  options?: Omit<ScheduleOf<T>, 'type'>,
) => Scheduled;

/** The rate in every step, after a warm-up. */
export const constant: Optional<'constant'> = (rate, options = {}) => scheduled('constant')(rate, options);
/** In a straight line down, from step to step. */
export const linear: Optional<'linear'> = (rate, options = {}) => scheduled('linear')(rate, options);
/** Half a wave of the cosine down. */
export const cosine: Optional<'cosine'> = (rate, options = {}) => scheduled('cosine')(rate, options);
/** Half a wave up and half a wave down, as PyTorch's OneCycleLR. */
export const oneCycle: Optional<'oneCycle'> = (rate, options = {}) => scheduled('oneCycle')(rate, options);
/** Smaller by a factor when validation gets no better, as PyTorch's ReduceLROnPlateau. */
export const reduceOnPlateau: Optional<'reduceOnPlateau'> = (rate, options = {}) =>
  scheduled('reduceOnPlateau')(rate, options);
/** Half waves of the cosine, each from the rate down. */
export const cosineRestarts = scheduled('cosineRestarts');
/** Smaller by a factor every so many epochs. */
export const step = scheduled('step');
/** Smaller by a factor after each of some epochs. */
export const milestones = scheduled('milestones');
/** Smaller by a factor after every epoch. */
export const exponential = scheduled('exponential');

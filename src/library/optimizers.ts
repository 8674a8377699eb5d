import type {
  AdamOptimizer,
  AdamwOptimizer,
  ConstantSchedule,
  CosineRestartsSchedule,
  CosineSchedule,
  ExponentialSchedule,
  LinearSchedule,
  LionOptimizer,
  MilestonesSchedule,
  OneCycleSchedule,
  OptimizerInput,
  ReduceOnPlateauSchedule,
  RmspropOptimizer,
  ScheduleInput,
  SgdOptimizer,
  SgdwOptimizer,
  StepSchedule,
} from '../config/input.js';
import { argumentError, isObject } from './argument-error.js';

/** The optimizers and schedules of a config as functions: `adam({ learningRate: cosine(1e-3) })`. Their defaults are the config's. */

/** A learning rate that moves from step to step. */
export interface Scheduled {
  readonly learningRate: number;
  readonly schedule: ScheduleInput;
}

export interface RateOptions {
  /** Step size, constant or scheduled: on the mean over the batch, or on its sum, as the loss has it. */
  learningRate: number | Scheduled;
}

type OptionsOf<O> = Omit<O, 'type' | 'learningRate' | 'schedule'>;

export interface SgdOptions extends RateOptions, OptionsOf<SgdOptimizer> {}
export interface SgdwOptions extends RateOptions, OptionsOf<SgdwOptimizer> {}
export interface AdamOptions extends RateOptions, OptionsOf<AdamOptimizer> {}
export interface AdamwOptions extends RateOptions, OptionsOf<AdamwOptimizer> {}
export interface RmspropOptions extends RateOptions, OptionsOf<RmspropOptimizer> {}
export interface LionOptions extends RateOptions, OptionsOf<LionOptimizer> {}

const make = <O extends OptimizerInput>(
  type: NonNullable<O['type']>,
  options: RateOptions & OptionsOf<O>,
): O => {
  if (!isObject(options))
    throw argumentError(type, `options, such as ${type}({ learningRate: 0.001 })`, options, 'options');
  const { learningRate, ...others } = options;
  return {
    type,
    ...(typeof learningRate === 'number' ? { learningRate } : learningRate),
    ...others,
  } as unknown as O;
};

/** Stochastic gradient descent, as PyTorch's SGD. */
export const sgd = (options: SgdOptions): SgdOptimizer => make('sgd', options);
/** SGD with decoupled weight decay (Loshchilov and Hutter 2019). */
export const sgdw = (options: SgdwOptions): SgdwOptimizer => make('sgdw', options);
/** As PyTorch's Adam. */
export const adam = (options: AdamOptions): AdamOptimizer => make('adam', options);
/** As PyTorch's AdamW: weight decay is decoupled, and 0.01 unless it is given. */
export const adamw = (options: AdamwOptions): AdamwOptimizer => make('adamw', options);
/** As PyTorch's RMSprop. */
export const rmsprop = (options: RmspropOptions): RmspropOptimizer => make('rmsprop', options);
/** Every weight moves by the learning rate, up or down (Chen et al. 2023). */
export const lion = (options: LionOptions): LionOptimizer => make('lion', options);

type ScheduleOptions<S> = Omit<S, 'type'>;
const scheduled = (learningRate: number, schedule: ScheduleInput): Scheduled => ({ learningRate, schedule });

/** The rate in every step, after a warm-up. */
export const constant = (learningRate: number, options: ScheduleOptions<ConstantSchedule> = {}): Scheduled =>
  scheduled(learningRate, { type: 'constant', ...options });
/** In a straight line down, from step to step. */
export const linear = (learningRate: number, options: ScheduleOptions<LinearSchedule> = {}): Scheduled =>
  scheduled(learningRate, { type: 'linear', ...options });
/** Half a wave of the cosine down. */
export const cosine = (learningRate: number, options: ScheduleOptions<CosineSchedule> = {}): Scheduled =>
  scheduled(learningRate, { type: 'cosine', ...options });
/** Half waves of the cosine, each from the rate down. */
export const cosineRestarts = (
  learningRate: number,
  options: ScheduleOptions<CosineRestartsSchedule>,
): Scheduled => scheduled(learningRate, { type: 'cosineRestarts', ...options });
/** Half a wave up and half a wave down, as PyTorch's OneCycleLR. */
export const oneCycle = (learningRate: number, options: ScheduleOptions<OneCycleSchedule> = {}): Scheduled =>
  scheduled(learningRate, { type: 'oneCycle', ...options });
/** Smaller by a factor every so many epochs. */
export const step = (learningRate: number, options: ScheduleOptions<StepSchedule>): Scheduled =>
  scheduled(learningRate, { type: 'step', ...options });
/** Smaller by a factor after each of some epochs. */
export const milestones = (learningRate: number, options: ScheduleOptions<MilestonesSchedule>): Scheduled =>
  scheduled(learningRate, { type: 'milestones', ...options });
/** Smaller by a factor after every epoch. */
export const exponential = (learningRate: number, options: ScheduleOptions<ExponentialSchedule>): Scheduled =>
  scheduled(learningRate, { type: 'exponential', ...options });
/** Smaller by a factor when validation gets no better, as PyTorch's ReduceLROnPlateau. */
export const reduceOnPlateau = (
  learningRate: number,
  options: ScheduleOptions<ReduceOnPlateauSchedule> = {},
): Scheduled => scheduled(learningRate, { type: 'reduceOnPlateau', ...options });

import { trainLossExtras, trainLossNote } from '../../runs/train-loss.js';
import { renderMatrix } from '../charts/confusion-matrix.js';
import type { Curve } from '../charts/lines.js';
import { renderReliability } from '../charts/reliability.js';
import { renderPanel, renderRunPanel } from '../charts/run-curves.js';
import { lookOf, mostMarkers, singleLook } from '../charts/theme.js';
import { matrixOf } from './matrix.js';
import { networkPictures } from './network-graph.js';
import type { ReportData } from './report-data.js';
import { type ScheduleCourse, scheduleOf } from './schedule.js';

/** A report's charts as SVG documents; those that there is nothing to draw of are undefined. */
export interface Plots {
  readonly loss: string | undefined;
  readonly top1: string | undefined;
  readonly learningRate: string | undefined;
  readonly speed: string | undefined;
  readonly confusion: string | undefined;
  readonly calibration: string | undefined;
  readonly network: string | undefined;
}

/** Their files: `report-NAME.svg` and `.png`. */
export const plotNames = {
  loss: 'loss',
  top1: 'top1',
  learningRate: 'learning-rate',
  speed: 'speed',
  confusion: 'confusion',
  calibration: 'calibration',
  network: 'network',
} as const satisfies Record<keyof Plots, string>;

/** As files, which have no caption: what must be known to read a plot is written below it. */
export async function plotsOfFiles({ run }: ReportData, plots: Plots): Promise<Plots> {
  const note = trainLossNote(trainLossExtras(run.config));
  if (note === undefined || plots.loss === undefined) return plots;
  return { ...plots, loss: await renderRunPanel(run.epochs, 'loss', note) };
}

export async function drawPlots({ run, evaluation, layers }: ReportData): Promise<Plots> {
  const { epochs } = run;
  const hasEpochs = epochs.length > 0;
  const scores = evaluation?.scores;
  const course = scheduleOf(run);
  return {
    loss: hasEpochs ? await renderRunPanel(epochs, 'loss') : undefined,
    top1: hasEpochs ? await renderRunPanel(epochs, 'top1') : undefined,
    learningRate: course && (await renderSchedule(course)),
    speed: hasEpochs
      ? await renderPanel({
          xAxis: 'epoch',
          yAxis: 'thousand images/s',
          range: 'zero',
          curves: [
            {
              name: 'training',
              look: singleLook,
              points: epochs.map((e) => [e.epoch, e.imagesPerSecond / 1000]),
            },
          ],
        })
      : undefined,
    confusion: scores && renderMatrix(matrixOf(scores)),
    calibration: scores && (await renderReliability(scores.calibration.bins)),
    network: networkPictures(run.config, layers).wide.svg,
  };
}

/** The learning rate of each step: of those taken, and of those to come. */
function renderSchedule({ done, planned, recorded }: ScheduleCourse): Promise<string> {
  const curves: Curve[] = [{ name: 'steps taken', look: singleLook, points: done, only: 'line' }];
  if (recorded.length <= mostMarkers) {
    curves.push({ name: 'recorded', look: lookOf(0), points: recorded, only: 'markers' });
  }
  if (planned.length > 0) {
    const look = { ...singleLook, dash: 'dotted' } as const;
    curves.push({ name: 'planned', look, points: planned, only: 'line' });
  }
  return renderPanel({ xAxis: 'epoch', yAxis: 'learning rate', range: 'zero', curves });
}

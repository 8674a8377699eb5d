import type { Histogram } from './histogram.js';
import { Message } from './protobuf.js';

/**
 * What TensorBoard reads: an Event a step, with a Summary of values. The fields' numbers are those of TensorFlow's `event.proto` and
 * `summary.proto`. Values are written in the form that has no plugin's metadata, which every TensorBoard reads.
 */

/** A value of a summary. */
export type SummaryValue =
  | { readonly tag: string; readonly scalar: number }
  | { readonly tag: string; readonly histogram: Histogram }
  | { readonly tag: string; readonly image: PngImage };

/** Of 8-bit RGB. */
export interface PngImage {
  readonly width: number;
  readonly height: number;
  readonly png: Uint8Array;
}

/** The first event of a file. */
export const versionEvent = (seconds: number): Uint8Array =>
  new Message().double(1, seconds).bytes(3, 'brain.Event:2').encoded();

/** @param seconds since 1970, of the wall's clock */
export function summaryEvent(seconds: number, step: number, values: readonly SummaryValue[]): Uint8Array {
  const summary = new Message();
  for (const value of values) summary.bytes(1, valueMessage(value));
  return new Message().double(1, seconds).integer(2, step).bytes(5, summary).encoded();
}

function valueMessage(value: SummaryValue): Message {
  const message = new Message().bytes(1, value.tag);
  if ('scalar' in value) return message.float(2, value.scalar);
  if ('image' in value) return message.bytes(4, imageOf(value.image));
  return message.bytes(5, histogramMessage(value.histogram));
}

const rgb = 3;

const imageOf = ({ width, height, png }: PngImage): Message =>
  new Message().integer(1, height).integer(2, width).integer(3, rgb).bytes(4, png);

const histogramMessage = ({ min, max, count, sum, sumOfSquares, limits, counts }: Histogram): Message =>
  new Message()
    .double(1, min)
    .double(2, max)
    .double(3, count)
    .double(4, sum)
    .double(5, sumOfSquares)
    .doubles(6, limits)
    .doubles(7, counts);

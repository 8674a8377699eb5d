import { LineChart } from 'echarts/charts';
import { GridComponent, TooltipComponent } from 'echarts/components';
import { type EChartsType, init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'preact/hooks';
import { type ChartLook, chartOption } from './chart-option.js';
import type { Line } from './lines.js';

use([LineChart, GridComponent, TooltipComponent, CanvasRenderer]);

/** Time between two drawings of a chart, ms; longer where drawing is slow. */
const leastInterval = 250;
const mostInterval = 2000;

/** A chart's title names what the lines show, with the unit. It is the name of the axis too. */
export interface ChartProps extends ChartLook {
  readonly id: string;
  /** A remark that is needed to read the chart. */
  readonly note?: string | undefined;
  /** Changes whenever the lines change. */
  readonly version: string;
  readonly lines: () => readonly Line[];
}

/** Lines against the epoch, on a canvas. `ValuesTable` gives the last values as text. */
export function Chart(props: ChartProps) {
  const element = useRef<HTMLDivElement>(null);
  const drawer = useRef<Drawer>(null);
  useEffect(() => {
    const own = new Drawer(element.current!);
    drawer.current = own;
    return () => own.dispose();
  }, []);
  useEffect(() => drawer.current!.draw(props), [props.version, props.isDark]);
  return (
    <figure>
      <figcaption id={`${props.id}-title`}>{props.title}</figcaption>
      {props.note !== undefined && <p class="about">{props.note}</p>}
      <div
        ref={element}
        id={props.id}
        class="chart"
        role="img"
        aria-labelledby={`${props.id}-title`}
        aria-describedby="values-title"
      />
    </figure>
  );
}

/** Draws the newest lines, at a limited rate, and only while the page is visible. */
class Drawer {
  readonly #chart: EChartsType;
  readonly #observer: ResizeObserver;
  #props: ChartProps | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #notBefore = 0;

  constructor(element: HTMLElement) {
    this.#chart = init(element, null, { renderer: 'canvas' });
    // For the console and for tests, which cannot read a canvas.
    Object.assign(element, { chart: this.#chart });
    this.#observer = new ResizeObserver(() => this.#chart.resize());
    this.#observer.observe(element);
  }

  draw(props: ChartProps): void {
    this.#props = props;
    const wait = Math.max(0, this.#notBefore - performance.now());
    this.#timer ??= setTimeout(() => requestAnimationFrame(() => this.#drawNow()), wait);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#props = undefined;
    this.#observer.disconnect();
    this.#chart.dispose();
  }

  #drawNow(): void {
    this.#timer = undefined;
    if (this.#props === undefined) return;
    const began = performance.now();
    this.#chart.setOption(chartOption(this.#props.lines(), this.#props), { replaceMerge: ['series'] });
    const ended = performance.now();
    this.#notBefore = ended + Math.min(mostInterval, Math.max(leastInterval, 10 * (ended - began)));
  }
}

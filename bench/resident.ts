import { readFileSync } from 'node:fs';
import { writeFileWhole } from '#lockstep/files/whole-file.js';
import { toPng } from '#lockstep/views/charts/render.js';
import { renderPanel } from '#lockstep/views/charts/run-curves.js';
import { singleLook } from '#lockstep/views/charts/theme.js';

/** What is resident of a process over time. Linux only. */

const sampleEvery = 5000;

type Sample = readonly [minutes: number, mebibytes: number];

export class ResidentMemory {
  readonly #samples: Sample[] = [];
  readonly #began = performance.now();
  readonly #timer: NodeJS.Timeout;

  constructor(pid: number) {
    this.#timer = setInterval(() => {
      const bytes = residentOf(pid);
      if (bytes !== undefined)
        this.#samples.push([(performance.now() - this.#began) / 60_000, bytes / 2 ** 20]);
    }, sampleEvery);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** @param warm seconds from which it should be flat: until then code is compiled, and the first of all is made */
  figures(warm: number) {
    const steady = this.#samples.filter(([at]) => at * 60 >= warm);
    const half = steady.slice(steady.length >> 1);
    return {
      smallest: Math.min(...steady.map(([, value]) => value)),
      largest: Math.max(...steady.map(([, value]) => value)),
      firstHalf: mean(steady.slice(0, steady.length >> 1)),
      secondHalf: mean(half),
      slopePerHour: 60 * slopeOf(steady),
    };
  }

  /** Writes the figures with all samples as JSON, and a plot beside it; prints the figures. @param name of the files, without ending */
  async write(name: string, xAxis: string, figures: object): Promise<void> {
    writeFileWhole(`${name}.json`, JSON.stringify({ ...figures, samples: this.#samples }));
    const curves = [{ name: 'resident', look: singleLook, points: [...this.#samples] as [number, number][] }];
    const svg = await renderPanel({ xAxis, yAxis: 'resident memory (MiB)', range: 'zero', curves });
    writeFileWhole(`${name}.svg`, svg);
    writeFileWhole(`${name}.png`, await toPng(svg));
    console.log(JSON.stringify(figures, null, 2));
  }
}

function residentOf(pid: number): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return 1024 * Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]);
  } catch {
    return undefined;
  }
}

const mean = (of: readonly Sample[]) => of.reduce((sum, [, value]) => sum + value, 0) / of.length;

/** Of the line of least squares: y a unit of x. */
function slopeOf(points: readonly Sample[]): number {
  const x = points.reduce((sum, [at]) => sum + at, 0) / points.length;
  const y = mean(points);
  const over = points.reduce((sum, [at, value]) => sum + (at - x) * (value - y), 0);
  return over / points.reduce((sum, [at]) => sum + (at - x) ** 2, 0);
}

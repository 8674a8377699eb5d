import type { Findings } from './findings.js';

/** Widths and heights of the good images, upright, in pixels. */
export interface SizeReport {
  readonly width: Range;
  readonly height: Range;
  /** Number of different sizes. */
  readonly distinct: number;
  /** The ten most common sizes. */
  readonly commonest: readonly { readonly width: number; readonly height: number; readonly images: number }[];
}

interface Range {
  readonly smallest: number;
  /** The lower of the two middle values for an even count. */
  readonly median: number;
  readonly largest: number;
}

const mostSizes = 10;
/** Larger than any height that libvips allows. */
const widthFactor = 2 ** 27;

/** Null without a good image. */
export function sizesOf(findings: Findings): SizeReport | null {
  const { widths, heights, counts } = findings;
  if (counts.good === 0) return null;
  const isGood = (_: number, image: number) => findings.isGood(image);
  const sizes = Float64Array.from(widths, (width, image) => width * widthFactor + heights[image]!);
  return {
    width: rangeOf(widths.filter(isGood)),
    height: rangeOf(heights.filter(isGood)),
    ...commonestOf(sizes.filter(isGood).sort()),
  };
}

function rangeOf(values: Uint32Array): Range {
  values.sort();
  const last = values.length - 1;
  return { smallest: values[0]!, median: values[last >> 1]!, largest: values[last]! };
}

/** @param sizes ascending */
function commonestOf(sizes: Float64Array): Pick<SizeReport, 'distinct' | 'commonest'> {
  let distinct = 0;
  let commonest: { size: number; images: number }[] = [];
  for (let begin = 0, end = 0; begin < sizes.length; begin = end) {
    const size = sizes[begin]!;
    while (sizes[end] === size) end++;
    distinct++;
    if (commonest.length === mostSizes && end - begin <= commonest.at(-1)!.images) continue;
    commonest = [...commonest, { size, images: end - begin }]
      .sort((a, b) => b.images - a.images)
      .slice(0, mostSizes);
  }
  return {
    distinct,
    commonest: commonest.map(({ size, images }) => ({
      width: Math.floor(size / widthFactor),
      height: size % widthFactor,
      images,
    })),
  };
}

import type { ComponentChildren } from 'preact';
import { paper } from './theme.js';

interface DrawingProps {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** What it shows, for those who cannot see it. */
  readonly label: string;
  readonly children: ComponentChildren;
}

/** An SVG picture of its own, on paper. */
export const Drawing = ({ width, height, label, children }: DrawingProps) => (
  <svg
    width={width}
    height={height}
    viewBox={`0 0 ${width} ${height}`}
    xmlns="http://www.w3.org/2000/svg"
    role="img"
    aria-label={label}
  >
    <rect width={width} height={height} fill={paper} />
    {children}
  </svg>
);

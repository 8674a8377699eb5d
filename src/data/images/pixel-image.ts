/** Pixels in memory: `[height, width, channels]` bytes, interleaved; gray, RGB, or RGB and alpha. */
export interface PixelImage {
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3 | 4;
}

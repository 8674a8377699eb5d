import { Draws, hash, mix } from '../../numerics/random.js';
import { shapes, textures } from './shape-fields.js';

/**
 * The pictures of the default dataset: a textured shape of two colours on a blurred background. Each pair of texture and shape is a
 * class.
 */

/** Width and height of a picture in pixels. */
export const pictureSize = 64;

/**
 * The difficulty of the classes. Each class has a mean hue on the colour circle, 0 to 1, but hues spread so far that neighbouring classes
 * overlap: colour helps a little, shape and texture more.
 */
const difficulty = {
  /** Largest distance of an object's hue from its class's mean. */
  hueSpread: 0.28,
  saturation: [0.45, 0.95],
  /** Value (HSV) of an object's light colour and of its dark one. */
  light: [0.75, 1],
  dark: [0.15, 0.45],
  /** Mean brightness of the background in the darkest class and in the brightest one, and the largest distance from the mean. */
  background: [0.22, 0.82],
  backgroundSpread: 0.18,
  backgroundSaturation: [0, 0.3],
  /** Largest distance of an object's centre from the picture's centre, in pixels, along each axis. */
  position: 7,
  /** Range of an object's size: pixels from its centre to about its edge. */
  scale: [13, 23],
  /** Tangent of half the largest rotation, to either side. */
  turn: 0.24,
  /** Largest change of a pixel's value by noise, out of 255. */
  noise: 36,
  /** Soft spots in the background. */
  spots: 3,
} as const;

const shapeNames = Object.keys(shapes) as (keyof typeof shapes)[];
const textureNames = Object.keys(textures) as (keyof typeof textures)[];

/** Names in label order: `plain circle`, `striped circle`, ... */
export const shapeClasses: readonly string[] = shapeNames.flatMap((shape) =>
  textureNames.map((texture) => `${texture} ${shape}`),
);

type Color = readonly [number, number, number];

/**
 * Draws picture `index` of class `label`: `[64, 64, 3]` bytes, RGB interleaved. A function of the three integers, the same on every
 * machine.
 */
export function drawPicture(seed: number, label: number, index: number): Uint8Array {
  const key = hash(seed, label, index);
  const draws = new Draws(key);
  const background = drawBackground(draws, label);
  const object = drawObject(draws, label);
  const noise = mix(key, 0x6e6f6973);
  const rgb = new Uint8Array(pictureSize * pictureSize * 3);
  const color: [number, number, number] = [0, 0, 0];
  for (let y = 0, at = 0; y < pictureSize; y++) {
    for (let x = 0; x < pictureSize; x++) {
      background(x, y, color);
      object(x, y, color);
      for (let c = 0; c < 3; c++, at++) {
        const bits = mix(noise, at);
        // The sum of two uniform numbers has a triangular distribution: small changes are more likely than large ones.
        const change = ((bits & 0xffff) + (bits >>> 16)) / 0xffff - 1;
        rgb[at] = Math.min(255, Math.max(0, Math.floor(255 * color[c]! + difficulty.noise * change + 0.5)));
      }
    }
  }
  return rgb;
}

/** Writes a layer's colour at pixel (x, y) into `color`, or blends it in. */
type Layer = (x: number, y: number, color: [number, number, number]) => void;

function drawBackground(draws: Draws, label: number): Layer {
  const [darkest, brightest] = difficulty.background;
  const level = darkest + (brightest - darkest) * classPlace(label, 31);
  const tone = () =>
    toRgb(
      draws.between(0, 1),
      draws.between(...difficulty.backgroundSaturation),
      level + draws.between(-difficulty.backgroundSpread, difficulty.backgroundSpread),
    );
  const [from, to] = [tone(), tone()];
  const [dx, dy] = [draws.between(-1, 1), draws.between(-1, 1)];
  const spots = Array.from({ length: difficulty.spots }, () => ({
    x: draws.between(0, pictureSize),
    y: draws.between(0, pictureSize),
    radius: draws.between(6, 18),
    color: tone(),
  }));
  return (x, y, color) => {
    const share = 0.5 + (dx * (x / pictureSize - 0.5) + dy * (y / pictureSize - 0.5)) / 2;
    for (let c = 0; c < 3; c++) color[c] = from[c]! + (to[c]! - from[c]!) * share;
    for (const spot of spots) {
      const near =
        1 - ((x - spot.x) * (x - spot.x) + (y - spot.y) * (y - spot.y)) / (spot.radius * spot.radius);
      if (near > 0) blend(color, spot.color, near);
    }
  };
}

function drawObject(draws: Draws, label: number): Layer {
  const shape = shapes[shapeNames[Math.floor(label / textureNames.length)]!];
  const texture = textures[textureNames[label % textureNames.length]!];
  const hue = classPlace(label, 19) + draws.between(-difficulty.hueSpread, difficulty.hueSpread);
  const saturation = draws.between(...difficulty.saturation);
  const first = toRgb(hue, saturation, draws.between(...difficulty.light));
  const second = toRgb(hue, saturation, draws.between(...difficulty.dark));
  const middle = (pictureSize - 1) / 2;
  const centerX = middle + draws.between(-difficulty.position, difficulty.position);
  const centerY = middle + draws.between(-difficulty.position, difficulty.position);
  const scale = draws.between(...difficulty.scale);
  // Sine and cosine from the tangent of the half angle: Math.sin may differ between machines.
  const t = draws.between(-difficulty.turn, difficulty.turn);
  const cos = (1 - t * t) / (1 + t * t);
  const sin = (2 * t) / (1 + t * t);
  return (x, y, color) => {
    const dx = (x - centerX) / scale;
    const dy = (y - centerY) / scale;
    const u = cos * dx + sin * dy;
    const v = cos * dy - sin * dx;
    const outside = shape(u, v);
    // The edge is one pixel wide: the share of the pixel that the shape covers.
    const cover = Math.min(1, 0.5 - outside * scale);
    if (cover > 0) blend(color, texture(u, v, -outside) === 1 ? second : first, cover);
  };
}

function blend(color: [number, number, number], over: Color, share: number): void {
  for (let c = 0; c < 3; c++) color[c]! += (over[c]! - color[c]!) * share;
}

/**
 * The class's place in [0, 1) on a scale that classes differ by, such as hue. `step` is coprime to the number of classes and permutes
 * them, so that a scale is unrelated to shape, texture and other scales.
 */
function classPlace(label: number, step: number): number {
  return ((label * step) % shapeClasses.length) / shapeClasses.length;
}

/** Hue (any number, its fraction counts), saturation and value (0 to 1) to R, G, B (0 to 1). */
function toRgb(hue: number, saturation: number, value: number): Color {
  const sixth = (hue - Math.floor(hue)) * 6;
  const channel = (offset: number) => {
    const place = (offset + sixth) % 6;
    return value * (1 - saturation * Math.max(0, Math.min(place, 4 - place, 1)));
  };
  return [channel(5), channel(3), channel(1)];
}

import { createRequire } from 'node:module';
import type Sharp from 'sharp';

/** sharp as a CommonJS module: as an ES module it takes each thread 50 ms longer to load, which is 200 images. */
export const sharp = createRequire(import.meta.url)('sharp') as typeof Sharp;

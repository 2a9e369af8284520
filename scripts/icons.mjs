// Draws the icons of web/public as PNG from the circles of icon.svg: `node scripts/icons.mjs`, when that has changed.
// The maskable one has no rounded corners and keeps its dots in the middle four fifths, which every launcher shows.
import { readFileSync, writeFileSync } from 'node:fs';
import { PNG } from 'pngjs';
import { inRoot } from './lib/root.mjs';

const BOX = 32;
const SAMPLES = 4;
const svg = readFileSync(inRoot('web/public/icon.svg'), 'utf8');
const colors = [...svg.matchAll(/fill="#(..)(..)(..)"/g)].map((m) => m.slice(1).map((hex) => Number.parseInt(hex, 16)));
const corner = Number(/rx="([\d.]+)"/.exec(svg)[1]);
const dots = [...svg.matchAll(/cx="([\d.]+)" cy="([\d.]+)" r="([\d.]+)"/g)].map((m) => m.slice(1).map(Number));

/** -1 outside, 0 ground, 1 dot, at a place in the box of the SVG. */
function at(x, y, maskable) {
  const [u, v] = maskable ? [BOX / 2 + (x - BOX / 2) / 0.8, BOX / 2 + (y - BOX / 2) / 0.8] : [x, y];
  if (dots.some(([cx, cy, r]) => Math.hypot(u - cx, v - cy) < r)) return 1;
  const [dx, dy] = [x, y].map((w) => Math.max(0, corner - w, w - BOX + corner));
  return maskable || Math.hypot(dx, dy) < corner ? 0 : -1;
}

function draw(size, maskable) {
  const png = new PNG({ width: size, height: size });
  for (let i = 0; i < size * size; ++i) {
    const sum = [0, 0, 0, 0];
    for (let s = 0; s < SAMPLES * SAMPLES; ++s) {
      const place = (pixel, sample) => ((pixel + (sample + 0.5) / SAMPLES) * BOX) / size;
      const kind = at(place(i % size, s % SAMPLES), place(Math.floor(i / size), Math.floor(s / SAMPLES)), maskable);
      if (kind >= 0) for (const [c, value] of [...colors[kind], 255].entries()) sum[c] += value;
    }
    const covered = sum[3] / 255;
    for (const c of [0, 1, 2]) png.data[4 * i + c] = covered > 0 ? Math.round(sum[c] / covered) : 0;
    png.data[4 * i + 3] = Math.round(sum[3] / (SAMPLES * SAMPLES));
  }
  return PNG.sync.write(png, { deflateLevel: 9 });
}

for (const [name, size, maskable] of [
  ['icon-180', 180, true],
  ['icon-192', 192, false],
  ['icon-512', 512, false],
  ['icon-maskable-512', 512, true],
]) {
  writeFileSync(inRoot(`web/public/${name}.png`), draw(size, maskable));
}

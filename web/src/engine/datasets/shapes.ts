// Coloured shapes on cluttered ground, 32 x 32, RGB: one of ten shapes of any colour, place, size and rotation, on a
// gradient with lines and blots of other colours, then noise. The colour says nothing about the class.

import { drawSegment, fillOutlines, newPlane, type Plane, type Point } from './drawing';
import { shapeOutlines } from './outlines';
import { balancedLabel, cosTurns, Random, sinTurns, toByte } from './random';
import { elastic } from './warp';

export const SHAPE_SIZE = 32;
export const shapeClasses: readonly string[] = Object.keys(shapeOutlines);

type Color = readonly [number, number, number];

const anyColor = (random: Random): Color => [random.uniform(0, 255), random.uniform(0, 255), random.uniform(0, 255)];

/** Roughly as far as an eye finds them apart: weights of luma, and something for each channel. */
function distance(a: Color, b: Color): number {
  const [r, g, bl] = [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
  return Math.abs(0.3 * r + 0.59 * g + 0.11 * bl) + (0.25 * (Math.abs(r) + Math.abs(g) + Math.abs(bl))) / 3;
}

/** A colour at least `apart` from the others; the farthest of some tries where there is none. */
function colorAwayFrom(others: readonly Color[], apart: number, random: Random): Color {
  let [best, most] = [anyColor(random), -1];
  for (let tries = 0; tries < 12 && most < apart; ++tries) {
    const color = anyColor(random);
    const nearest = Math.min(...others.map((other) => distance(color, other)));
    if (nearest > most) [best, most] = [color, nearest];
  }
  return best;
}

/** Interleaved RGB under construction. */
class Canvas {
  readonly rgb = new Float64Array(SHAPE_SIZE * SHAPE_SIZE * 3);

  paint(plane: Plane, color: Color, opacity: number): void {
    for (const [i, coverage] of plane.coverage.entries()) {
      const part = opacity * Math.min(1, coverage);
      if (part === 0) continue;
      for (const [c, value] of color.entries()) {
        const at = 3 * i + c;
        this.rgb[at] = (this.rgb[at] ?? 0) * (1 - part) + value * part;
      }
    }
  }

  gradient(a: Color, b: Color, turns: number): void {
    const [dx, dy] = [cosTurns(turns), sinTurns(turns)];
    for (let i = 0; i < SHAPE_SIZE * SHAPE_SIZE; ++i) {
      const [x, y] = [(i % SHAPE_SIZE) / SHAPE_SIZE - 0.5, Math.floor(i / SHAPE_SIZE) / SHAPE_SIZE - 0.5];
      const t = Math.min(1, Math.max(0, 0.5 + 0.7 * (dx * x + dy * y)));
      for (const c of [0, 1, 2] as const) this.rgb[3 * i + c] = a[c] * (1 - t) + b[c] * t;
    }
  }
}

const somewhere = (random: Random): Point => [random.uniform(-2, SHAPE_SIZE + 2), random.uniform(-2, SHAPE_SIZE + 2)];

/** A thin line or a small blot. */
function clutter(canvas: Canvas, ground: readonly Color[], random: Random): void {
  const plane = newPlane(SHAPE_SIZE, SHAPE_SIZE);
  const from = somewhere(random);
  const isLine = random.chance(0.6);
  const to = isLine ? somewhere(random) : from;
  const radius = isLine ? random.uniform(0.3, 0.8) : random.uniform(0.8, 2.2);
  drawSegment(plane, from, to, radius, radius, 1);
  const base = random.pick(ground);
  const color = random.chance(0.5) ? anyColor(random) : (base.map((v) => v + 45 * random.normal()) as unknown as Color);
  canvas.paint(plane, color, random.uniform(0.3, 0.9));
}

function shapePlane(name: string, random: Random): Plane {
  const plane = newPlane(SHAPE_SIZE, SHAPE_SIZE);
  const radius = random.uniform(7, 13.5);
  const margin = radius * 0.85;
  const [x, y] = [random.uniform(margin, SHAPE_SIZE - margin), random.uniform(margin, SHAPE_SIZE - margin)];
  const turns = random.next();
  const [cos, sin] = [cosTurns(turns), sinTurns(turns)];
  const stretch = random.uniform(0.8, 1);
  const bend = elastic(random, 0.03);
  const outlines = (shapeOutlines[name] ?? []).map((outline) =>
    outline.map((point): Point => {
      const [u, v] = bend([point[0] / 2.4 + 0.5, point[1] / 2.4 + 0.5]);
      const [px, py] = [(u - 0.5) * 2.4 * radius, (v - 0.5) * 2.4 * radius * stretch];
      return [x + cos * px - sin * py, y + sin * px + cos * py];
    }),
  );
  fillOutlines(plane, outlines);
  return plane;
}

/** Picture `index` of the set that `seed` names: 3 x 32 x 32 bytes, planar red, green, blue. */
export function shape(seed: number, index: number): { label: number; pixels: Uint8Array } {
  const label = balancedLabel(seed, index, shapeClasses.length);
  const random = new Random(seed, index);
  const ground: Color[] = [anyColor(random)];
  ground.push(ground[0]?.map((v) => v + 50 * random.normal()) as unknown as Color);
  const canvas = new Canvas();
  canvas.gradient(ground[0] as Color, ground[1] as Color, random.next());
  for (let left = random.below(7); left > 0; --left) clutter(canvas, ground, random);
  const color = colorAwayFrom(ground, 55, random);
  canvas.paint(shapePlane(shapeClasses[label] ?? '', random), color, random.uniform(0.85, 1));
  for (let left = random.below(3); left > 0; --left) clutter(canvas, ground, random);
  const grain = random.uniform(0, 14);
  const plane = SHAPE_SIZE * SHAPE_SIZE;
  const pixels = new Uint8Array(3 * plane);
  for (let i = 0; i < 3 * plane; ++i) {
    pixels[i] = toByte((canvas.rgb[(i % plane) * 3 + Math.floor(i / plane)] ?? 0) + grain * random.normal());
  }
  return { label, pixels };
}

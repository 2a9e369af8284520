// Handwritten-like digits, 28 x 28, grey on black: a way of writing the digit, its points shaken, an affine and an elastic
// change, a pen of some width and softness, put into the frame as MNIST does (the larger side of the box to about 20
// pixels, the centre of mass to the middle), then a little noise.

import { drawSegment, newPlane, type Plane, type Point, smoothLine } from './drawing';
import { balancedLabel, Random, toByte } from './random';
import { type Skeleton, skeletons } from './skeletons';
import { affine, boxOf, elastic } from './warp';

export const DIGIT_SIZE = 28;
export const digitClasses = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'] as const;

/** Lines in no frame yet. */
function written(skeleton: Skeleton, random: Random): Point[][] {
  const shake = random.uniform(0.005, 0.045);
  const shaken = skeleton.map((stroke) => {
    let last: Point = [Number.NaN, 0];
    let moved: Point = last;
    // Both copies of a corner move together.
    return stroke.map((point): Point => {
      if (point[0] !== last[0] || point[1] !== last[1]) {
        moved = [point[0] + shake * random.normal(), point[1] + shake * random.normal()];
      }
      last = point;
      return moved;
    });
  });
  const bend = elastic(random, random.uniform(0.02, 0.14));
  const tilt = affine({
    slant: random.uniform(-0.15, 0.5) * (random.chance(0.8) ? 1 : -0.6),
    turns: 0.035 * random.normal(),
    sx: random.uniform(0.45, 1.1),
    sy: 1,
  });
  return shaken.map((stroke) => smoothLine(stroke, 9).map((point) => tilt(bend(point))));
}

/** The larger side of the box to `size` pixels, its middle to the middle of the frame. */
function framed(lines: readonly Point[][], size: number): Point[][] {
  const { left, top, width, height } = boxOf(lines.flat());
  const zoom = size / Math.max(width, height, 1e-3);
  const middle = DIGIT_SIZE / 2;
  return lines.map((line) =>
    line.map(([x, y]): Point => [middle + zoom * (x - left - width / 2), middle + zoom * (y - top - height / 2)]),
  );
}

function centerOfMass({ width, coverage }: Plane): Point {
  let [mass, x, y] = [1e-9, 0, 0];
  for (const [i, c] of coverage.entries()) {
    mass += c;
    x += c * ((i % width) + 0.5);
    y += c * (Math.floor(i / width) + 0.5);
  }
  return [x / mass, y / mass];
}

function ink(lines: readonly Point[][], radius: number, soft: number, random: Random): Plane {
  const plane = newPlane(DIGIT_SIZE, DIGIT_SIZE);
  const [swing, phase] = [random.uniform(0, 0.25), random.next()];
  for (const line of lines) {
    const pressure = (i: number) => radius * (1 + swing * (2 * Math.abs(((i / line.length + phase) % 1) * 2 - 1) - 1));
    for (let i = 0; i + 1 < line.length; ++i) {
      drawSegment(plane, line[i] as Point, line[i + 1] as Point, pressure(i), pressure(i + 1), soft);
    }
  }
  return plane;
}

function pixels(plane: Plane, random: Random): Uint8Array {
  const dark = random.uniform(150, 275);
  const grain = random.chance(0.5) ? random.uniform(0, 20) : 0;
  return Uint8Array.from(plane.coverage, (c) => toByte(c * dark + (grain > 0 ? grain * random.normal() : 0)));
}

/** Picture `index` of the set that `seed` names: 28 x 28 bytes, 0 is paper. */
export function digit(seed: number, index: number): { label: number; pixels: Uint8Array } {
  const label = balancedLabel(seed, index, digitClasses.length);
  const random = new Random(seed, index);
  const lines = written(random.pick(skeletons[label] as readonly Skeleton[]), random);
  const radius = random.uniform(0.6, 2.1);
  const soft = random.uniform(1.0, 1.8);
  const placed = framed(lines, random.uniform(18.5, 21) - 2 * radius + 1);
  const [cx, cy] = centerOfMass(ink(placed, radius, soft, new Random(seed, index)));
  const middle = DIGIT_SIZE / 2;
  const [dx, dy] = [middle - cx + 0.5 * random.normal(), middle - cy + 0.5 * random.normal()];
  const centered = placed.map((line) => line.map(([x, y]): Point => [x + dx, y + dy]));
  return { label, pixels: pixels(ink(centered, radius, soft, random), random) };
}

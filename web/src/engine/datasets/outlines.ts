// Outlines of the shapes to tell apart, around (0, 0), within a distance of 1. The inside is even-odd.

import type { Point } from './drawing';
import { cosTurns, sinTurns } from './random';

type Outline = readonly Point[];

const onCircle = (turns: number, radius = 1, x = 0): Point => [x + radius * cosTurns(turns), radius * sinTurns(turns)];

function arc(from: number, to: number, radius = 1, x = 0): Outline {
  const steps = 32;
  return Array.from({ length: steps }, (_, i) => onCircle(from + ((to - from) * i) / (steps - 1), radius, x));
}

const corners = (count: number): Outline => Array.from({ length: count }, (_, i) => onCircle(i / count - 0.25));

const star: Outline = Array.from({ length: 10 }, (_, i) => onCircle(i / 10 - 0.25, i % 2 === 0 ? 1 : 0.42));

const points = (text: string): Outline =>
  text.split(' ').map((pair) => pair.split(',').map((v) => Number(v) / 100) as unknown as Point);

/** Two half circles and a point below. */
const heart: Outline = [
  ...Array.from(
    { length: 16 },
    (_, i): Point => [-0.46 + 0.46 * cosTurns(0.5 + i / 30), -0.35 + 0.46 * sinTurns(0.5 + i / 30)],
  ),
  ...Array.from(
    { length: 16 },
    (_, i): Point => [0.46 + 0.46 * cosTurns(0.5 + i / 30), -0.35 + 0.46 * sinTurns(0.5 + i / 30)],
  ),
  [0.8, 0.02],
  [0, 0.95],
  [-0.8, 0.02],
];

/** Between a circle and a smaller one that meets it at two tips. */
const crescent: Outline = [...arc(0.14, 0.86), ...[...arc(0.19, 0.81, 0.8, 0.4)].reverse()];

export const shapeOutlines: Readonly<Record<string, readonly Outline[]>> = {
  circle: [arc(0, 1)],
  ring: [arc(0, 1), arc(0, 1, 0.55)],
  triangle: [corners(3)],
  square: [points('-75,-75 75,-75 75,75 -75,75')],
  star: [star],
  cross: [points('-28,-95 28,-95 28,-28 95,-28 95,28 28,28 28,95 -28,95 -28,28 -95,28 -95,-28 -28,-28')],
  heart: [heart],
  crescent: [crescent],
  arrow: [points('-95,-24 5,-24 5,-72 95,0 5,72 5,24 -95,24')],
  bars: [points('-80,-85 -25,-85 -25,85 -80,85'), points('25,-85 80,-85 80,85 25,85')],
};

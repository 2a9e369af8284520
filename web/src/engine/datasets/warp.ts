// Random changes of a drawing's points: an affine map, and an elastic one that pulls at a coarse grid of handles.
// Source of the idea: P. Simard, D. Steinkraus, J. Platt, "Best practices for convolutional neural networks", 2003.

import type { Point } from './drawing';
import { cosTurns, type Random, sinTurns } from './random';

export type Map2 = (point: Point) => Point;

/** Around (0.5, 0.5): slant, then rotation (in turns), then scale of each axis. */
export function affine({ slant, turns, sx, sy }: { slant: number; turns: number; sx: number; sy: number }): Map2 {
  const [cos, sin] = [cosTurns(turns), sinTurns(turns)];
  return ([px, py]) => {
    const [y, x] = [py - 0.5, px - 0.5 - slant * (py - 0.5)];
    return [0.5 + sx * (cos * x - sin * y), 0.5 + sy * (sin * x + cos * y)];
  };
}

const HANDLES = 4;

/** Quadratic B-spline weights of three neighbours. */
const weights = (t: number): [number, number, number] => [0.5 * (1 - t) * (1 - t), 0.5 + t * (1 - t), 0.5 * t * t];

/** Moves points by about `strength`, smoothly, for points in or near the unit square. */
export function elastic(random: Random, strength: number): Map2 {
  const side = HANDLES + 2;
  const offsets = Array.from({ length: 2 * side * side }, () => strength * random.normal());
  const cellOf = (v: number): [number, number] => {
    const scaled = Math.min(Math.max(v, 0), 0.999999) * HANDLES;
    return [Math.floor(scaled), scaled - Math.floor(scaled)];
  };
  return ([px, py]) => {
    const [column, tx] = cellOf(px);
    const [row, ty] = cellOf(py);
    let [x, y] = [px, py];
    for (const [j, wy] of weights(ty).entries()) {
      for (const [i, wx] of weights(tx).entries()) {
        const at = 2 * ((row + j) * side + column + i);
        x += wx * wy * (offsets[at] ?? 0);
        y += wx * wy * (offsets[at + 1] ?? 0);
      }
    }
    return [x, y];
  };
}

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export function boxOf(points: readonly Point[]): Box {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  return { left, top, width: Math.max(...xs) - left, height: Math.max(...ys) - top };
}

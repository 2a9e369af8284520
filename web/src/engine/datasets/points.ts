// Points in the plane that no straight line parts: spirals, moons, rings, a checkerboard, blobs. Within about [-1, 1],
// multiples of 1/4096, so that they are the same float32 everywhere.

import type { Point } from './drawing';
import { balancedLabel, cosTurns, Random, sinTurns } from './random';

export const pointKinds = ['spirals', 'moons', 'rings', 'checkers', 'blobs'] as const;
export type PointKind = (typeof pointKinds)[number];

/** Fewest and most classes. */
const classLimits: Record<PointKind, [number, number]> = {
  spirals: [2, 6],
  moons: [2, 2],
  rings: [2, 4],
  checkers: [2, 2],
  blobs: [2, 8],
};

/** As many classes as asked for, within what the kind has. */
export function pointClasses(kind: PointKind, wanted: number): string[] {
  const [fewest, most] = classLimits[kind];
  const count = Math.min(most, Math.max(fewest, Math.floor(wanted)));
  return 'ABCDEFGH'.slice(0, count).split('');
}

const polar = (turns: number, radius: number): Point => [radius * cosTurns(turns), radius * sinTurns(turns)];

function checkers(label: number, random: Random): Point {
  const cells = 4;
  const row = random.below(cells);
  const column = 2 * random.below(cells / 2) + ((row + label) % 2);
  const inCell = (cell: number) => -1 + (2 * (cell + random.uniform(0.04, 0.96))) / cells;
  return [inCell(column), inCell(row)];
}

const makers: Record<PointKind, (label: number, classes: number, random: Random) => Point> = {
  spirals(label, classes, random) {
    const t = Math.sqrt(random.next());
    return polar(label / classes + 1.1 * t, 0.06 + 0.92 * t);
  },
  moons(label, _classes, random) {
    const [x, y] = polar(0.5 * random.next(), 0.62);
    return label === 0 ? [x - 0.3, 0.16 - y] : [x * -1 + 0.3, y - 0.16];
  },
  rings: (label, classes, random) => polar(random.next(), (label + 0.45 + 0.1 * random.normal()) / classes),
  checkers: (label, _classes, random) => checkers(label, random),
  blobs(label, classes, random) {
    const [x, y] = polar(label / classes, 0.62);
    return [x + 0.12 * random.normal(), y + 0.12 * random.normal()];
  },
};

const onGrid = (value: number): number => Math.floor(value * 4096 + 0.5) / 4096;

/** Point `index` of the set that `seed` names; `noise` is the deviation added to both coordinates. */
export function point(
  seed: number,
  index: number,
  { kind, classes, noise }: { kind: PointKind; classes: number; noise: number },
): { label: number; at: Point } {
  const label = balancedLabel(seed, index, classes);
  const random = new Random(seed, index);
  const [x, y] = makers[kind](label, classes, random);
  return { label, at: [onGrid(x + noise * random.normal()), onGrid(y + noise * random.normal())] };
}

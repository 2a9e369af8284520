// Going from box to box by arrow keys: down and up along arrows, left and right among boxes of the same height. Pure.
import type { Placed } from './layout';
import type { Scene } from './scene';

export type Direction = 'up' | 'down' | 'left' | 'right';

/** Place of the next box, or the same where there is none that way. */
export function walk(scene: Scene, placed: Placed, from: number, direction: Direction): number {
  const here = placed.boxes[from];
  const id = scene.boxes[from]?.id;
  if (!here || id === undefined) return 0;
  const places = new Map(scene.boxes.map((box, i) => [box.id, i]));
  const nearest = (found: readonly number[], far: (i: number) => number) =>
    found.reduce<number | null>((best, i) => (best === null || far(i) < far(best) ? i : best), null) ?? from;
  const x = (i: number) => placed.boxes[i]?.x ?? 0;
  if (direction === 'up' || direction === 'down') {
    const linked = scene.arrows
      .filter(([a, b]) => (direction === 'down' ? a === id : b === id))
      .map(([a, b]) => places.get(direction === 'down' ? b : a) as number);
    return nearest(linked, (i) => Math.abs(x(i) - here.x));
  }
  const side = direction === 'left' ? -1 : 1;
  const level = placed.boxes.flatMap((p, i) => (Math.abs(p.y - here.y) < 2 && (p.x - here.x) * side > 0 ? [i] : []));
  return nearest(level, (i) => Math.abs(x(i) - here.x));
}

// Anti-aliased drawing into a plane of coverage in [0, 1]: strokes of round ends by distance, polygons by the exact
// overlap along eight lines a pixel. Coordinates are pixels; (0, 0) is the upper left corner of the first one.

export type Point = readonly [x: number, y: number];

export interface Plane {
  width: number;
  height: number;
  coverage: Float64Array;
}

export const newPlane = (width: number, height: number): Plane => ({
  width,
  height,
  coverage: new Float64Array(width * height),
});

/** From a to b, with a radius at each end; `soft` pixels from full to none. Covers at least what was covered. */
export function drawSegment(plane: Plane, a: Point, b: Point, ra: number, rb: number, soft: number): void {
  const reach = Math.max(ra, rb) + soft / 2;
  const [left, right] = [Math.min(a[0], b[0]) - reach, Math.max(a[0], b[0]) + reach];
  const [top, bottom] = [Math.min(a[1], b[1]) - reach, Math.max(a[1], b[1]) + reach];
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const length2 = dx * dx + dy * dy;
  for (let y = Math.max(0, Math.floor(top)); y < Math.min(plane.height, bottom); ++y) {
    for (let x = Math.max(0, Math.floor(left)); x < Math.min(plane.width, right); ++x) {
      const [px, py] = [x + 0.5 - a[0], y + 0.5 - a[1]];
      const along = length2 > 0 ? Math.min(1, Math.max(0, (px * dx + py * dy) / length2)) : 0;
      const [ex, ey] = [px - along * dx, py - along * dy];
      const inside = (ra + (rb - ra) * along - Math.sqrt(ex * ex + ey * ey)) / soft + 0.5;
      const at = y * plane.width + x;
      if (inside > (plane.coverage[at] ?? 0)) plane.coverage[at] = Math.min(1, inside);
    }
  }
}

const LINES = 8;

/** Where the outlines cross the height y, in order. */
function crossings(outlines: readonly (readonly Point[])[], y: number): number[] {
  const found: number[] = [];
  for (const outline of outlines) {
    for (const [i, a] of outline.entries()) {
      const b = outline[(i + 1) % outline.length] as Point;
      if (a[1] <= y !== b[1] <= y) found.push(a[0] + ((y - a[1]) / (b[1] - a[1])) * (b[0] - a[0]));
    }
  }
  return found.sort((a, b) => a - b);
}

/** Adds the part of each pixel of a row that lies between two places. */
function addSpan(plane: Plane, row: number, from: number, to: number): void {
  const [left, right] = [Math.max(0, from), Math.min(plane.width, to)];
  for (let x = Math.floor(left); x < right; ++x) {
    const at = row * plane.width + x;
    plane.coverage[at] = (plane.coverage[at] ?? 0) + (Math.min(x + 1, right) - Math.max(x, left)) / LINES;
  }
}

/** The even-odd inside of closed outlines, on an empty plane. */
export function fillOutlines(plane: Plane, outlines: readonly (readonly Point[])[]): void {
  for (let line = 0; line < plane.height * LINES; ++line) {
    const found = crossings(outlines, (line + 0.5) / LINES);
    for (let i = 0; i + 1 < found.length; i += 2) {
      addSpan(plane, Math.floor(line / LINES), found[i] as number, found[i + 1] as number);
    }
  }
}

/** A smooth line through all points (Catmull and Rom's spline), `steps` pieces between two; a point twice is a corner. */
export function smoothLine(points: readonly Point[], steps: number): Point[] {
  const at = (i: number) => points[Math.min(Math.max(i, 0), points.length - 1)] as Point;
  const out: Point[] = [at(0)];
  for (let i = 0; i + 1 < points.length; ++i) {
    const [a, b, c, d] = [at(i - 1), at(i), at(i + 1), at(i + 2)];
    if (b[0] === c[0] && b[1] === c[1]) continue;
    for (let k = 1; k <= steps; ++k) {
      const t = k / steps;
      const mix = (axis: 0 | 1) =>
        0.5 *
        (2 * b[axis] +
          t *
            (c[axis] -
              a[axis] +
              t *
                (2 * a[axis] -
                  5 * b[axis] +
                  4 * c[axis] -
                  d[axis] +
                  t * (3 * (b[axis] - c[axis]) + d[axis] - a[axis]))));
      out.push([mix(0), mix(1)]);
    }
  }
  return out;
}

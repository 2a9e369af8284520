// What part of the drawing is seen: screen = (world - origin) * zoom. Pure.
import type { Placed, Point } from './layout';

export interface Camera {
  x: number;
  y: number;
  zoom: number;
}

export interface Size {
  width: number;
  height: number;
}

const CLOSEST = 3;
const FARTHEST = 0.02;
const MARGIN = 16;

export const toWorld = ({ x, y, zoom }: Camera, at: Point): Point => ({ x: at.x / zoom + x, y: at.y / zoom + y });

export const pan = (camera: Camera, dx: number, dy: number): Camera => ({
  ...camera,
  x: camera.x - dx / camera.zoom,
  y: camera.y - dy / camera.zoom,
});

/** Zooms by a factor; what is under `at` (on the screen) stays there. */
export function zoomAt(camera: Camera, at: Point, factor: number): Camera {
  const zoom = Math.min(CLOSEST, Math.max(FARTHEST, camera.zoom * factor));
  const still = toWorld(camera, at);
  return { zoom, x: still.x - at.x / zoom, y: still.y - at.y / zoom };
}

/** All of it. */
export function fitAll({ width, height }: Placed, view: Size): Camera {
  const zoom = Math.min(1.2, (view.width - MARGIN) / width, (view.height - MARGIN) / height);
  return { zoom, x: width / 2 - view.width / 2 / zoom, y: height / 2 - view.height / 2 / zoom };
}

/** To begin with: legible, from the top, as wide as it fits. */
export function fitTop(placed: Placed, view: Size): Camera {
  const all = fitAll(placed, view);
  if (all.zoom > 0.6) return all;
  const zoom = Math.max(0.45, Math.min(0.9, (view.width - MARGIN) / placed.width));
  return { zoom, x: placed.width / 2 - view.width / 2 / zoom, y: -8 };
}

/** Moves just as much as is needed for a point to be well inside. */
export function reveal(camera: Camera, at: Point, view: Size): Camera {
  const edge = { x: Math.min(110, view.width / 3), y: Math.min(60, view.height / 3) };
  const sx = (at.x - camera.x) * camera.zoom;
  const sy = (at.y - camera.y) * camera.zoom;
  const shift = (s: number, margin: number, full: number) =>
    s < margin ? s - margin : s > full - margin ? s - full + margin : 0;
  return {
    ...camera,
    x: camera.x + shift(sx, edge.x, view.width) / camera.zoom,
    y: camera.y + shift(sy, edge.y, view.height) / camera.zoom,
  };
}

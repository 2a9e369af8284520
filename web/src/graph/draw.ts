// Paints the graph on a canvas: only what is in sight, words only where they can be read. A metric is a tone: dots on the
// box's edge, the larger the higher.
import type { Camera, Size } from './camera';
import { BOX, type Placed, type Point } from './layout';
import type { Box, Kind, Scene } from './scene';

export interface Palette {
  ink: string;
  soft: string;
  card: string;
  line: string;
  accent: string;
  tint: string;
  font: string;
  kinds: Record<Kind, string>;
}

export interface Picture {
  scene: Scene;
  placed: Placed;
  camera: Camera;
  view: Size;
  /** 0..1 per box, or null where the metric says nothing. */
  tones: readonly (number | null)[] | null;
  selected: number;
  hits: ReadonlySet<number>;
  palette: Palette;
}

const READABLE = 0.42;
const STRIP = 30;
const DOT_STEP = 7.5;

export function toneRadius(tone: number, step = DOT_STEP): number {
  return Math.sqrt(Math.max(0, Math.min(1, tone))) * step * 0.62;
}

function drawArrows(context: CanvasRenderingContext2D, { placed, camera, view }: Picture): void {
  const low = camera.y - 40;
  const high = camera.y + view.height / camera.zoom + 40;
  context.beginPath();
  for (const points of placed.arrows) {
    const first = points[0] as Point;
    const last = points.at(-1) as Point;
    if (last.y < low || first.y > high) continue;
    context.moveTo(first.x, first.y);
    for (let i = 1; i < points.length - 1; ++i) {
      const [a, b] = [points[i] as Point, points[i + 1] as Point];
      context.quadraticCurveTo(a.x, a.y, (a.x + b.x) / 2, (a.y + b.y) / 2);
    }
    context.lineTo(last.x, last.y - 4);
    if (camera.zoom > READABLE) {
      context.moveTo(last.x - 4, last.y - 6);
      context.lineTo(last.x, last.y);
      context.lineTo(last.x + 4, last.y - 6);
    }
  }
  context.stroke();
}

function drawDots(context: CanvasRenderingContext2D, x: number, y: number, tone: number): void {
  const radius = toneRadius(tone);
  if (radius < 0.4) return;
  context.beginPath();
  for (let row = 0; row < 5; ++row) {
    for (let column = 0; column < 4; ++column) {
      const dx = x + 3 + column * DOT_STEP + (row % 2) * (DOT_STEP / 2);
      const dy = y + 4 + row * DOT_STEP;
      context.moveTo(dx + radius, dy);
      context.arc(dx, dy, radius, 0, 7);
    }
  }
  context.fill();
}

function fitted(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  let end = Math.min(text.length, Math.floor(width / 4.5));
  while (end > 1 && context.measureText(`${text.slice(0, end)}…`).width > width) --end;
  return `${text.slice(0, end)}…`;
}

function outline(context: CanvasRenderingContext2D, x: number, y: number, box: Box, grow = 0): void {
  const { width, height } = BOX;
  const round = box.kind === 'port' ? height / 2 : 6;
  context.beginPath();
  context.roundRect(x - grow, y - grow, width + 2 * grow, height + 2 * grow, round + grow);
}

function drawBox(context: CanvasRenderingContext2D, picture: Picture, box: Box, at: Point, index: number): void {
  const { palette, camera, tones } = picture;
  const [x, y] = [at.x - BOX.width / 2, at.y - BOX.height / 2];
  const tone = tones?.[index] ?? null;
  if (box.kind === 'block') {
    context.strokeStyle = palette.line;
    context.fillStyle = palette.card;
    for (const shift of [6, 3]) {
      outline(context, x + shift, y + shift, box);
      context.fill();
      context.stroke();
    }
  }
  outline(context, x, y, box);
  context.fillStyle = box.kind === 'port' ? palette.tint : palette.card;
  context.fill();
  const readable = camera.zoom > READABLE;
  context.save();
  context.clip();
  if (tone !== null) {
    context.fillStyle = palette.accent;
    if (readable) drawDots(context, x, y, tone);
    else {
      context.globalAlpha = 0.08 + 0.92 * tone;
      context.fillRect(x, y, BOX.width, BOX.height);
      context.globalAlpha = 1;
    }
  } else if (!tones) {
    context.fillStyle = palette.kinds[box.kind];
    context.fillRect(x, y, readable ? 6 : BOX.width, BOX.height);
  }
  context.restore();
  outline(context, x, y, box);
  context.strokeStyle = palette.line;
  context.lineWidth = 1;
  context.stroke();
  if (readable) drawWords(context, picture, box, x, y);
}

function drawWords(context: CanvasRenderingContext2D, picture: Picture, box: Box, x: number, y: number): void {
  const { palette, tones } = picture;
  const left = box.kind === 'port' ? 16 : tones ? STRIP + 8 : 14;
  const room = BOX.width - left - 8;
  context.fillStyle = palette.ink;
  context.font = `600 12px ${palette.font}`;
  context.fillText(fitted(context, box.title, room), x + left, y + 16);
  context.fillStyle = palette.soft;
  context.font = `10.5px ${palette.font}`;
  context.fillText(fitted(context, box.subtitle, room), x + left, y + 30);
}

export function draw(context: CanvasRenderingContext2D, picture: Picture, scale: number): void {
  const { scene, placed, camera, view, palette, selected, hits } = picture;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, view.width, view.height);
  context.setTransform(
    scale * camera.zoom,
    0,
    0,
    scale * camera.zoom,
    -camera.x * camera.zoom * scale,
    -camera.y * camera.zoom * scale,
  );
  context.strokeStyle = palette.soft;
  context.lineWidth = Math.max(1, 0.7 / camera.zoom);
  drawArrows(context, picture);
  const right = camera.x + view.width / camera.zoom;
  const bottom = camera.y + view.height / camera.zoom;
  placed.boxes.forEach((at, i) => {
    const box = scene.boxes[i];
    const inSight = Math.abs(at.x - (camera.x + right) / 2) < (right - camera.x + BOX.width) / 2;
    if (!box || !inSight || at.y + BOX.height < camera.y || at.y - BOX.height > bottom) return;
    drawBox(context, picture, box, at, i);
    const marked = i === selected ? 3 : hits.has(i) ? 1.5 : 0;
    if (marked === 0) return;
    outline(context, at.x - BOX.width / 2, at.y - BOX.height / 2, box, 2.5);
    context.strokeStyle = palette.accent;
    context.lineWidth = Math.max(marked, marked / camera.zoom);
    context.stroke();
  });
}

/** The box under a point of the drawing, or -1. */
export function boxAt({ boxes }: Placed, at: Point): number {
  return boxes.findIndex((b) => Math.abs(b.x - at.x) <= BOX.width / 2 && Math.abs(b.y - at.y) <= BOX.height / 2);
}

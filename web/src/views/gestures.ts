// Dragging, wheel and two fingers on an element, as panning, zooming and taps.
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Point } from '../graph/layout';

export interface Gesture {
  pan(dx: number, dy: number): void;
  zoom(at: Point, factor: number): void;
  tap(at: Point): void;
}

/** A press that moves less than this is a tap. */
const STILL = 5;

const middleOf = (points: readonly Point[]): Point => ({
  x: points.reduce((sum, p) => sum + p.x, 0) / points.length,
  y: points.reduce((sum, p) => sum + p.y, 0) / points.length,
});
const spreadOf = ([a, b]: readonly Point[]) => (a && b ? Math.hypot(a.x - b.x, a.y - b.y) : 0);

export function useGestures(element: RefObject<HTMLElement | null>, gesture: Gesture): void {
  const latest = useRef(gesture);
  latest.current = gesture;
  useEffect(() => {
    const target = element.current;
    if (!target) return;
    const down = new Map<number, Point>();
    let moved = 0;
    const at = (event: MouseEvent): Point => {
      const { left, top } = target.getBoundingClientRect();
      return { x: event.clientX - left, y: event.clientY - top };
    };
    const onDown = (event: PointerEvent) => {
      target.setPointerCapture(event.pointerId);
      if (down.size === 0) moved = 0;
      down.set(event.pointerId, at(event));
    };
    const onMove = (event: PointerEvent) => {
      if (!down.has(event.pointerId)) return;
      const before = [...down.values()];
      down.set(event.pointerId, at(event));
      const after = [...down.values()];
      const [from, to] = [middleOf(before), middleOf(after)];
      moved += Math.hypot(to.x - from.x, to.y - from.y) + Math.abs(spreadOf(after) - spreadOf(before));
      if (moved < STILL) return;
      latest.current.pan(to.x - from.x, to.y - from.y);
      if (after.length === 2 && spreadOf(before) > 0) latest.current.zoom(to, spreadOf(after) / spreadOf(before));
    };
    const onUp = (event: PointerEvent) => {
      const tapped = down.size === 1 && moved < STILL && event.type === 'pointerup';
      if (down.delete(event.pointerId) && tapped) latest.current.tap(at(event));
    };
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      if (event.ctrlKey || !event.shiftKey) latest.current.zoom(at(event), Math.exp(-event.deltaY * 0.0016));
      else latest.current.pan(-event.deltaY, 0);
    };
    target.addEventListener('pointerdown', onDown);
    target.addEventListener('pointermove', onMove);
    target.addEventListener('pointerup', onUp);
    target.addEventListener('pointercancel', onUp);
    target.addEventListener('wheel', onWheel, { passive: false });
    return () => {
      target.removeEventListener('pointerdown', onDown);
      target.removeEventListener('pointermove', onMove);
      target.removeEventListener('pointerup', onUp);
      target.removeEventListener('pointercancel', onUp);
      target.removeEventListener('wheel', onWheel);
    };
  }, []);
}

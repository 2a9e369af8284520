// The canvas of the graph: mouse, touch (two fingers zoom) and keys; it redraws once per frame at most.
import type { RefObject } from 'preact';
import { useEffect, useImperativeHandle, useMemo, useRef } from 'preact/hooks';
import { type Camera, fitAll, fitTop, pan, reveal, type Size, toWorld, zoomAt } from '../graph/camera';
import { boxAt, draw } from '../graph/draw';
import type { Placed } from '../graph/layout';
import type { Scene } from '../graph/scene';
import { type Direction, walk } from '../graph/walk';
import { t } from '../i18n';
import { selected } from '../state/app';
import { announce } from '../state/task';
import { theme } from '../state/ui';
import { type Gesture, useGestures } from './gestures';
import { usePalette } from './palette';

export interface CanvasHandle {
  move(change: (camera: Camera, view: Size) => Camera): void;
}

interface Props {
  handle: RefObject<CanvasHandle | null>;
  scene: Scene;
  placed: Placed | null;
  tones: readonly (number | null)[] | null;
  hits: readonly number[];
  /** A folded block was chosen. */
  onOpen: (box: number) => void;
}

const ARROWS: Record<string, Direction> = { ArrowUp: 'up', ArrowDown: 'down', ArrowLeft: 'left', ArrowRight: 'right' };
const PAN = 60;
const PANS: Record<Direction, [number, number]> = { up: [0, PAN], down: [0, -PAN], left: [PAN, 0], right: [-PAN, 0] };

export function GraphCanvas(props: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const state = useRef({
    camera: { x: 0, y: 0, zoom: 1 } as Camera,
    view: { width: 1, height: 1 } as Size,
    focus: -1,
    frame: 0,
  });
  const latest = useRef(props);
  latest.current = props;
  const palette = usePalette(canvas, theme.value);
  const chosen = selected.value;
  const chosenBox = useMemo(
    () => (chosen === null ? -1 : props.scene.boxes.findIndex((box) => box.nodes.includes(chosen))),
    [props.scene, chosen],
  );

  const paint = () => {
    const now = state.current;
    now.frame = 0;
    const element = canvas.current;
    const context = element?.getContext('2d');
    const { scene, placed, tones, hits } = latest.current;
    if (!element || !context || !placed) return;
    const scale = devicePixelRatio || 1;
    const picture = { scene, placed, tones, palette: palette(), hits: new Set(hits), selected: now.focus };
    draw(context, { ...picture, camera: now.camera, view: now.view }, scale);
  };
  const repaint = () => {
    state.current.frame ||= requestAnimationFrame(paint);
  };
  const move: CanvasHandle['move'] = (change) => {
    state.current.camera = change(state.current.camera, state.current.view);
    repaint();
  };
  useImperativeHandle(props.handle, () => ({ move }), []);

  useEffect(() => {
    const element = canvas.current as HTMLCanvasElement;
    const observer = new ResizeObserver(() => {
      const first = state.current.view.width <= 1;
      const { clientWidth: width, clientHeight: height } = element;
      const scale = devicePixelRatio || 1;
      element.width = Math.round(width * scale);
      element.height = Math.round(height * scale);
      state.current.view = { width, height };
      const { placed } = latest.current;
      if (first && placed) state.current.camera = fitTop(placed, state.current.view);
      paint();
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    if (props.placed) state.current.camera = fitTop(props.placed, state.current.view);
    repaint();
  }, [props.placed]);
  useEffect(() => {
    state.current.focus = chosenBox;
    const at = props.placed?.boxes[chosenBox];
    if (at) move((camera, view) => reveal(camera, at, view));
    repaint();
  }, [chosenBox, props.placed]);
  useEffect(repaint, [props.tones, props.hits, palette]);

  const choose = (index: number) => {
    const { scene, placed, onOpen } = latest.current;
    const box = scene.boxes[index];
    const at = placed?.boxes[index];
    if (!box || !at) return;
    state.current.focus = index;
    announce(t.model.selected(box.subtitle, box.title));
    if (box.block) onOpen(index);
    else selected.value = box.nodes[0] ?? null;
    move((camera, view) => reveal(camera, at, view));
  };

  const gesture: Gesture = {
    pan: (dx, dy) => move((camera) => pan(camera, dx, dy)),
    zoom: (at, factor) => move((camera) => zoomAt(camera, at, factor)),
    tap: (at) => {
      const { placed } = latest.current;
      const index = placed ? boxAt(placed, toWorld(state.current.camera, at)) : -1;
      if (index >= 0) choose(index);
      else selected.value = null;
    },
  };
  useGestures(canvas, gesture);

  /** Keys move a focus; nodes are chosen as it goes, blocks are opened by Enter only. */
  const onKeyDown = (event: KeyboardEvent) => {
    const { scene, placed } = latest.current;
    if (!placed) return;
    const direction = ARROWS[event.key];
    const middle = { x: state.current.view.width / 2, y: state.current.view.height / 2 };
    if (direction && event.shiftKey) move((camera) => pan(camera, ...PANS[direction]));
    else if (direction) {
      const to = state.current.focus < 0 ? 0 : walk(scene, placed, state.current.focus, direction);
      const box = scene.boxes[to];
      if (box && !box.block && box.nodes.length > 0) choose(to);
      else if (box) {
        state.current.focus = to;
        announce(t.model.selected(box.subtitle, box.title));
        move((camera, view) => reveal(camera, placed.boxes[to] ?? { x: 0, y: 0 }, view));
      }
    } else if (event.key === '+' || event.key === '=') gesture.zoom(middle, 1.25);
    else if (event.key === '-') gesture.zoom(middle, 0.8);
    else if (event.key === '0') move((_, view) => fitAll(placed, view));
    else if (event.key === 'Enter') choose(state.current.focus);
    else return;
    event.preventDefault();
  };

  return (
    <div
      class="graph-canvas"
      role="application"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the graph is walked by keys
      tabIndex={0}
      aria-label={t.model.graph}
      aria-describedby="graph-help"
      onKeyDown={onKeyDown}
    >
      <canvas ref={canvas} />
      <p id="graph-help" class="hidden">
        {t.model.graphHelp}
      </p>
    </div>
  );
}

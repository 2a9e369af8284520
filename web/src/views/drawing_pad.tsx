// A pad for drawing digits and the like: white on black, by mouse, finger or keys; both networks run at every stroke.
import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../i18n';
import type { Pixels } from '../inputs/resize';
import { announce } from '../state/task';

const SIDE = 224;
const PEN = 20;
const KEY_STEP = 12;

interface Point {
  x: number;
  y: number;
}

const MOVES: Record<string, Point> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

function clear(context: CanvasRenderingContext2D): void {
  context.fillStyle = '#000';
  context.fillRect(0, 0, SIDE, SIDE);
}

function stroke(context: CanvasRenderingContext2D, from: Point, to: Point): void {
  context.strokeStyle = '#fff';
  context.lineWidth = PEN;
  context.lineCap = 'round';
  context.beginPath();
  context.moveTo(from.x, from.y);
  context.lineTo(to.x + 0.01, to.y);
  context.stroke();
}

/** Runs at most one drawing at a time; the newest waits. */
function useLatest(run: (pixels: Pixels) => Promise<void>): (pixels: Pixels) => void {
  const state = useRef({ busy: false, next: null as Pixels | null });
  return (pixels) => {
    const now = state.current;
    now.next = pixels;
    if (now.busy) return;
    now.busy = true;
    const work = async () => {
      while (now.next) {
        const next = now.next;
        now.next = null;
        await run(next);
      }
      now.busy = false;
    };
    void work();
  };
}

export function DrawingPad({ onDrawing }: { onDrawing: (pixels: Pixels) => Promise<void> }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const last = useRef<Point | null>(null);
  const [pen, setPen] = useState({ x: SIDE / 2, y: SIDE / 4, down: false });
  const submit = useLatest(onDrawing);
  const context = () => canvas.current?.getContext('2d', { willReadFrequently: true }) ?? null;
  const send = () => {
    const data = context()?.getImageData(0, 0, SIDE, SIDE);
    if (data) submit({ width: SIDE, height: SIDE, rgba: data.data });
  };
  useEffect(() => {
    const now = context();
    if (now) clear(now);
  }, []);
  const at = (event: PointerEvent & { currentTarget: HTMLCanvasElement }): Point => {
    const box = event.currentTarget.getBoundingClientRect();
    return { x: ((event.clientX - box.left) / box.width) * SIDE, y: ((event.clientY - box.top) / box.height) * SIDE };
  };
  const draw = (to: Point) => {
    const now = context();
    if (!now || !last.current) return;
    stroke(now, last.current, to);
    last.current = to;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const move = MOVES[event.key];
    if (event.key === ' ') {
      event.preventDefault();
      announce(pen.down ? t.input.penUp : t.input.penDown);
      setPen({ ...pen, down: !pen.down });
    }
    if (!move) return;
    event.preventDefault();
    const inside = (v: number) => Math.max(PEN / 2, Math.min(SIDE - PEN / 2, v));
    const to = { x: inside(pen.x + move.x * KEY_STEP), y: inside(pen.y + move.y * KEY_STEP) };
    if (pen.down) {
      last.current = pen;
      draw(to);
      last.current = null;
      send();
    }
    setPen({ ...pen, ...to });
  };
  return (
    <div class="drawing">
      <div
        class="pad"
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is drawn on with keys too
        tabIndex={0}
        aria-label={t.input.drawHere}
        aria-describedby="draw-help"
        onKeyDown={onKeyDown}
      >
        <canvas
          ref={canvas}
          width={SIDE}
          height={SIDE}
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId);
            last.current = at(event);
            draw(last.current);
          }}
          onPointerMove={(event) => draw(at(event))}
          onPointerUp={() => {
            last.current = null;
            send();
          }}
        />
        <span
          class={pen.down ? 'pen down' : 'pen'}
          aria-hidden="true"
          style={{ left: `${(pen.x / SIDE) * 100}%`, top: `${(pen.y / SIDE) * 100}%` }}
        />
      </div>
      <div>
        <button
          type="button"
          class="button plain"
          onClick={() => {
            const now = context();
            if (now) clear(now);
            send();
          }}
        >
          {t.input.clear}
        </button>
        <p id="draw-help" class="note">
          {t.input.drawHelp}
        </p>
      </div>
    </div>
  );
}

// A histogram of values with their quantization grid, and two handles that move its ends: by mouse, finger or arrow keys.
import { useRef } from 'preact/hooks';
import { formatValue } from '../format';
import { t } from '../i18n';
import type { Grid } from '../results/grid';
import type { Histogram, Outline } from './histogram';
import { CHART, HistogramChart, scaleOf } from './histogram_chart';

interface Props {
  histogram: Histogram;
  after: Outline | null;
  grid: Grid;
  /** Ends of the widest range on offer. */
  seen: { low: number; high: number };
  label: string;
  /** null: looked at only. */
  onChange: ((grid: Grid) => void) | null;
  onDone: () => void;
}

/** More lines than this would be a grey area. */
const MOST_LINES = 90;
const KEY_STEPS = 100;

type End = 'low' | 'high';

/** A range holds zero, so that zero stays exact, and never turns around. */
export function movedEnd(grid: Grid, end: End, value: number, span: number): Grid {
  const least = span / 500;
  if (end === 'low') return { ...grid, low: Math.min(0, value, grid.high - least) };
  return { ...grid, high: Math.max(0, value, grid.low + least) };
}

export function RangeChart({ histogram, after, grid, seen, label, onChange, onDone }: Props) {
  const svg = useRef<SVGGElement>(null);
  // Fixed while one drags, or the picture would move away under the hand.
  const scale = scaleOf(histogram, after, Math.min(0, seen.low), Math.max(0, seen.high));
  const base = CHART.height - CHART.bottom;
  const span = seen.high - seen.low || 1;
  const lines = Math.min(grid.levels, MOST_LINES);
  const at = (i: number) => scale.to(grid.low + ((grid.high - grid.low) * i) / (lines - 1));

  const drag = (end: End) => (event: PointerEvent) => {
    if (!onChange || event.buttons === 0) return;
    const box = svg.current?.ownerSVGElement?.getBoundingClientRect();
    if (!box) return;
    const x = ((event.clientX - box.left) / box.width) * CHART.width;
    onChange(movedEnd(grid, end, scale.from(x), span));
  };
  const key = (end: End) => (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (!by || !onChange) return;
    event.preventDefault();
    const step = (span / KEY_STEPS) * (event.shiftKey ? 8 : 1) * by;
    onChange(movedEnd(grid, end, grid[end] + step, span));
  };
  const handle = (end: End) => (
    <g
      class="handle"
      role="slider"
      tabindex={0}
      aria-label={end === 'low' ? t.model.rangeLow : t.model.rangeHigh}
      aria-valuemin={Number((end === 'low' ? Math.min(0, seen.low) : 0).toPrecision(4))}
      aria-valuemax={Number((end === 'low' ? 0 : Math.max(0, seen.high)).toPrecision(4))}
      aria-valuenow={Number(grid[end].toPrecision(4))}
      aria-valuetext={formatValue(grid[end])}
      transform={`translate(${scale.to(grid[end])} 0)`}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        event.currentTarget.focus();
      }}
      onPointerMove={drag(end)}
      onPointerUp={onDone}
      onKeyDown={key(end)}
      onKeyUp={(event) => event.key.startsWith('Arrow') && onDone()}
    >
      <rect class="grip-area" x={-14} width={28} y={0} height={CHART.height} />
      <line y1={2} y2={base} />
      <path d={end === 'low' ? 'M0 2h9l-3 6 3 6H0z' : 'M0 2h-9l3 6-3 6H0z'} />
    </g>
  );
  return (
    <HistogramChart histogram={histogram} after={after} scale={scale} label={label} movable={onChange !== null}>
      <g class="grid-lines">
        {Array.from({ length: lines }, (_, i) => (
          <line key={i} x1={at(i)} x2={at(i)} y1={base} y2={base - 7} />
        ))}
      </g>
      <g class="clipped">
        <rect x={0} y={0} width={Math.max(0, scale.to(grid.low))} height={base} />
        <rect x={scale.to(grid.high)} y={0} width={Math.max(0, CHART.width - scale.to(grid.high))} height={base} />
      </g>
      {onChange && (
        <g ref={svg}>
          {handle('low')}
          {handle('high')}
        </g>
      )}
    </HistogramChart>
  );
}

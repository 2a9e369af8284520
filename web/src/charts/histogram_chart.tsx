// A histogram with its axis, another one as a line over it, and children in the same coordinates.
import type { ComponentChildren } from 'preact';
import { formatValue } from '../format';
import { barHeight, type Histogram, linear, type Outline, type Scale, ticks } from './histogram';

export const CHART = { width: 340, height: 132, left: 10, right: 10, bottom: 22, top: 8 };

/** Over the seen values, or wider where a range or the other histogram reaches beyond. */
export function scaleOf(h: Histogram, after: Outline | null = null, low = h.low, high = h.high): Scale {
  const [first, last] = after ? [after.low, after.low + after.counts.length * after.step] : [h.low, h.high];
  return linear(Math.min(h.low, low, first), Math.max(h.high, high, last), CHART.left, CHART.width - CHART.right);
}

interface Props {
  histogram: Histogram;
  scale: Scale;
  label: string;
  /** The same values after compressing. */
  after?: Outline | null;
  children?: ComponentChildren;
  /** What is laid over it can be moved. */
  movable?: boolean;
}

/** Stairs over the bins. */
function stairs({ low, step, counts }: Outline, scale: Scale, y: (count: number) => number): string {
  const steps = Array.from(
    counts,
    (count, i) => `V${y(count).toFixed(1)}H${scale.to(low + (i + 1) * step).toFixed(1)}`,
  );
  return `M${scale.to(low).toFixed(1)} ${y(0)}${steps.join('')}V${y(0)}`;
}

export function HistogramChart({ histogram: h, scale, label, after = null, children, movable = false }: Props) {
  const base = CHART.height - CHART.bottom;
  const full = base - CHART.top;
  const step = (h.high - h.low) / h.counts.length;
  const most = Math.max(h.most, ...(after?.counts ?? []));
  const width = Math.max(0.8, scale.to(h.low + step) - scale.to(h.low) - 0.4);
  const [low, high] = [scale.from(CHART.left), scale.from(CHART.width - CHART.right)];
  return (
    <svg
      class="chart histogram"
      viewBox={`0 0 ${CHART.width} ${CHART.height}`}
      role={movable ? 'group' : 'img'}
      aria-label={label}
    >
      <g class="bars">
        {Array.from(h.counts, (count, i) => {
          const height = barHeight(count, most) * full;
          const x = step > 0 ? scale.to(h.low + i * step) : scale.to(h.low) - 2;
          return count > 0 ? (
            <rect key={i} x={x} y={base - height} width={step > 0 ? width : 4} height={height} />
          ) : null;
        })}
      </g>
      {after && <path class="after" d={stairs(after, scale, (count) => base - barHeight(count, most) * full)} />}
      <line class="axis" x1={CHART.left} x2={CHART.width - CHART.right} y1={base} y2={base} />
      {ticks(low, high, 5).map((tick) => (
        <g key={tick} class="tick" transform={`translate(${scale.to(tick)} ${base})`}>
          <line y2={4} />
          <text y={16}>{formatValue(Number(tick.toPrecision(6)))}</text>
        </g>
      ))}
      {children}
    </svg>
  );
}

// A histogram with its axis; children are laid over it in the same coordinates.
import type { ComponentChildren } from 'preact';
import { formatValue } from '../format';
import { barHeight, type Histogram, linear, type Scale, ticks } from './histogram';

export const CHART = { width: 340, height: 132, left: 10, right: 10, bottom: 22, top: 8 };

/** Over the seen values, or wider where a range reaches beyond. */
export function scaleOf(h: Histogram, low = h.low, high = h.high): Scale {
  return linear(Math.min(h.low, low), Math.max(h.high, high), CHART.left, CHART.width - CHART.right);
}

interface Props {
  histogram: Histogram;
  scale: Scale;
  label: string;
  children?: ComponentChildren;
  /** What is laid over it can be moved. */
  movable?: boolean;
}

export function HistogramChart({ histogram: h, scale, label, children, movable = false }: Props) {
  const base = CHART.height - CHART.bottom;
  const full = base - CHART.top;
  const step = (h.high - h.low) / h.counts.length;
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
          const height = barHeight(count, h.most) * full;
          const x = step > 0 ? scale.to(h.low + i * step) : scale.to(h.low) - 2;
          return count > 0 ? (
            <rect key={i} x={x} y={base - height} width={step > 0 ? width : 4} height={height} />
          ) : null;
        })}
      </g>
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

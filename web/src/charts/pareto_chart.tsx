// Size against quality of everything tried; the front is a line, every point a button.
import { formatBytes } from '../format';
import { linear, ticks } from './histogram';
import { front } from './pareto';
import { YAxis } from './y_axis';

const SIZE = { width: 640, height: 260, left: 52, right: 20, top: 16, bottom: 40 };

export interface ParetoPoint {
  id: number;
  size: number;
  quality: number;
  label: string;
}

interface Props {
  /** Quality cannot be higher. */
  most: number;
  points: readonly ParetoPoint[];
  current: number | null;
  titles: { x: string; y: string };
  formatY: (v: number) => string;
  onChoose: (id: number) => void;
}

const padded = (values: readonly number[], share: number): [number, number] => {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const pad = (high - low || Math.abs(high) || 1) * share;
  return [low - pad, high + pad];
};

export function ParetoChart({ points, most, current, titles, formatY, onChoose }: Props) {
  const [left, right] = padded(
    points.map((p) => p.size),
    0.15,
  );
  const [bottom, above] = padded(
    points.map((p) => p.quality),
    0.15,
  );
  const top = Math.min(above, most);
  const x = linear(Math.max(0, left), right, SIZE.left, SIZE.width - SIZE.right);
  const y = linear(bottom, top, SIZE.height - SIZE.bottom, SIZE.top);
  const best = front(points);
  const line = best.map((i) => `${x.to(points[i]?.size ?? 0)},${y.to(points[i]?.quality ?? 0)}`);
  return (
    <svg class="chart pareto" viewBox={`0 0 ${SIZE.width} ${SIZE.height}`} aria-label={titles.y}>
      <YAxis y={y} from={bottom} to={top} count={4} size={SIZE} format={formatY} />
      {ticks(Math.max(0, left), right, 5).map((v) => (
        <g key={v} class="tick" transform={`translate(${x.to(v)} ${SIZE.height - SIZE.bottom})`}>
          <line y2={4} />
          <text y={17}>{formatBytes(v)}</text>
        </g>
      ))}
      <text class="axis-title" x={(SIZE.left + SIZE.width - SIZE.right) / 2} y={SIZE.height - 4}>
        {titles.x}
      </text>
      <text class="axis-title" transform={`translate(11 ${(SIZE.height - SIZE.bottom) / 2}) rotate(-90)`}>
        {titles.y}
      </text>
      <polyline class="front" points={line.join(' ')} />
      {points.map((point, i) => (
        // biome-ignore lint/a11y/useSemanticElements: there is no <button> in SVG
        <g
          key={point.id}
          class={`point${best.includes(i) ? ' best' : ''}${point.id === current ? ' current' : ''}`}
          role="button"
          tabindex={0}
          aria-label={point.label}
          transform={`translate(${x.to(point.size)} ${y.to(point.quality)})`}
          onClick={() => onChoose(point.id)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' && event.key !== ' ') return;
            event.preventDefault();
            onChoose(point.id);
          }}
        >
          <circle class="grip-area" r={13} />
          <circle r={best.includes(i) ? 7 : 4.5} />
          <text x={11} y={-8}>
            {point.id}
          </text>
        </g>
      ))}
    </svg>
  );
}

// The best error at each cost, as an allocation found them, and where the chosen one lies.
import { formatInteger } from '../format';
import { FULL_DB, shownDb } from './decibels';
import { linear, ticks } from './histogram';
import { YAxis } from './y_axis';

const SIZE = { width: 340, height: 130, left: 30, right: 14, top: 10, bottom: 22 };

export interface FrontPoint {
  cost: number;
  sqnr: number | null;
}

interface Props {
  points: readonly FrontPoint[];
  chosen: FrontPoint;
  format: (cost: number) => string;
  /** What a screen reader says of it. */
  label: string;
}

export function FrontChart({ points, chosen, format, label }: Props) {
  const costs = [...points, chosen].map(({ cost }) => cost);
  const [low, high] = [Math.min(...costs), Math.max(...costs)];
  const heights = points.map(({ sqnr }) => shownDb(sqnr));
  const top = Math.min(FULL_DB, Math.max(10, ...heights, shownDb(chosen.sqnr)) + 2);
  const x = linear(low, high, SIZE.left + 6, SIZE.width - SIZE.right - 6);
  const y = linear(0, top, SIZE.height - SIZE.bottom, SIZE.top);
  const line = points.map(({ cost }, i) => `${x.to(cost).toFixed(1)},${y.to(heights[i] ?? 0).toFixed(1)}`);
  return (
    <svg class="chart front-chart" viewBox={`0 0 ${SIZE.width} ${SIZE.height}`} role="img" aria-label={label}>
      <YAxis y={y} from={0} to={top} count={3} size={SIZE} format={formatInteger} />
      {ticks(low, high, 4).map((v) => (
        <g key={v} class="tick" transform={`translate(${x.to(v)} ${SIZE.height - SIZE.bottom})`}>
          <line y2={4} />
          <text y={16}>{format(v)}</text>
        </g>
      ))}
      <polyline class="front" points={line.join(' ')} />
      <circle class="chosen" cx={x.to(chosen.cost)} cy={y.to(shownDb(chosen.sqnr))} r={5} />
    </svg>
  );
}

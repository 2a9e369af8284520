// Rules across a chart with their numbers at the left.
import { type linear, ticks } from './histogram';

interface Props {
  y: ReturnType<typeof linear>;
  from: number;
  to: number;
  /** About how many. */
  count: number;
  size: { width: number; left: number; right: number };
  format: (value: number) => string;
}

export function YAxis({ y, from, to, count, size, format }: Props) {
  return (
    <>
      {ticks(from, to, count).map((value) => (
        <g key={value} class="tick" transform={`translate(0 ${y.to(value)})`}>
          <line class="rule" x1={size.left} x2={size.width - size.right} />
          <text class="left" x={size.left - 6} y={4}>
            {format(value)}
          </text>
        </g>
      ))}
    </>
  );
}

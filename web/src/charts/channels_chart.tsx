// Signal to noise of every channel of a layer, as bars.
import { formatInteger } from '../format';
import { channelBars } from './channels';
import { shownDb } from './decibels';
import { linear } from './histogram';
import { YAxis } from './y_axis';

const SIZE = { width: 340, height: 96, left: 30, right: 10, top: 8, bottom: 20 };
const MOST_BARS = 100;

/** `label`: what a screen reader says of it. */
export function ChannelsChart({ list, label }: { list: readonly (number | null)[]; label: string }) {
  const bars = channelBars(list, MOST_BARS);
  const top = Math.max(20, ...bars.map(({ sqnr }) => shownDb(sqnr)));
  const x = linear(0, list.length, SIZE.left, SIZE.width - SIZE.right);
  const y = linear(0, top, SIZE.height - SIZE.bottom, SIZE.top);
  return (
    <svg class="chart channels-chart" viewBox={`0 0 ${SIZE.width} ${SIZE.height}`} role="img" aria-label={label}>
      <YAxis y={y} from={0} to={top} count={3} size={SIZE} format={formatInteger} />
      <g class="bars">
        {bars.map((bar) => (
          <rect
            key={bar.first}
            x={x.to(bar.first)}
            y={y.to(shownDb(bar.sqnr))}
            width={Math.max(0.8, x.to(bar.last + 1) - x.to(bar.first) - 0.6)}
            height={y.to(0) - y.to(shownDb(bar.sqnr))}
          />
        ))}
      </g>
      {[1, list.length].map((channel, i) => (
        <g key={channel} class="tick" transform={`translate(${x.to(channel - 0.5)} ${SIZE.height - SIZE.bottom})`}>
          <text class={i === 0 ? '' : 'left'} y={14}>
            {formatInteger(channel)}
          </text>
        </g>
      ))}
    </svg>
  );
}

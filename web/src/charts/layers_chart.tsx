// A line of decibels over the layers in order. Dots are printed larger where more is lost; rings say what a layer loses by
// itself, without what has piled up before it.
import type { LayerDiff } from '../engine/types';
import { formatInteger } from '../format';
import { FULL_DB, shownDb } from './decibels';
import { linear } from './histogram';
import { YAxis } from './y_axis';

const SIZE = { width: 860, height: 190, left: 40, right: 12, top: 12, bottom: 14 };

interface Props {
  layers: readonly LayerDiff[];
  at: number;
  onAt: (index: number) => void;
  onOpen: (layer: LayerDiff) => void;
}

/** Many layers have little room each. */
const dotRadius = ({ length }: readonly LayerDiff[], wanted: number) => Math.min(wanted, Math.max(1.6, 300 / length));

export function LayersChart({ layers, at, onAt, onOpen }: Props) {
  const x = linear(0, Math.max(1, layers.length - 1), SIZE.left + 6, SIZE.width - SIZE.right - 6);
  const top = Math.max(20, ...layers.map((l) => Math.max(shownDb(l.sqnr), shownDb(l.aloneSqnr ?? 0))));
  const y = linear(0, top, SIZE.height - SIZE.bottom, SIZE.top);
  const points = layers.map((l, i) => `${x.to(i).toFixed(1)},${y.to(shownDb(l.sqnr)).toFixed(1)}`);
  const nearest = (event: MouseEvent & { currentTarget: SVGSVGElement }) => {
    const box = event.currentTarget.getBoundingClientRect();
    const place = x.from(((event.clientX - box.left) / box.width) * SIZE.width);
    return Math.max(0, Math.min(layers.length - 1, Math.round(place)));
  };
  const now = layers[at];
  return (
    <svg
      class="chart layers-chart"
      viewBox={`0 0 ${SIZE.width} ${SIZE.height}`}
      aria-hidden="true"
      onPointerMove={(event) => onAt(nearest(event))}
      onClick={(event) => {
        const layer = layers[nearest(event)];
        if (layer) onOpen(layer);
      }}
    >
      <YAxis y={y} from={0} to={top} count={4} size={SIZE} format={formatInteger} />
      <polyline class="trace" points={points.join(' ')} />
      {layers.map(({ name, aloneSqnr }, i) =>
        aloneSqnr === undefined ? null : (
          <circle key={name} class="ring" cx={x.to(i)} cy={y.to(shownDb(aloneSqnr))} r={dotRadius(layers, 3)} />
        ),
      )}
      {layers.map((l, i) => (
        <circle
          key={l.name}
          class="dot"
          cx={x.to(i)}
          cy={y.to(shownDb(l.sqnr))}
          r={dotRadius(layers, 1 + (1 - shownDb(l.sqnr) / FULL_DB) * 5)}
        />
      ))}
      {now && (
        <g class="cursor" transform={`translate(${x.to(at)} 0)`}>
          <line y1={SIZE.top} y2={SIZE.height - SIZE.bottom} />
          <circle cy={y.to(shownDb(now.sqnr))} r={6} />
        </g>
      )}
    </svg>
  );
}

// What the tones of the graph stand for: five boxes from none to all, with the numbers at both ends.
import { formatBytes, formatCount, formatMs } from '../format';
import { toneRadius } from '../graph/draw';
import { largest, type Metric } from '../graph/metrics';
import { t } from '../i18n';
import { layers } from '../state/layers';

const SAMPLES = [0.05, 0.25, 0.5, 0.75, 1];

function ends(metric: Exclude<Metric, 'none'>): [string, string] {
  const most = largest(layers.value, metric);
  switch (metric) {
    case 'error':
    case 'sensitivity':
      return ['60 dB', '0 dB'];
    case 'bits':
      return ['2', t.model.float];
    case 'size':
      return ['0', formatBytes(most)];
    case 'macs':
      return ['0', formatCount(most)];
    case 'time':
      return ['0', formatMs(most)];
  }
}

export function Legend({ metric }: { metric: Metric }) {
  if (metric === 'none') return null;
  const [low, high] = ends(metric);
  return (
    <p class="legend">
      <span>{t.model.metric[metric]}</span>
      <span>{low}</span>
      <svg viewBox="0 0 120 22" width="120" height="22" aria-hidden="true">
        {SAMPLES.map((tone, i) =>
          [0, 1, 2].flatMap((row) =>
            [0, 1, 2].map((column) => (
              <circle
                key={`${tone} ${row} ${column}`}
                cx={i * 24 + 4 + column * 7 + (row % 2) * 3.5}
                cy={4 + row * 7}
                r={toneRadius(tone, 7)}
              />
            )),
          ),
        )}
      </svg>
      <span>{high}</span>
    </p>
  );
}

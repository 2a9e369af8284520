// The range of one tensor: its histogram with handles, what the range costs these values, and what the output does.
import { useState } from 'preact/hooks';
import type { Histogram, Outline } from '../charts/histogram';
import { RangeChart } from '../charts/range_chart';
import { formatDb, formatInteger, formatPercentDigits, formatValue } from '../format';
import { t } from '../i18n';
import { bestRange, type Grid, gridError, gridOf } from '../results/grid';
import { labelOf } from '../results/labels';
import { busy, labels } from '../state/app';
import { canSetRange, dropRange, keepRange, keptRange, preview, type QuantizedTensor, tryRange } from '../state/range';

interface Props {
  values: Float32Array;
  histogram: Histogram;
  after: Outline | null;
  tensor: QuantizedTensor;
}

function Output() {
  const now = preview.value;
  if (!now) return null;
  return (
    <p class="range-output" role="status">
      {t.model.outputNow}: <b>{formatDb(now.sqnr, t.compare.equal)}</b>
      {now.top && (
        <>
          {', '}
          <b class={now.top.now === now.top.truth ? 'good' : 'bad'}>{labelOf(labels.value, now.top.now)}</b>
        </>
      )}
    </p>
  );
}

export function RangePanel({ values, histogram, after, tensor }: Props) {
  const kept = keptRange(tensor);
  const measured = gridOf(tensor);
  const { levels } = measured;
  const [held, setHeld] = useState<Grid | null>(null);
  const grid = held ?? { ...measured, ...kept };
  const seen = {
    low: Math.min(measured.low, histogram.low, 0),
    high: Math.max(measured.high, histogram.high, 0),
  };
  const error = gridError(values, grid, Math.max(1, Math.floor(values.length / 50_000)));
  const change = (next: Grid) => {
    setHeld(next);
    void tryRange(tensor, { low: next.low, high: next.high });
  };
  const done = () => {
    if (!held) return;
    void keepRange(tensor, { low: held.low, high: held.high }).then(() => setHeld(null));
  };
  return (
    <>
      <RangeChart
        histogram={histogram}
        after={after}
        grid={grid}
        seen={seen}
        label={t.model.grid(formatInteger(levels), formatValue(grid.low), formatValue(grid.high))}
        onChange={canSetRange.value ? change : null}
        onDone={done}
      />
      <p class="note">
        {t.model.grid(formatInteger(levels), formatValue(grid.low), formatValue(grid.high))}
        {kept && ` ${t.model.rangeApplied}`}
      </p>
      <p class="range-error">
        {t.model.layerError}: <b data-testid="range-error">{formatDb(error.sqnr, t.compare.equal)}</b> ·{' '}
        {t.model.clipped}: <b>{formatPercentDigits(error.clipped, 2)}</b>
      </p>
      <Output />
      {canSetRange.value && (
        <>
          <p class="note">{t.model.rangeHelp}</p>
          <div class="row">
            <button
              type="button"
              class="button plain"
              disabled={busy.value}
              onClick={() => {
                const best = bestRange(values, { ...seen, levels });
                setHeld(best);
                void keepRange(tensor, { low: best.low, high: best.high }).then(() => setHeld(null));
              }}
            >
              {t.model.rangeBest}
            </button>
            {kept && (
              <button type="button" class="button quiet" disabled={busy.value} onClick={() => void dropRange(tensor)}>
                {t.model.rangeReset}
              </button>
            )}
          </div>
        </>
      )}
    </>
  );
}

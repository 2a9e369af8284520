// The numbers of one layer, before and after compressing: its weights and its values on the test input, with their grids, and
// what each channel loses.
import { useMemo } from 'preact/hooks';
import { Filters, hasFilters } from '../charts/filters';
import { type Histogram, histogramOf, type Outline, outlineOf } from '../charts/histogram';
import { HistogramChart, scaleOf } from '../charts/histogram_chart';
import type { GraphNode, WeightFacts } from '../engine/types';
import { formatInteger, formatShape, formatValue } from '../format';
import { t } from '../i18n';
import { results } from '../state/app';
import { layers } from '../state/layers';
import type { Numbers } from '../state/probe';
import { quantizedTensor } from '../state/range';
import { ChannelErrors } from './channel_errors';
import { Facts } from './model_facts';
import { RangePanel } from './range_panel';

function Statistics({ histogram: h }: { histogram: Histogram }) {
  return (
    <Facts
      facts={[
        [t.model.smallest, formatValue(h.low)],
        [t.model.largest, formatValue(h.high)],
        [t.model.mean, formatValue(h.mean)],
        [t.model.deviation, formatValue(h.deviation)],
        [t.model.zeros, `${formatInteger((h.zeros / Math.max(1, h.count)) * 100)} %`],
      ]}
    />
  );
}

function weightFacts(name: string): WeightFacts | undefined {
  const all = results.value?.stepResults.flatMap((s) => (s.report.weights ?? []) as WeightFacts[]);
  return all?.findLast((w) => w.name === name && typeof w.scaleLow === 'number');
}

/** Channels named from 1 on; a long list is cut. */
function channelNames(channels: readonly number[]): string {
  const named = channels.slice(0, 8).map((channel) => formatInteger(channel + 1));
  return named.join(', ') + (channels.length > named.length ? ', …' : '');
}

function WeightGrid({ name }: { name: string }) {
  const grid = weightFacts(name);
  if (!grid) return null;
  const dead = grid.dead ?? [];
  const text = t.model.channelScales(
    formatInteger(grid.scales),
    formatValue(grid.scaleLow),
    formatValue(grid.scaleHigh),
  );
  return (
    <>
      <p class="note">{text}</p>
      {dead.length > 0 && <p class="note">{t.model.deadChannels(formatInteger(dead.length), channelNames(dead))}</p>}
      <ChannelErrors title={t.model.weightChannels} list={grid.channels?.sqnr} />
    </>
  );
}

/** Both histograms, made once for the same numbers. */
function useHistograms({ values, after }: Numbers): { histogram: Histogram; outline: Outline | null } {
  return useMemo(() => {
    const histogram = histogramOf(values);
    return { histogram, outline: after && outlineOf(after, histogram) };
  }, [values, after]);
}

export function Weights({ weights }: { weights: Numbers }) {
  const { histogram, outline } = useHistograms(weights);
  return (
    <section>
      <h3>
        {t.model.weightValues} <code>{weights.name}</code> <span class="shape">{formatShape(weights.dims)}</span>
      </h3>
      <HistogramChart
        histogram={histogram}
        after={outline}
        scale={scaleOf(histogram, outline)}
        label={`${t.model.weightValues} ${weights.name}`}
      />
      {outline && <p class="note">{t.model.beforeAfter}</p>}
      <WeightGrid name={weights.name} />
      <Statistics histogram={histogram} />
      {hasFilters(weights.dims) && <Filters dims={weights.dims} values={weights.values} label={t.model.filters} />}
    </section>
  );
}

export function Values({ node, values }: { node: GraphNode; values: Numbers }) {
  const { histogram, outline } = useHistograms(values);
  const tensor = quantizedTensor(values.name);
  const diff = layers.value[node.id]?.diff;
  return (
    <section>
      <h3>{t.model.values}</h3>
      {tensor ? (
        <RangePanel key={values.name} values={values.values} histogram={histogram} after={outline} tensor={tensor} />
      ) : (
        <>
          <HistogramChart
            histogram={histogram}
            after={outline}
            scale={scaleOf(histogram, outline)}
            label={t.model.values}
          />
          {results.value && <p class="note">{t.model.noGrid}</p>}
        </>
      )}
      <p class="note">{t.model.valuesNote(formatInteger(histogram.count))}</p>
      {outline && <p class="note">{t.model.beforeAfter}</p>}
      <Statistics histogram={histogram} />
      <ChannelErrors
        title={t.model.valueChannels}
        list={diff?.channelSqnr}
        cosines={diff?.channelCosine}
        errors={diff?.channelMaxError}
      />
    </section>
  );
}

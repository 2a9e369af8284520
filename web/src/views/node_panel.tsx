// One layer: what it is, its weights, its values on the test input with their grid, and what can be done to it by hand.
import { useEffect, useMemo, useState } from 'preact/hooks';
import { Filters, hasFilters } from '../charts/filters';
import { type Histogram, histogramOf } from '../charts/histogram';
import { HistogramChart, scaleOf } from '../charts/histogram_chart';
import type { GraphNode } from '../engine/types';
import { formatBytes, formatCount, formatDb, formatInteger, formatMs, formatShape, formatValue } from '../format';
import { nodeTitle } from '../graph/scene';
import { t } from '../i18n';
import { canRun, opened, results, selected } from '../state/app';
import { testInput } from '../state/inputs';
import { layers } from '../state/layers';
import { type Probe, probe } from '../state/probe';
import { quantizedTensor } from '../state/range';
import { Facts } from './model_facts';
import { Overrides } from './overrides';
import { RangePanel } from './range_panel';
import { LayerRisks } from './risk_list';

function useProbe(node: GraphNode): Probe | null | 'failed' {
  const [found, setFound] = useState<{ node: GraphNode; probe: Probe | 'failed' } | null>(null);
  const test = testInput.value;
  useEffect(() => {
    if (!canRun.value) return setFound({ node, probe: 'failed' });
    const controller = new AbortController();
    probe(node, controller.signal).then(
      (result) => setFound({ node, probe: result }),
      () => !controller.signal.aborted && setFound({ node, probe: 'failed' }),
    );
    return () => controller.abort();
  }, [node, test]);
  return found?.node === node ? found.probe : null;
}

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

interface Scales {
  name: string;
  node: string;
  scales: number;
  scaleLow: number;
  scaleHigh: number;
}

function WeightGrid({ name }: { name: string }) {
  const all = results.value?.stepResults.flatMap((s) => (s.report.weights ?? []) as Scales[]);
  const grid = all?.find((w) => w.name === name);
  if (!grid) return null;
  const text = t.model.channelScales(
    formatInteger(grid.scales),
    formatValue(grid.scaleLow),
    formatValue(grid.scaleHigh),
  );
  return <p class="note">{text}</p>;
}

function Weights({ weights }: { weights: NonNullable<Probe['weights']> }) {
  const histogram = useMemo(() => histogramOf(weights.values), [weights]);
  return (
    <section>
      <h3>
        {t.model.weightValues} <code>{weights.name}</code> <span class="shape">{formatShape(weights.dims)}</span>
      </h3>
      <HistogramChart
        histogram={histogram}
        scale={scaleOf(histogram)}
        label={`${t.model.weightValues} ${weights.name}`}
      />
      <WeightGrid name={weights.name} />
      <Statistics histogram={histogram} />
      {hasFilters(weights.dims) && <Filters dims={weights.dims} values={weights.values} label={t.model.filters} />}
    </section>
  );
}

function Values({ values }: { values: NonNullable<Probe['values']> }) {
  const histogram = useMemo(() => histogramOf(values.values), [values]);
  const tensor = quantizedTensor(values.name);
  return (
    <section>
      <h3>{t.model.values}</h3>
      {tensor ? (
        <RangePanel key={values.name} values={values.values} histogram={histogram} tensor={tensor} />
      ) : (
        <>
          <HistogramChart histogram={histogram} scale={scaleOf(histogram)} label={t.model.values} />
          {results.value && <p class="note">{t.model.noGrid}</p>}
        </>
      )}
      <p class="note">{t.model.valuesNote(formatInteger(histogram.count))}</p>
      <Statistics histogram={histogram} />
    </section>
  );
}

function attributeText(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function About({ node }: { node: GraphNode }) {
  const layer = layers.value[node.id];
  if (!layer) return null;
  const facts: [string, string][] = [[t.model.shape, formatShape(layer.shape)]];
  if (layer.macs > 0) facts.push([t.model.macs, formatCount(layer.macs)]);
  if (layer.bytes > 0) facts.push([t.model.weights, formatBytes(layer.bytes)]);
  if (layer.bits !== undefined) facts.push([t.model.bits, layer.bits === 32 ? t.model.float : String(layer.bits)]);
  if (layer.sqnr !== undefined) facts.push([t.model.error, formatDb(layer.sqnr, t.compare.equal)]);
  if (layer.ms !== undefined) facts.push([t.model.time, formatMs(layer.ms)]);
  for (const [name, value] of Object.entries(node.attributes)) facts.push([name, attributeText(value)]);
  return <Facts facts={facts} />;
}

export function NodePanel({ id }: { id: number }) {
  const node = opened.value?.graph.nodes[id];
  if (!node) return null;
  return <NodeBody key={id} node={node} />;
}

function NodeBody({ node }: { node: GraphNode }) {
  const found = useProbe(node);
  return (
    <section class="panel node-panel" aria-labelledby="node-title">
      <div class="row spread">
        <h2 id="node-title">
          {node.op} <code class="file-name">{nodeTitle(node)}</code>
        </h2>
        <button
          type="button"
          class="button quiet"
          aria-label={t.app.close}
          onClick={() => {
            selected.value = null;
          }}
        >
          ×
        </button>
      </div>
      <About node={node} />
      <LayerRisks node={node} />
      <Overrides node={node} />
      {found === 'failed' && <p class="note">{t.model.noValues}</p>}
      {found && found !== 'failed' && found.values && <Values values={found.values} />}
      {found && found !== 'failed' && found.weights && <Weights weights={found.weights} />}
    </section>
  );
}

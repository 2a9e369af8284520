// What is known of the layers now, for the graph, the table and the charts.
import { computed, signal } from '@preact/signals';
import { findBlocks } from '../graph/blocks';
import { type Layer, layersOf, type Metric, nodeLabel } from '../graph/metrics';
import type { Scan } from '../results/sensitivity';
import { opened, results } from './app';

export const metric = signal<Metric>('none');
/** Each layer quantized alone, where that was asked for. */
export const scanned = signal<Scan | null>(null);
/** Error of the output by the layer that alone was quantized. */
export const sensitivity = computed<ReadonlyMap<string, number | null>>(
  () => new Map(scanned.value?.layers.map(({ node, sqnr }) => [node, sqnr])),
);

export const layers = computed<readonly Layer[]>(() => {
  const open = opened.value;
  const shown = results.value;
  if (!open) return [];
  return layersOf(open.graph, {
    sensitivity: sensitivity.value,
    ...(shown && {
      layers: shown.comparison.layers,
      compressed: shown.graph,
      profile: [...shown.original.profile, ...shown.compressed.profile],
    }),
  });
});

export const blocks = computed(() => (opened.value ? findBlocks(opened.value.graph.nodes) : []));

/** Metrics that say something now. */
export const knownMetrics = computed<ReadonlySet<Metric>>(() => {
  const has: Metric[] = ['none', 'size', 'macs'];
  if (results.value) has.push('error', 'bits', 'time');
  if (sensitivity.value.size > 0) has.push('sensitivity');
  return new Set(has);
});

/** By its name, by what it makes, or as the engine calls a node without a name. */
export const selectByName = (name: string): number | null =>
  opened.value?.graph.nodes.find((n) => nodeLabel(n) === name || n.outputs.includes(name))?.id ?? null;

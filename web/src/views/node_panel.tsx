// One layer: what it is, its weights, its values on the test input with their grid, and what can be done to it by hand.
import { useEffect, useState } from 'preact/hooks';
import type { GraphNode, LayerDiff } from '../engine/types';
import {
  formatBytes,
  formatCount,
  formatDb,
  formatFixed,
  formatMs,
  formatPercentDigits,
  formatShape,
  formatValue,
} from '../format';
import { nodeTitle } from '../graph/scene';
import { t } from '../i18n';
import { canRun, opened, results, selected } from '../state/app';
import { testInput } from '../state/inputs';
import { layers } from '../state/layers';
import { type Probe, probe } from '../state/probe';
import { Facts } from './model_facts';
import { Values, Weights } from './node_values';
import { Overrides } from './overrides';
import { LayerRisks } from './risk_list';

function useProbe(node: GraphNode): Probe | null | 'failed' {
  const [found, setFound] = useState<{ node: GraphNode; probe: Probe | 'failed' } | null>(null);
  const test = testInput.value;
  const made = results.value?.made;
  useEffect(() => {
    if (!canRun.value) return setFound({ node, probe: 'failed' });
    const controller = new AbortController();
    probe(node, controller.signal).then(
      (result) => setFound({ node, probe: result }),
      () => !controller.signal.aborted && setFound({ node, probe: 'failed' }),
    );
    return () => controller.abort();
  }, [node, test, made]);
  return found?.node === node ? found.probe : null;
}

function attributeText(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** What comparing both networks found. */
function errorFacts({ sqnr, aloneSqnr, cosine, maxAbsError, clipped, dead }: LayerDiff): [string, string][] {
  const facts: [string, string][] = [[t.model.error, formatDb(sqnr, t.compare.equal)]];
  if (aloneSqnr !== undefined) facts.push([t.model.alone, formatDb(aloneSqnr, t.compare.equal)]);
  facts.push([t.compare.cosine, formatFixed(cosine, 4)], [t.compare.maxError, formatValue(maxAbsError)]);
  if (clipped !== undefined) facts.push([t.model.clipped, formatPercentDigits(clipped, 2)]);
  if (dead !== undefined) facts.push([t.model.dead, formatPercentDigits(dead, 1)]);
  return facts;
}

function About({ node }: { node: GraphNode }) {
  const layer = layers.value[node.id];
  if (!layer) return null;
  const facts: [string, string][] = [[t.model.shape, formatShape(layer.shape)]];
  if (layer.macs > 0) facts.push([t.model.macs, formatCount(layer.macs)]);
  if (layer.bytes > 0) facts.push([t.model.weights, formatBytes(layer.bytes)]);
  if (layer.bits !== undefined) facts.push([t.model.bits, layer.bits === 32 ? t.model.float : String(layer.bits)]);
  if (layer.diff) facts.push(...errorFacts(layer.diff));
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
      {found && found !== 'failed' && found.values && <Values node={node} values={found.values} />}
      {found && found !== 'failed' && found.weights && <Weights weights={found.weights} />}
    </section>
  );
}

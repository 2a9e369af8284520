// One layer: what it is, its weights, its values on the test input with their grid, and what can be done to it by hand.
import { useEffect, useState } from 'preact/hooks';
import type { GraphNode } from '../engine/types';
import { nodeTitle } from '../graph/scene';
import { t } from '../i18n';
import { canRun, opened, results, selected } from '../state/app';
import { testInput } from '../state/inputs';
import { layers } from '../state/layers';
import { type Probe, probe } from '../state/probe';
import { COMPRESSED, SIZES } from './layer_columns';
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

function About({ node }: { node: GraphNode }) {
  const layer = layers.value[node.id];
  if (!layer) return null;
  const known = [...SIZES, ...COMPRESSED].map(({ name, text }): [string, string] => [name(), text(layer)]);
  const attributes = Object.entries(node.attributes).map(([name, value]): [string, string] => [
    name,
    attributeText(value),
  ]);
  return <Facts facts={[...known.filter(([, text]) => text !== ''), ...attributes]} />;
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

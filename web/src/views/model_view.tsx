// The model: its graph and its layers beside the panel of the chosen layer.
import { t } from '../i18n';
import { selected } from '../state/app';
import { GraphPane } from './graph_pane';
import { Later } from './later';
import { LayerTable } from './layer_table';
import { ModelFacts } from './model_facts';
import { NodePanel } from './node_panel';
import { ShownChoice, shown } from './shown_choice';

export function ModelView() {
  return (
    <div class="model-view">
      <div class="model-main">
        {shown.value === 'table' ? <ShownChoice /> : <GraphPane />}
        {shown.value !== 'graph' && (
          <Later>
            <LayerTable />
          </Later>
        )}
      </div>
      <aside class="model-side" aria-label={t.model.node}>
        {selected.value === null ? <ModelFacts /> : <NodePanel id={selected.value} />}
      </aside>
    </div>
  );
}

// Whether the model view shows the graph, the table, or both.
import { signal } from '@preact/signals';
import { t } from '../i18n';
import { Segments } from './select';

type Shown = 'graph' | 'table' | 'both';

export const shown = signal<Shown>('graph');

export function ShownChoice() {
  return (
    <Segments<Shown>
      id="model-shown"
      label={t.model.show}
      value={shown.value}
      names={{ graph: t.model.graph, table: t.model.table, both: t.model.both }}
      onChange={(next) => {
        shown.value = next;
      }}
    />
  );
}

// Every layer as a row: sortable by each column, filtered by words, in step with the graph.
import { useSignal } from '@preact/signals';
import type { Layer } from '../graph/metrics';
import { breakable, nodeTitle } from '../graph/scene';
import { t } from '../i18n';
import { results, selected } from '../state/app';
import { layers, sensitivity } from '../state/layers';
import { COMPRESSED, type Column, FIRST, NAME, SENSITIVITY, SIZES } from './layer_columns';
import { Scroll } from './scroll';

function compare(a: string | number, b: string | number): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b));
}

const headTitle = ({ name, help }: Column) => [help?.(), t.model.sortBy(name())].filter(Boolean).join(' ');

function Head({ column, sort, onSort }: { column: Column; sort: { id: string; down: boolean }; onSort: () => void }) {
  const mine = sort.id === column.id;
  return (
    <th
      scope="col"
      class={column.numeric ? 'number' : ''}
      aria-sort={mine ? (sort.down ? 'descending' : 'ascending') : 'none'}
    >
      <button type="button" class="sort" title={headTitle(column)} onClick={onSort}>
        {column.name()}
        <span aria-hidden="true">{mine ? (sort.down ? ' ↓' : ' ↑') : ''}</span>
      </button>
    </th>
  );
}

function Row({ layer, columns }: { layer: Layer; columns: readonly Column[] }) {
  const chosen = selected.value === layer.node.id;
  return (
    <tr class={chosen ? 'chosen' : ''}>
      <th scope="row">
        <button
          type="button"
          class="link"
          aria-pressed={chosen}
          onClick={() => {
            selected.value = layer.node.id;
          }}
        >
          {breakable(nodeTitle(layer.node))}
        </button>
      </th>
      {columns.map((column) => (
        <td key={column.id} class={column.numeric ? 'number' : ''}>
          {column.text(layer)}
        </td>
      ))}
    </tr>
  );
}

export function LayerTable() {
  const filter = useSignal('');
  const sort = useSignal({ id: 'order', down: false });
  const columns = [
    ...FIRST,
    ...(results.value ? COMPRESSED : []),
    ...(sensitivity.value.size > 0 ? [SENSITIVITY] : []),
    ...SIZES,
  ];
  const by = [NAME, ...columns].find(({ id }) => id === sort.value.id) ?? NAME;
  const words = filter.value.trim().toLowerCase();
  const shown = layers.value
    .filter((l) => words === '' || `${nodeTitle(l.node)} ${l.node.op}`.toLowerCase().includes(words))
    .toSorted((a, b) => compare(by.value(a), by.value(b)) * (sort.value.down ? -1 : 1));
  const sortBy = (id: string) => {
    sort.value = { id, down: sort.value.id === id && !sort.value.down };
  };
  return (
    <div class="layer-table">
      <div class="row tools">
        <input
          type="search"
          aria-label={t.model.filter}
          placeholder={t.model.filter}
          value={filter.value}
          onInput={(e) => {
            filter.value = e.currentTarget.value;
          }}
        />
        <span class="note" role="status">
          {t.model.layerCount(shown.length, layers.value.length)}
        </span>
      </div>
      <Scroll label={t.model.table} tall>
        <table class="dense">
          <thead>
            <tr>
              {[NAME, ...columns].map((column) => (
                <Head key={column.id} column={column} sort={sort.value} onSort={() => sortBy(column.id)} />
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((layer) => (
              <Row key={layer.node.id} layer={layer} columns={columns} />
            ))}
          </tbody>
        </table>
      </Scroll>
    </div>
  );
}

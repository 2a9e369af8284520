// Every layer as a row: sortable by each column, filtered by words, in step with the graph.
import { useSignal } from '@preact/signals';
import { formatBytes, formatCount, formatDb, formatMs, formatShape } from '../format';
import type { Layer } from '../graph/metrics';
import { nodeTitle } from '../graph/scene';
import { t } from '../i18n';
import { results, selected } from '../state/app';
import { layers, sensitivity } from '../state/layers';
import { Scroll } from './scroll';

interface Column {
  id: string;
  name: () => string;
  value: (layer: Layer) => string | number;
  text: (layer: Layer) => string;
  numeric: boolean;
}

/** Unknown sorts behind all; equal (null) is better than any number of decibels. */
const db = (v: number | null | undefined) => (v === undefined ? Number.POSITIVE_INFINITY : (v ?? 1e6));
const dbText = (v: number | null | undefined) => (v === undefined ? '' : formatDb(v, t.compare.equal));

const COLUMNS: readonly Column[] = [
  { id: 'order', name: () => '#', value: (l) => l.node.id, text: (l) => String(l.node.id + 1), numeric: true },
  { id: 'op', name: () => t.model.operator, value: (l) => l.node.op, text: (l) => l.node.op, numeric: false },
  {
    id: 'shape',
    name: () => t.model.shape,
    value: (l) => (l.shape ?? []).reduce<number>((a, d) => a * (Number(d) || 1), 1),
    text: (l) => formatShape(l.shape),
    numeric: true,
  },
  {
    id: 'size',
    name: () => t.model.weights,
    value: (l) => l.bytes,
    text: (l) => (l.bytes > 0 ? formatBytes(l.bytes) : ''),
    numeric: true,
  },
  {
    id: 'macs',
    name: () => t.model.macs,
    value: (l) => l.macs,
    text: (l) => (l.macs > 0 ? formatCount(l.macs) : ''),
    numeric: true,
  },
];

const COMPRESSED: readonly Column[] = [
  {
    id: 'bits',
    name: () => t.model.bits,
    value: (l) => l.bits ?? 99,
    text: (l) => (l.bits === undefined ? '' : l.bits === 32 ? t.model.float : String(l.bits)),
    numeric: true,
  },
  { id: 'error', name: () => t.model.error, value: (l) => db(l.sqnr), text: (l) => dbText(l.sqnr), numeric: true },
  {
    id: 'time',
    name: () => t.model.time,
    value: (l) => l.ms ?? 0,
    text: (l) => (l.ms === undefined ? '' : formatMs(l.ms)),
    numeric: true,
  },
];

const SENSITIVITY: Column = {
  id: 'sensitivity',
  name: () => t.compare.sensitivity,
  value: (l) => db(l.sensitivity),
  text: (l) => dbText(l.sensitivity),
  numeric: true,
};

const NAME: Column = {
  id: 'name',
  name: () => t.model.layer,
  value: (l) => nodeTitle(l.node),
  text: (l) => nodeTitle(l.node),
  numeric: false,
};

function compare(a: string | number, b: string | number): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b));
}

function Head({ column, sort, onSort }: { column: Column; sort: { id: string; down: boolean }; onSort: () => void }) {
  const mine = sort.id === column.id;
  return (
    <th
      scope="col"
      class={column.numeric ? 'number' : ''}
      aria-sort={mine ? (sort.down ? 'descending' : 'ascending') : 'none'}
    >
      <button type="button" class="sort" title={t.model.sortBy(column.name())} onClick={onSort}>
        {column.name()}
        <span aria-hidden="true">{mine ? (sort.down ? ' ↓' : ' ↑') : ''}</span>
      </button>
    </th>
  );
}

/** Long names may break after their slashes. */
const breakable = (name: string) => name.replaceAll('/', '/\u200b');

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
    ...COLUMNS,
    ...(results.value ? COMPRESSED : []),
    ...(sensitivity.value.size > 0 ? [SENSITIVITY] : []),
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

// What the layer table and the panel of one layer say of a layer: how each column is named, sorted and written.
import type { LayerDiff } from '../engine/types';
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
import type { Layer } from '../graph/metrics';
import { nodeTitle } from '../graph/scene';
import { t } from '../i18n';

export interface Column {
  id: string;
  name: () => string;
  /** What it says, where the name alone does not. */
  help?: () => string;
  value: (layer: Layer) => string | number;
  text: (layer: Layer) => string;
  numeric: boolean;
}

/** Unknown sorts behind all; equal (null) is better than any number of decibels. */
const db = (v: number | null | undefined) => (v === undefined ? Number.POSITIVE_INFINITY : (v ?? 1e6));
const dbText = (v: number | null | undefined) => (v === undefined ? '' : formatDb(v, t.compare.equal));

export const FIRST: readonly Column[] = [
  { id: 'order', name: () => '#', value: (l) => l.node.id, text: (l) => String(l.node.id + 1), numeric: true },
  { id: 'op', name: () => t.model.operator, value: (l) => l.node.op, text: (l) => l.node.op, numeric: false },
];

export const SIZES: readonly Column[] = [
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

/** A number that comparing found; layers without it come last when the largest are first. */
function diffColumn(
  id: string,
  name: () => string,
  help: () => string,
  of: (diff: LayerDiff) => number | undefined,
  text: (value: number) => string,
): Column {
  const found = (layer: Layer) => (layer.diff ? of(layer.diff) : undefined);
  const shown = (layer: Layer) => {
    const value = found(layer);
    return value === undefined ? '' : text(value);
  };
  return { id, name, help, value: (layer) => found(layer) ?? Number.NEGATIVE_INFINITY, text: shown, numeric: true };
}

export const COMPRESSED: readonly Column[] = [
  {
    id: 'bits',
    name: () => t.model.bits,
    value: (l) => l.bits ?? 99,
    text: (l) => (l.bits === undefined ? '' : l.bits === 32 ? t.model.float : String(l.bits)),
    numeric: true,
  },
  {
    id: 'error',
    name: () => t.model.error,
    help: () => t.model.errorHelp,
    value: (l) => db(l.sqnr),
    text: (l) => dbText(l.sqnr),
    numeric: true,
  },
  {
    id: 'alone',
    name: () => t.model.alone,
    help: () => t.model.aloneHelp,
    value: (l) => db(l.diff?.aloneSqnr),
    text: (l) => dbText(l.diff?.aloneSqnr),
    numeric: true,
  },
  diffColumn(
    'cosine',
    () => t.compare.cosine,
    () => t.model.cosineHelp,
    (d) => d.cosine,
    (v) => formatFixed(v, 4),
  ),
  diffColumn(
    'maxError',
    () => t.compare.maxError,
    () => t.model.maxErrorHelp,
    (d) => d.maxAbsError,
    formatValue,
  ),
  diffColumn(
    'clipped',
    () => t.model.clipped,
    () => t.model.clippedHelp,
    (d) => d.clipped,
    (v) => formatPercentDigits(v, 2),
  ),
  diffColumn(
    'dead',
    () => t.model.dead,
    () => t.model.deadHelp,
    (d) => d.dead,
    (v) => formatPercentDigits(v, 1),
  ),
  {
    id: 'time',
    name: () => t.model.time,
    value: (l) => l.ms ?? 0,
    text: (l) => (l.ms === undefined ? '' : formatMs(l.ms)),
    numeric: true,
  },
];

export const SENSITIVITY: Column = {
  id: 'sensitivity',
  name: () => t.compare.sensitivity,
  value: (l) => db(l.sensitivity),
  text: (l) => dbText(l.sensitivity),
  numeric: true,
};

export const NAME: Column = {
  id: 'name',
  name: () => t.model.layer,
  value: (l) => nodeTitle(l.node),
  text: (l) => nodeTitle(l.node),
  numeric: false,
};

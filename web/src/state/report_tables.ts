// The tables of the report: what every step did, errors by layer and channel, weights, histograms, risks, and what scans found.

import { worstChannels } from '../charts/channels';
import { FULL_DB, shownDb } from '../charts/decibels';
import type { LayerDiff, StepReport, TensorFacts, WeightFacts } from '../engine/types';
import {
  formatBytes,
  formatDb,
  formatFixed,
  formatInteger,
  formatMs,
  formatPercentDigits,
  formatValue,
} from '../format';
import { t } from '../i18n';
import { riskText } from '../i18n/engine_text';
import type { ReportTable } from '../results/report';
import { type Allocation, allocationOf, type Scan, scanOf } from '../results/sensitivity';
import { barsSvg, histogramSvg } from '../results/sparkline';
import type { Results } from './app';
import { scanned } from './layers';
import { risks } from './risks';

/** Rows of a table that has one for each layer or tensor. */
const MOST = 200;
const NAMED = 3;
const BARS = 100;

const db = (v: number | null | undefined) => (v === undefined ? '' : formatDb(v, t.compare.equal));
const share = (v: number | undefined) => (v === undefined ? '' : formatPercentDigits(v, 2));
const value = (v: number | undefined) => (v === undefined ? '' : formatValue(v));

function stepTable({ stepResults }: Results): ReportTable {
  const rows = stepResults.map(({ report, bytes, sqnr, ms }) => [
    report.pass,
    formatBytes(bytes),
    db(sqnr),
    ms === undefined ? '' : formatMs(ms),
    (report.warnings ?? []).map((w) => w.message).join(' '),
  ]);
  return {
    title: t.take.whatChanged,
    head: [t.take.step, t.compare.size, t.compare.sqnr, t.compare.latency, t.take.notes],
    rows,
  };
}

function layerTable(layers: readonly LayerDiff[]): ReportTable {
  return {
    title: t.compare.layers,
    head: [
      t.model.layer,
      t.model.operator,
      t.compare.sqnr,
      t.model.alone,
      t.compare.cosine,
      t.compare.maxError,
      t.model.clipped,
      t.model.dead,
    ],
    rows: layers.map((l) => [
      l.name,
      l.op,
      db(l.sqnr),
      db(l.aloneSqnr),
      formatFixed(l.cosine, 4),
      formatValue(l.maxAbsError),
      share(l.clipped),
      share(l.dead),
    ]),
  };
}

type ByChannel = readonly (number | null)[];

const worstText = (list: ByChannel): string =>
  worstChannels(list, NAMED)
    .map(({ channel, sqnr }) => t.model.channelIs(formatInteger(channel + 1), db(sqnr)))
    .join('; ');

/** Of many channels evenly spread ones. */
function channelBars(list: ByChannel): { svg: string } {
  const each = Math.max(1, Math.ceil(list.length / BARS));
  const worst = Array.from({ length: Math.ceil(list.length / each) }, (_, i) =>
    Math.min(...list.slice(i * each, (i + 1) * each).map((sqnr) => shownDb(sqnr))),
  );
  return { svg: barsSvg(worst.map((height) => height / FULL_DB)) };
}

function channelTable(layers: readonly LayerDiff[]): ReportTable {
  const rows = layers.flatMap(({ name, channelSqnr, channelCosine = [], channelMaxError = [] }) =>
    channelSqnr
      ? [
          [
            name,
            formatInteger(channelSqnr.length),
            worstText(channelSqnr),
            channelCosine.length > 0 ? formatFixed(Math.min(...channelCosine), 4) : '',
            channelMaxError.length > 0 ? formatValue(Math.max(...channelMaxError)) : '',
            channelBars(channelSqnr),
          ],
        ]
      : [],
  );
  const { layer } = t.model;
  const head = [layer, t.take.channels, t.take.worst, t.take.leastCosine, t.compare.maxError, t.model.valueChannels];
  return { title: t.model.valueChannels, head, rows: rows.slice(0, MOST) };
}

const factsOf = <T>(steps: readonly StepReport[], list: 'weights' | 'tensors'): T[] =>
  steps.flatMap((report) => (Array.isArray(report[list]) ? (report[list] as T[]) : []));

function weightTable(steps: readonly StepReport[]): ReportTable {
  const weights = factsOf<WeightFacts>(steps, 'weights').filter(({ sqnr }) => sqnr !== undefined);
  return {
    title: t.model.weightChannels,
    head: [t.model.weights, t.model.layer, t.take.levels, t.compare.sqnr, t.take.worst, t.take.deadChannels],
    rows: weights
      .slice(0, MOST)
      .map(({ name, node, levels, sqnr, channels, dead }) => [
        name,
        node ?? '',
        levels === undefined ? '' : formatInteger(levels),
        db(sqnr),
        channels ? worstText(channels.sqnr) : '',
        dead && dead.length > 0 ? formatInteger(dead.length) : '',
      ]),
  };
}

function histogramTable(steps: readonly StepReport[]): ReportTable {
  const tensors = factsOf<TensorFacts>(steps, 'tensors').filter(({ histogram }) => histogram);
  return {
    title: t.take.histograms,
    notes: [t.model.beforeAfter],
    head: [
      t.compare.tensor,
      t.model.smallest,
      t.model.largest,
      t.take.range,
      t.take.levels,
      t.model.clipped,
      t.compare.sqnr,
      t.take.histograms,
    ],
    rows: tensors
      .slice(0, MOST)
      .map((tensor) => [
        tensor.name,
        value(tensor.observedLow),
        value(tensor.observedHigh),
        `${formatValue(tensor.low)} … ${formatValue(tensor.high)}`,
        formatInteger(tensor.levels),
        share(tensor.clipped),
        db(tensor.sqnr),
        { svg: histogramSvg(tensor.histogram?.counts ?? [], tensor.histogramAfter?.counts) },
      ]),
  };
}

function riskTable(): ReportTable {
  const rows = (risks.value ?? []).map((risk) => {
    const { message, hint } = riskText(risk);
    return [t.model.severity[risk.severity], message, risk.nodes.slice(0, NAMED).join(' '), hint];
  });
  return { title: t.model.risks, head: [t.take.severity, t.take.finding, t.model.layer, t.take.advice], rows };
}

const decimals = (v: number | undefined) => (v === undefined ? '' : formatFixed(v, 4));
const percent = (v: number | undefined) => (v === undefined ? '' : formatPercentDigits(v, 1));

function scanTable({ layers, suggestion }: Scan): ReportTable {
  const said =
    suggestion && suggestion.nodes.length > 0
      ? [
          t.compare.suggestion(
            suggestion.nodes.length,
            formatDb(suggestion.gain, t.compare.allOfIt),
            formatBytes(Math.max(0, suggestion.bytes)),
          ),
          suggestion.nodes.join(' '),
        ]
      : [];
  return {
    title: t.compare.sensitivity,
    notes: [t.compare.sensitivityNote, ...said],
    head: [
      t.model.layer,
      t.compare.sqnr,
      t.compare.divergence,
      t.judge.agreement,
      t.judge.accuracy,
      t.compare.gain,
      t.compare.extraBytes,
    ],
    rows: layers
      .slice(0, MOST)
      .map(({ node, sqnr, divergence, agreement, accuracy, gain, bytes }) => [
        node,
        db(sqnr),
        decimals(divergence),
        percent(agreement),
        percent(accuracy),
        gain === undefined ? '' : formatDb(gain, t.compare.allOfIt),
        bytes === undefined ? '' : formatBytes(bytes),
      ]),
  };
}

function allocationTable({ meanBits, bytes, layers }: Allocation): ReportTable {
  return {
    title: t.take.allocation,
    notes: [t.recipe.allocated(formatFixed(meanBits, 2), formatBytes(bytes))],
    head: [t.model.layer, t.model.operator, t.model.bits, t.take.byWidth],
    rows: layers
      .slice(0, MOST)
      .map(({ node, op, bits, widths }) => [
        node,
        op,
        formatInteger(bits),
        widths.map((width) => `${formatInteger(width.bits)}: ${db(width.sqnr)}`).join('; '),
      ]),
  };
}

/** Those that have something to say. A scan that was asked for goes before one that a step made. */
export function reportTables(shown: Results): ReportTable[] {
  const steps = shown.stepResults.map(({ report }) => report);
  const scan = scanned.value ?? steps.map(scanOf).find((found) => found !== null);
  const allocations = steps.map(allocationOf).filter((found) => found !== null);
  const { layers } = shown.comparison;
  return [
    stepTable(shown),
    riskTable(),
    layerTable(layers),
    channelTable(layers),
    weightTable(steps),
    histogramTable(steps),
    ...(scan ? [scanTable(scan)] : []),
    ...allocations.map(allocationTable),
  ].filter(({ rows }) => rows.length > 0);
}

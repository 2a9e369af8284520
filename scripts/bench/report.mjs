// What was measured, as rows of numbers and as tables of text. Ratios say how many times faster we are.
import { bestRatio, median, overallMedian, pairedRatio } from './stats.mjs';

const PEER = 'onnxruntime-web';
const MIB = 2 ** 20;
/** Outputs of two engines that agree to this many dB compute the same network. */
const ENOUGH = { f32: 60, int8: 15 };

const engineTimes = (entry) => entry.times.map((round) => round.map(({ engine }) => engine));
const callTimes = (entry) => entry.times.map((round) => round.map(({ call }) => call));

function otherEngine(entry, ours) {
  const { engine, error, memory, agreement } = entry;
  if (!entry.times) return { engine, error, memory };
  const theirs = engineTimes(entry);
  const row = { engine, ms: overallMedian(theirs), best: Math.min(...theirs.flat()), memory, agreement };
  if (!ours.times) return row;
  return { ...row, ratio: pairedRatio(engineTimes(ours), theirs), bestRatio: bestRatio(engineTimes(ours), theirs) };
}

/** Of all results: [{name, threads, median, best}], in billions of multiply-accumulates per second. */
export function limitsOf(results) {
  const found = [];
  for (const { engineThreads: threads, limits } of results) {
    for (const [name, values] of Object.entries(limits)) {
      let entry = found.find((known) => known.name === name && known.threads === threads);
      if (!entry) {
        entry = { name, threads, values: [] };
        found.push(entry);
      }
      entry.values.push(...values);
    }
  }
  return found.map(({ values, ...entry }) => ({ ...entry, median: median(values), best: Math.max(...values) }));
}

/**
 * One model at one number of threads -> a row for float and one for int8. The share of the limit is the best run's of
 * the best rate: neither was disturbed.
 */
export function rowsOf(result, limits) {
  const { engineThreads, limitOf } = result;
  const bestLimit = (kind) =>
    limits.find(({ name, threads }) => threads === engineThreads && name === limitOf[kind])?.best;
  const oursOf = (kind) => result.entries.find((entry) => entry.kind === kind);
  return ['f32', 'int8'].filter(oursOf).map((kind) => {
    const ours = oursOf(kind);
    const others = result.entries.filter((entry) => entry.kind === kind && entry !== ours);
    const row = {
      model: result.model,
      kind,
      threads: result.threads,
      fileBytes: result.bytes[kind],
      error: ours.error,
      others: others.map((entry) => otherEngine(entry, ours)),
    };
    return ours.times ? { ...row, ...speedOf(ours, oursOf('f32'), result.macs, bestLimit(kind)) } : row;
  });
}

function speedOf(ours, float, macs, limit) {
  const times = engineTimes(ours);
  const ms = overallMedian(times);
  const best = Math.min(...times.flat());
  return {
    ...{ ms, best, limit },
    call: overallMedian(callTimes(ours)),
    gmacs: macs > 0 ? macs / ms / 1e6 : null,
    share: macs > 0 ? macs / best / 1e6 / limit : null,
    overFloat: ours !== float && float?.times ? pairedRatio(times, engineTimes(float)) : null,
    memory: ours.memory,
  };
}

const number = (digits) => (value) => (Number.isFinite(value) ? value.toFixed(digits) : '-');
const times = (value) => (Number.isFinite(value) ? `${value.toFixed(2)}x` : '-');
const mebibytes = (value) => (value > 0 ? (value / MIB).toFixed(0) : '-');
const milliseconds = (value) => (Number.isFinite(value) ? value.toFixed(value < 10 ? 3 : value < 100 ? 2 : 1) : '-');

/** Columns: [title, row -> text]. The first is set to the left, numbers to the right. */
export function textTable(columns, rows) {
  const cells = [columns.map(([title]) => title), ...rows.map((row) => columns.map(([, cell]) => cell(row)))];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => line[i].length)));
  const lines = cells.map((line) =>
    line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '),
  );
  return [lines[0], '-'.repeat(lines[0].length), ...lines.slice(1)].join('\n');
}

export const legend =
  'ms: inside the engine, medians; call ms: as the caller waits; of limit: best run of the best rate; over f32: how many' +
  '\ntimes faster than our float; MiB: peak WebAssembly memory; ratio: how many times slower than ours,' +
  '\nmedian over rounds; best: the same of the best runs';

export function limitsTable(limits) {
  return textTable(
    [
      ['limit of this machine', ({ name }) => name],
      ['threads', ({ threads }) => String(threads)],
      ['GMAC/s', (row) => row.median.toFixed(1)],
      ['best', ({ best }) => best.toFixed(1)],
    ],
    limits,
  );
}

/** `others`: the engines beside ours that took part. */
export function speedTable(rows, others) {
  const other = (row, engine) => row.others.find((entry) => entry.engine === engine) ?? {};
  return textTable(
    [
      ['model', (row) => row.model],
      ['kind', (row) => row.kind],
      ['threads', (row) => String(row.threads)],
      ['ms', (row) => milliseconds(row.ms)],
      ['call ms', (row) => milliseconds(row.call)],
      ['GMAC/s', (row) => number(1)(row.gmacs ?? Number.NaN)],
      ['of limit', (row) => (Number.isFinite(row.share ?? Number.NaN) ? `${(100 * row.share).toFixed(0)} %` : '-')],
      ['over f32', (row) => times(row.overFloat ?? Number.NaN)],
      ['MiB', (row) => mebibytes(row.memory)],
      ...others.flatMap((engine) => [
        [`${engine} ms`, (row) => milliseconds(other(row, engine).ms)],
        ['ratio', (row) => times(other(row, engine).ratio ?? Number.NaN)],
        ['best', (row) => times(other(row, engine).bestRatio ?? Number.NaN)],
        ...(engine === PEER ? [['MiB', (row) => mebibytes(other(row, engine).memory)]] : []),
      ]),
    ],
    rows,
  );
}

/** What is missing from the table, and why; and outputs that do not agree. */
export function remarks(rows) {
  return rows.flatMap(({ model, kind, error, others }) => [
    ...(error ? [`${model} ${kind}: not run here: ${error}`] : []),
    ...others.filter((entry) => entry.error).map((entry) => `${model} ${kind}: ${entry.engine}: ${entry.error}`),
    ...others
      .filter(({ agreement }) => typeof agreement === 'number' && agreement < ENOUGH[kind])
      .map(
        ({ engine, agreement }) => `${model} ${kind}: outputs of ${engine} agree to ${agreement.toFixed(1)} dB only`,
      ),
  ]);
}

const opName = ({ op, integer }) => (integer ? `${op} (int)` : op);

/** Profiles of one model, one for each run -> milliseconds by operator and the slowest nodes, both falling. */
export function profileOf(profiles) {
  const nodes = (profiles[0] ?? []).map((first, i) => ({
    node: first.node,
    op: opName(first),
    ms: median(profiles.map((run) => run[i].ms)),
  }));
  const operators = new Map();
  for (const { op, ms } of nodes) {
    const sum = operators.get(op) ?? { op, nodes: 0, ms: 0 };
    operators.set(op, { op, nodes: sum.nodes + 1, ms: sum.ms + ms });
  }
  const falling = (a, b) => b.ms - a.ms;
  const total = nodes.reduce((sum, { ms }) => sum + ms, 0);
  return { total, operators: [...operators.values()].sort(falling), nodes: nodes.sort(falling) };
}

const SLOWEST = 12;

export function profileTable({ total, operators, nodes }) {
  const share = ({ ms }) => `${((100 * ms) / total).toFixed(1)} %`;
  const byOperator = [
    ['operator', ({ op }) => op],
    ['nodes', (row) => String(row.nodes)],
    ['ms', ({ ms }) => ms.toFixed(3)],
    ['share', share],
  ];
  const byNode = [
    ['slowest nodes', ({ node, op }) => `${node || '(unnamed)'}: ${op}`],
    ['ms', ({ ms }) => ms.toFixed(3)],
    ['share', share],
  ];
  return `${textTable(byOperator, operators)}\n\n${textTable(byNode, nodes.slice(0, SLOWEST))}`;
}

/** Loading a model, for each engine: [{engine, file, start, load, run, memory, both?}]. */
export function loadingTable(rows) {
  const ofFile = (bytes, { file }) => (bytes ? `${(bytes / file).toFixed(2)}x` : '-');
  return textTable(
    [
      ['engine', (row) => row.engine],
      ['start ms', (row) => row.start.toFixed(0)],
      ['load ms', (row) => row.load.toFixed(0)],
      ['first run ms', (row) => row.run.toFixed(0)],
      ['all ms', (row) => (row.start + row.load + row.run).toFixed(0)],
      ['memory / file', (row) => ofFile(row.memory, row)],
      ['with int8 beside', (row) => ofFile(row.both, row)],
    ],
    rows,
  );
}

/** Quantizing by preset and number of photographs: [{preset, photos, apply, write, silence, memory}]. */
export function quantizingTable(rows) {
  return textTable(
    [
      ['preset', (row) => row.preset],
      ['photographs', (row) => String(row.photos)],
      ['seconds', (row) => (row.apply / 1000).toFixed(2)],
      ['longest pause ms', (row) => row.silence.toFixed(0)],
      ['write ms', (row) => row.write.toFixed(0)],
      ['memory MB', (row) => (row.memory / 1e6).toFixed(1)],
    ],
    rows,
  );
}

export function sizesTable(rows) {
  return textTable(
    [
      ['file', (row) => row.name],
      ['bytes', (row) => String(row.bytes)],
      ['brotli', (row) => String(row.brotli)],
    ],
    rows,
  );
}

// halftone compare: how far one model's layers and outputs are from another's, over some items of data.

import type { Comparison, LayerDiff } from '../../src/engine/types';
import { feedsOf } from '../../src/inputs/item_feeds';
import { dataNotes, feedOptions, openData, preprocessing, randomRuns } from '../data';
import { engineOptions, loadModel, print, printJson, table, withEngine } from '../engine';
import { type Args, type Command, UsageError } from '../options';
import { showProgress } from '../progress';

const DEFAULT_LIMIT = 8;

/** Over several runs: the mean of the decibels (null: always equal), the worst of the others. */
export function merged(runs: readonly LayerDiff[]): LayerDiff {
  const decibels = runs.flatMap(({ sqnr }) => (sqnr === null ? [] : [sqnr]));
  const [first] = runs as [LayerDiff];
  return {
    ...first,
    sqnr: decibels.length === 0 ? null : decibels.reduce((a, b) => a + b, 0) / decibels.length,
    cosine: Math.min(...runs.map(({ cosine }) => cosine)),
    maxAbsError: Math.max(...runs.map(({ maxAbsError }) => maxAbsError)),
  };
}

function mergedComparison(runs: readonly Comparison[]): Comparison {
  const over = (pick: (run: Comparison) => LayerDiff[]) =>
    pick(runs[0] as Comparison).map((_, i) => merged(runs.map((run) => pick(run)[i] as LayerDiff)));
  return { outputs: over(({ outputs }) => outputs), layers: over(({ layers }) => layers) };
}

const row = ({ name, op, sqnr, cosine, maxAbsError }: LayerDiff) => [
  name,
  op,
  sqnr === null ? 'equal' : `${sqnr.toFixed(1)} dB`,
  cosine.toFixed(5),
  maxAbsError.toPrecision(3),
];

async function run(args: Args): Promise<void> {
  const path = args.text('data');
  const limit = args.count('limit') ?? DEFAULT_LIMIT;
  await withEngine(args, async (engine) => {
    const reference = await loadModel(engine, args.operand(0), args);
    const other = await loadModel(engine, args.operand(1), args);
    const feeds =
      path === undefined
        ? await randomRuns(reference, args.count('random') ?? 1)
        : feedsOf(await openData(path, 2, limit), feedOptions(reference, args), limit);
    const runs: Comparison[] = [];
    for await (const one of feeds) {
      runs.push(await engine.compare(reference, other, one));
      showProgress({ stage: 'compare', done: runs.length, total: feeds.length });
    }
    if (runs.length === 0) throw new UsageError('There is not enough data for one run of this model.');
    const result = mergedComparison(runs);
    if (args.has('json')) printJson({ runs: runs.length, ...result });
    else printResult(result, runs.length);
  });
}

function printResult({ outputs, layers }: Comparison, runs: number): void {
  const head = ['layer', 'operator', 'signal to noise', 'cosine', 'largest error'];
  print(table([head, ...layers.map(row)]));
  print(`\nOutputs over ${runs} runs:`);
  print(table([head, ...outputs.map(row)]));
}

export const compare: Command = {
  summary: 'Compares two models layer by layer on the same data.',
  operands: ['reference.onnx', 'other.onnx'],
  options: {
    data: { value: 'data', help: 'what both are run on; default: random numbers' },
    random: { value: 'n', help: 'runs of random numbers where there is no data; default 1' },
    limit: { value: 'n', help: `use at most n items; default ${DEFAULT_LIMIT}` },
    ...preprocessing,
    ...engineOptions,
  },
  notes: dataNotes,
  run,
};

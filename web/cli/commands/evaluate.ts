// halftone evaluate: accuracy, F1 and confusion of one or more models on labelled data.

import type { Evaluation } from '../../src/engine/types';
import { labelledFeedsOf } from '../../src/inputs/item_feeds';
import { dataNotes, feedOptions, openData, preprocessing } from '../data';
import { engineOptions, loadModel, megabytes, print, printJson, table, withEngine } from '../engine';
import { type Args, type Command, UsageError } from '../options';
import { showProgress } from '../progress';

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

function printConfusion({ confusion }: Evaluation, classes: readonly string[]): void {
  const name = (i: number) => classes[i] ?? String(i);
  print('\nRows: what it is; columns: what it was taken for.');
  print(table([['', ...confusion.map((_, i) => name(i))], ...confusion.map((row, i) => [name(i), ...row])]));
}

async function run(args: Args): Promise<void> {
  const path = args.text('data');
  if (path === undefined) throw new UsageError('On which data?', 'Say --data <folder>.');
  await withEngine(args, async (engine) => {
    const limit = args.count('limit');
    const data = await openData(path, 2, limit);
    const results: (Evaluation & { model: string; bytes: number })[] = [];
    for (const file of args.operands) {
      const model = await loadModel(engine, file, args);
      const dataset = labelledFeedsOf(data, feedOptions(model, args), limit === undefined ? {} : { limit });
      const evaluation = await engine.evaluate(model, dataset, { onProgress: showProgress });
      results.push({ model: file, bytes: model.summary.bytes, ...evaluation });
      model.dispose();
    }
    if (args.has('json')) printJson(results);
    else printResults(results, args.has('confusion') ? data.classes : null);
  });
}

function printResults(
  results: readonly (Evaluation & { model: string; bytes: number })[],
  confusionOf: readonly string[] | null,
): void {
  const rows = results.map(({ model, bytes, samples, accuracy, top5, macroF1 }) => [
    model,
    megabytes(bytes),
    String(samples),
    percent(accuracy),
    percent(top5),
    macroF1.toFixed(4),
  ]);
  print(table([['model', 'size', 'items', 'accuracy', 'top 5', 'macro F1'], ...rows]));
  if (confusionOf) for (const result of results) printConfusion(result, confusionOf);
}

export const evaluate: Command = {
  summary: 'Measures models on labelled data: accuracy, top 5, macro F1.',
  operands: ['model.onnx...'],
  options: {
    data: { value: 'data', help: 'labelled data' },
    limit: { value: 'n', help: 'use at most n items' },
    confusion: { value: null, help: 'print the confusion matrix too' },
    ...preprocessing,
    ...engineOptions,
  },
  notes: dataNotes,
  run,
};

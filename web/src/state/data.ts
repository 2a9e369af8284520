// Labelled data: opening it, and judging both networks on it, example by example.
import type { LabelledFeeds } from '../engine/types';
import { t } from '../i18n';
import { openDataSet } from '../inputs/folder';
import { namedFiles } from '../inputs/given';
import { labelledFeedsOf } from '../inputs/item_feeds';
import { leaders, scoresOf } from '../results/classify';
import { opened, results } from './app';
import { floatAccuracy, setAccuracy } from './attempts';
import { PageError } from './error';
import {
  calibrationCount,
  calibrationFrom,
  calibrationSource,
  dataset,
  feedOptions,
  type NamedSet,
  part,
  sampleSets,
  setTestItem,
} from './inputs';
import { judgeCount, judgement } from './judged';
import { toRecipe } from './recipe';
import { asTask } from './task';
import { view } from './ui';

export async function openData(files: readonly File[]): Promise<void> {
  await asTask('data', async () => {
    const data = await openDataSet(await namedFiles(files));
    const name = files[0]?.webkitRelativePath.split('/')[0] || files[0]?.name || '';
    if (data.labels === null || data.length === 0)
      throw new PageError(t.app.errors.badData, name, t.app.errors.badDataHint);
    dataset.value = { name, data };
    judgement.value = null;
    calibrationSource.value = 'dataset';
    view.value = 'judge';
    await setTestItem(data, data.length >> 1);
  });
}

/** The data to judge on: the person's own, else the sample's. What calibration has seen is left out. */
export function judgedSet(): NamedSet | null {
  const own = dataset.value;
  if (!own) return sampleSets.value?.test ?? null;
  const seen = calibrationFrom.value === 'dataset' ? Math.min(calibrationCount.value, own.data.length >> 1) : 0;
  return { name: own.name, data: part(own.data, seen) };
}

const BATCH = 8;

export async function judge(): Promise<void> {
  const source = opened.value?.model;
  const shown = results.value;
  const set = judgedSet();
  if (!source || !shown || !set) return;
  await asTask('evaluate', async ({ signal, onProgress }) => {
    const data = part(set.data, 0, judgeCount.value);
    const answersOf = async (model: typeof source, { feeds, labels }: LabelledFeeds) => {
      const { outputs } = await model.run(feeds, { signal });
      const [output] = Object.values(outputs);
      const found = output ? leaders(output, labels.length) : null;
      if (!found) throw new PageError(t.app.errors.badData, set.name, t.app.errors.badDataHint);
      return found;
    };
    const truth: number[] = [];
    const answers: [number[], number[]] = [[], []];
    for await (const batch of labelledFeedsOf(data, feedOptions(), { wanted: BATCH })) {
      signal.throwIfAborted();
      truth.push(...batch.labels);
      answers[0].push(...(await answersOf(source, batch)));
      answers[1].push(...(await answersOf(shown.made, batch)));
      onProgress({ stage: 'evaluate', done: truth.length, total: data.length });
    }
    const recipe = toRecipe(shown.steps);
    keep(set, recipe, truth, answers);
  });
}

function keep(set: NamedSet, recipe: ReturnType<typeof toRecipe>, truth: number[], [a, b]: [number[], number[]]): void {
  const classes = set.data.classes.length;
  const original = scoresOf(truth, a, classes);
  const compressed = scoresOf(truth, b, classes);
  const disagreements = truth.flatMap((label, index) =>
    a[index] === b[index]
      ? []
      : [{ index, truth: label, original: a[index] as number, compressed: b[index] as number }],
  );
  const agreement = 1 - disagreements.length / Math.max(1, truth.length);
  judgement.value = {
    recipe,
    name: set.name,
    classes: set.data.classes,
    original,
    compressed,
    agreement,
    disagreements,
  };
  floatAccuracy.value = original.accuracy;
  setAccuracy(recipe, compressed.accuracy);
}

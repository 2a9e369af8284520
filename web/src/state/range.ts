// A layer's clipping range set by hand. While it is dragged the model of the step before takes it and runs, so that the
// output follows; when it is let go it is a step of the recipe (set_range), and everything is measured again.
import { computed, signal } from '@preact/signals';
import type { HalftoneModel } from '../engine/types';
import { outputSqnr } from '../results/distance';
import { isClassScores, topK } from '../results/topk';
import { editRecipe, findPass, opened, results, steps } from './app';
import { compress } from './compress';
import { testFeeds } from './inputs';
import { showError } from './task';

export const RANGE_PASS = 'set_range';

export interface Range {
  low: number;
  high: number;
}

/** A quantized tensor as quantize_static reports it. */
export interface QuantizedTensor extends Range {
  name: string;
  group: number;
  type: string;
  scale: number;
  zeroPoint: number;
}

export interface Preview {
  sqnr: number | null;
  /** Class numbers, where the output is a classifier's: the original's first choice and the one of now. */
  top: { truth: number; now: number } | null;
}

export const preview = signal<Preview | null>(null);

const reported = computed(() => {
  const found = results.value?.stepResults.flatMap(({ report }) =>
    Array.isArray(report.tensors) ? (report.tensors as QuantizedTensor[]) : [],
  );
  return found?.filter((tensor) => typeof tensor?.scale === 'number') ?? [];
});

export const quantizedTensor = (name: string): QuantizedTensor | undefined =>
  reported.value.findLast((tensor) => tensor.name === name);

/** Tensors that share their grid with this one: a range is set for all of them. */
const sharing = (tensor: QuantizedTensor): string[] =>
  reported.value.filter((other) => other.group === tensor.group).map(({ name }) => name);

const stepFor = (tensor: QuantizedTensor) =>
  steps.value.find(
    ({ pass, params }) => pass === RANGE_PASS && Array.isArray(params.tensors) && params.tensors.includes(tensor.name),
  );

export const rangeStep = (tensor: QuantizedTensor): Range | null => {
  const found = stepFor(tensor)?.params;
  return found ? { low: Number(found.low), high: Number(found.high) } : null;
};

export const canSetRange = (): boolean => findPass(RANGE_PASS) !== undefined;

let wanted: { tensor: QuantizedTensor; range: Range } | null = null;
let working = false;

/** The newest range is tried as soon as the one before has run. */
export async function tryRange(tensor: QuantizedTensor, range: Range): Promise<void> {
  wanted = { tensor, range };
  if (working || !canSetRange()) return;
  working = true;
  try {
    while (wanted) {
      const next = wanted;
      wanted = null;
      await previewOf(next.tensor, next.range);
    }
  } catch (error) {
    showError(error);
  } finally {
    working = false;
  }
}

async function previewOf(tensor: QuantizedTensor, range: Range): Promise<void> {
  const made = results.value?.made;
  const source = opened.value?.model;
  if (!made || !source) return;
  const feeds = await testFeeds();
  const truth = await source.run(feeds);
  const step = { pass: RANGE_PASS, tensors: sharing(tensor), ...range };
  let changed: HalftoneModel | null = null;
  try {
    changed = await made.apply([step]);
    const { outputs } = await changed.run(feeds);
    const [a, b] = [Object.values(truth.outputs)[0], Object.values(outputs)[0]];
    const classes = a && b && isClassScores(a) && isClassScores(b);
    const first = (tensor_: typeof a) => (tensor_ ? (topK(tensor_, 1)[0]?.index ?? 0) : 0);
    preview.value = {
      sqnr: outputSqnr(truth.outputs, outputs),
      top: classes ? { truth: first(a), now: first(b) } : null,
    };
  } finally {
    changed?.dispose();
  }
}

/** The range becomes a step, and everything is measured. */
export async function keepRange(tensor: QuantizedTensor, range: Range): Promise<void> {
  if (!canSetRange()) return;
  const known = stepFor(tensor);
  const params = { tensors: sharing(tensor), ...range };
  if (known) editRecipe({ type: 'set', id: known.id, params });
  else editRecipe({ type: 'add', pass: RANGE_PASS, params });
  await compress();
}

export async function dropRange(tensor: QuantizedTensor): Promise<void> {
  const known = stepFor(tensor);
  preview.value = null;
  if (!known) return;
  editRecipe({ type: 'remove', id: known.id });
  await compress();
}

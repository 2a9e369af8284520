// A layer's clipping range set by hand. While it is dragged the quantizing step is tried with it, every other tensor held to the
// range it has, so that one look at the test input is enough and the output follows the hand; when it is let go the range is
// an exception of that step, and everything is measured again.
import { computed, signal } from '@preact/signals';
import type { HalftoneModel, Recipe } from '../engine/types';
import { chosenFor, choseOnly } from '../results/carried_out';
import { outputSqnr } from '../results/distance';
import { isClassScores, topK } from '../results/topk';
import { opened, results, steps } from './app';
import { compress } from './compress';
import { testFeeds } from './inputs';
import { type Exception, exceptionAt, exceptionStep, exceptionsOf, setException, withException } from './overrides';
import { type Step, toRecipe } from './recipe';
import { showError } from './task';

export interface Range {
  low: number;
  high: number;
}

/** A quantized tensor as a quantizing step reports it. */
export interface QuantizedTensor extends Range {
  name: string;
  group: number;
  type: string;
  /** Of the integers: 16 for 4 bits, whatever type holds them. */
  levels: number;
  scale: number;
  zeroPoint: number;
}

export interface Preview {
  sqnr: number | null;
  /** Class numbers, where the output is a classifier's: the original's first choice and the one of now. */
  top: { truth: number; now: number } | null;
}

export const preview = signal<Preview | null>(null);

const reported = computed<readonly QuantizedTensor[]>(() => {
  const found = results.value?.stepResults.flatMap(({ report }) =>
    Array.isArray(report.tensors) ? (report.tensors as QuantizedTensor[]) : [],
  );
  return found?.filter((tensor) => typeof tensor?.scale === 'number') ?? [];
});

export const quantizedTensor = (name: string): QuantizedTensor | undefined =>
  reported.value.findLast((tensor) => tensor.name === name);

/** Whether ranges can be set: a step takes exceptions with two ends. */
export const canSetRange = computed(() => {
  const names = exceptionStep.value?.spec.fields?.map(({ name }) => name) ?? [];
  return names.includes('low') && names.includes('high');
});

export function keptRange({ name }: QuantizedTensor): Range | null {
  const kept = exceptionAt(name);
  const [low, high] = [kept?.low, kept?.high];
  return typeof low === 'number' && typeof high === 'number' ? { low, high } : null;
}

let wanted: { tensor: QuantizedTensor; range: Range } | null = null;
let working = false;

/** The newest range is tried as soon as the one before has run. */
export async function tryRange(tensor: QuantizedTensor, range: Range): Promise<void> {
  wanted = { tensor, range };
  if (working || !canSetRange.value) return;
  working = true;
  try {
    while (wanted) {
      const next: { tensor: QuantizedTensor; range: Range } = wanted;
      wanted = null;
      await previewOf(next.tensor, next.range);
    }
  } catch (error) {
    showError(error);
  } finally {
    working = false;
  }
}

/** The exceptions, with every range spelled out: nothing is left to be measured. */
function allRanges(list: readonly Exception[], tensor: QuantizedTensor, range: Range): Exception[] {
  const fixed = reported.value
    .filter(({ group, low, high }) => group !== tensor.group && low < high)
    .reduce<Exception[]>((all, { name, low, high }) => withException(all, name, { low, high }), [...list]);
  return withException(fixed, tensor.name, { ...range });
}

interface Start {
  model: HalftoneModel;
  /** What is still to be done before the quantizing step. */
  before: Recipe;
  /** Exceptions that steps before it chose for it. */
  chosen: readonly Exception[];
}

/**
 * Where to try the quantizing step from. As long as the steps before it are those of the shown run, that is the float network
 * which it met there: on a single input they would come to something else.
 */
function startOf(step: Step, list: string, source: HalftoneModel): Start {
  const before = toRecipe(steps.value.slice(0, steps.value.indexOf(step)));
  const shown = results.value;
  const ran = shown?.steps.filter(({ on }) => on) ?? [];
  const place = ran.findIndex(({ id }) => id === step.id);
  const same = place >= 0 && JSON.stringify(toRecipe(ran.slice(0, place))) === JSON.stringify(before);
  if (!shown || !same) return { model: source, before, chosen: [] };
  const reports = shown.stepResults.map(({ report }) => report);
  const chosen = chosenFor(toRecipe(ran), reports, place, list) as Exception[];
  if (shown.reference) return { model: shown.reference.model, before: [], chosen };
  return { model: source, before: before.filter((_, i) => !choseOnly(reports[i])), chosen };
}

async function previewOf(tensor: QuantizedTensor, range: Range): Promise<void> {
  const source = opened.value?.model;
  const now = exceptionStep.value;
  if (!source || !now) return;
  const { step, spec } = now;
  const feeds = await testFeeds();
  const truth = await source.run(feeds);
  const { model, before, chosen } = startOf(step, spec.name, source);
  const exceptions = allRanges([...chosen, ...exceptionsOf(step, spec)], tensor, range);
  let tried: HalftoneModel | null = null;
  try {
    const recipe = [...before, { pass: step.pass, ...step.params, [spec.name]: exceptions }];
    tried = await model.apply(recipe, { calibration: [feeds] });
    const { outputs } = await tried.run(feeds);
    const [a, b] = [Object.values(truth.outputs)[0], Object.values(outputs)[0]];
    const top =
      a && b && isClassScores(a) && isClassScores(b)
        ? { truth: topK(a, 1)[0]?.index ?? 0, now: topK(b, 1)[0]?.index ?? 0 }
        : null;
    preview.value = { sqnr: outputSqnr(truth.outputs, outputs), top };
  } finally {
    tried?.dispose();
  }
}

/** The range becomes an exception, and everything is measured. */
export async function keepRange({ name }: QuantizedTensor, { low, high }: Range): Promise<void> {
  setException(name, { low, high });
  await compress();
  preview.value = null;
}

export async function dropRange({ name }: QuantizedTensor): Promise<void> {
  preview.value = null;
  setException(name, { low: undefined, high: undefined });
  await compress();
}

// The recipe's results. The whole recipe makes the model; where that was quick, so does each of its beginnings, which tells what
// every step did to error and time (sizes are in the report anyway). Beginnings that have not changed since the last run are
// not made again. They all start from the file's model: some steps compare with it.
import type { Feeds, HalftoneModel, Recipe } from '../engine/types';
import { median } from '../format';
import { outputSqnr } from '../results/distance';
import { looksAtData, type StepResult } from './app';
import { calibrationFeeds, calibrationKey } from './inputs';
import { type Step, toRecipe } from './recipe';
import type { TaskTools } from './task';

interface Made {
  model: HalftoneModel;
  /** What it took. */
  ms: number;
}

const made = new Map<string, Made>();

/** A recipe that took longer is not applied once more for each of its beginnings. */
const QUICK_MS = 2500;
const RUNS = 3;

const keyOf = (recipe: Recipe): string =>
  JSON.stringify([recipe, recipe.some(looksAtData) ? calibrationKey.value : '']);

function drop(unless: ReadonlySet<string>): void {
  for (const [key, { model }] of made) {
    if (unless.has(key)) continue;
    model.dispose();
    made.delete(key);
  }
}

export const dropChain = (): void => drop(new Set());

async function apply(source: HalftoneModel, recipe: Recipe, { signal, onProgress }: TaskTools): Promise<Made> {
  const key = keyOf(recipe);
  const known = made.get(key);
  if (known) return known;
  const start = performance.now();
  const calibration = recipe.some(looksAtData) ? calibrationFeeds() : undefined;
  const model = await source.apply(recipe, { ...(calibration && { calibration }), onProgress, signal });
  const entry = { model, ms: performance.now() - start };
  made.set(key, entry);
  return entry;
}

/** The compressed model. What the run before left and this one does not use goes. */
export async function applySteps(
  source: HalftoneModel,
  steps: readonly Step[],
  tools: TaskTools,
): Promise<HalftoneModel> {
  const recipe = toRecipe(steps);
  const { model } = await apply(source, recipe, tools);
  drop(new Set(recipe.map((_, i) => keyOf(recipe.slice(0, i + 1)))));
  return model;
}

/** Size, and where it is quick error and time, after each step that is on, on the given feeds. */
export async function measureSteps(
  source: HalftoneModel,
  steps: readonly Step[],
  feeds: Feeds,
  tools: TaskTools,
): Promise<StepResult[]> {
  const { signal } = tools;
  const on = steps.filter((step) => step.on);
  const recipe = toRecipe(on);
  const whole = await apply(source, recipe, tools);
  const { outputs: truth } = await source.run(feeds, { signal });
  const measured: StepResult[] = [];
  for (const [i, report] of (whole.model.report?.steps ?? []).entries()) {
    const beginning = recipe.slice(0, i + 1);
    const isAtHand = made.has(keyOf(beginning)) || whole.ms < QUICK_MS;
    const effect = isAtHand ? await effectOf((await apply(source, beginning, tools)).model, truth, feeds, signal) : {};
    measured.push({ stepId: on[i]?.id ?? 0, report, bytes: report.bytesAfter, ...effect });
  }
  return measured;
}

async function effectOf(
  model: HalftoneModel,
  truth: Parameters<typeof outputSqnr>[0],
  feeds: Feeds,
  signal: AbortSignal,
): Promise<{ sqnr: number | null; ms: number }> {
  const { outputs } = await model.run(feeds, { signal });
  const times: number[] = [];
  for (let run = 0; run < RUNS; ++run) times.push((await model.run(feeds, { signal })).ms);
  return { sqnr: outputSqnr(truth, outputs), ms: median(times) };
}

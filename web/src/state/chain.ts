// The recipe's results. The whole recipe makes the model; where that was quick, so does each of its beginnings, which tells what
// every step did to error and time (sizes are in the report anyway). Beginnings that have not changed since the last run are
// not made again. They all start from the file's model: some steps compare with it. What a step chose for a later one in the
// whole recipe holds in the beginnings too, where it would choose otherwise or choose again.
import type { Feeds, HalftoneModel, Recipe, RecipeStep, RunResult, StepReport } from '../engine/types';
import { median } from '../format';
import { withClasses } from '../inputs/classes';
import { carriedOut } from '../results/carried_out';
import { outputSqnr } from '../results/distance';
import { looksAtData, passes, type StepResult } from './app';
import { calibrationBatch, calibrationClasses, calibrationFeeds, calibrationKey } from './inputs';
import { exceptionSpec } from './overrides';
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
/** What runs longer is timed once. */
const SLOW_MS = 300;

/** What calibration saw in the run that is shown. */
let seen = '';

const keyOf = (recipe: Recipe): string => JSON.stringify([recipe, recipe.some(looksAtData) ? seen : '']);

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
  const model = await source.apply(withClasses(recipe, passes.value, calibrationClasses.value, calibrationBatch()), {
    ...(calibration && { calibration }),
    onProgress,
    signal,
  });
  const entry = { model, ms: performance.now() - start };
  made.set(key, entry);
  return entry;
}

interface Beginning {
  recipe: Recipe;
  step: RecipeStep | null;
  report: StepReport;
}

/** One for each step, by the reports of the whole recipe; the last one is the recipe itself. */
function beginningsOf(recipe: Recipe, whole: HalftoneModel): Beginning[] {
  const reports = whole.report?.steps ?? [];
  const done = carriedOut(recipe, reports, (pass) => exceptionSpec(pass)?.name);
  return reports.map((report, i) => ({
    recipe: i === reports.length - 1 ? recipe : done.slice(0, i + 1).filter((step) => step !== null),
    step: done[i] ?? null,
    report,
  }));
}

/** The compressed model. What the run before left and this one does not use goes. */
export async function applySteps(
  source: HalftoneModel,
  steps: readonly Step[],
  tools: TaskTools,
): Promise<HalftoneModel> {
  seen = calibrationKey.value;
  const recipe = toRecipe(steps);
  const { model } = await apply(source, recipe, tools);
  drop(new Set(beginningsOf(recipe, model).map((beginning) => keyOf(beginning.recipe))));
  return model;
}

/**
 * The float network as the quantizing step met it: layers are held against it, for a step before may have scaled channels
 * against each other. null: it is the file's own.
 */
export async function referenceOf(
  source: HalftoneModel,
  steps: readonly Step[],
  tools: TaskTools,
): Promise<HalftoneModel | null> {
  const all = toRecipe(steps);
  const whole = await apply(source, all, tools);
  if (!whole.model.summary.quantized) return null;
  let found: HalftoneModel | null = null;
  for (const { recipe, step } of beginningsOf(all, whole.model).slice(0, -1)) {
    if (step === null) continue;
    if (exceptionSpec(step.pass) || !canMake(recipe)) break;
    const { model } = await apply(source, recipe, tools);
    if (model.summary.quantized) break;
    found = model;
  }
  return found;
}

/** Whether it is there, or would see the same data as the run that is shown. */
const canMake = (recipe: Recipe): boolean =>
  made.has(keyOf(recipe)) || !recipe.some(looksAtData) || seen === calibrationKey.value;

/** What both networks made of the feeds, where they have run on them anyway. */
export interface Ran {
  original: RunResult;
  compressed: Effect;
}

/** Size, and where it is quick error and time, after each step that is on, on the given feeds. */
export async function measureSteps(
  source: HalftoneModel,
  steps: readonly Step[],
  { feeds, ran }: { feeds: Feeds; ran: Ran },
  tools: TaskTools,
  quickMs = QUICK_MS,
): Promise<StepResult[]> {
  const { signal, onProgress } = tools;
  const on = steps.filter((step) => step.on);
  const all = toRecipe(on);
  const whole = await apply(source, all, tools);
  const measured: StepResult[] = [];
  let effect: Effect | null = null;
  for (const [i, { recipe, step, report }] of beginningsOf(all, whole.model).entries()) {
    onProgress({ stage: 'steps', done: i, total: on.length });
    const isAtHand = made.has(keyOf(recipe)) || (whole.ms < quickMs && canMake(recipe));
    if (!isAtHand) effect = null;
    else if (recipe === all) effect = ran.compressed;
    // A step that only chose leaves the network as it was.
    else if (step !== null || effect === null) {
      const model = recipe.length > 0 ? (await apply(source, recipe, tools)).model : source;
      effect = await effectOf(model, ran.original.outputs, feeds, signal);
    }
    measured.push({ stepId: on[i]?.id ?? 0, report, bytes: report.bytesAfter, ...effect });
  }
  return measured;
}

export interface Effect {
  sqnr: number | null;
  ms: number;
}

async function effectOf(
  model: HalftoneModel,
  truth: Parameters<typeof outputSqnr>[0],
  feeds: Feeds,
  signal: AbortSignal,
): Promise<Effect> {
  const { outputs, ms: first } = await model.run(feeds, { signal });
  const times: number[] = [];
  for (let run = 0; run < (first > SLOW_MS ? 1 : RUNS); ++run) times.push((await model.run(feeds, { signal })).ms);
  return { sqnr: outputSqnr(truth, outputs), ms: median(times) };
}

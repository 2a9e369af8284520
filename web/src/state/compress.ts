// Compressing and running both networks.
import type { Feeds, HalftoneModel } from '../engine/types';
import { addOutputs, outputDiffs, type Sums, sqnrOf } from '../results/distance';
import * as app from './app';
import { addAttempt } from './attempts';
import { applySteps, dropChain, measureSteps, referenceOf } from './chain';
import { referenceCount, referenceFeeds, testFeeds } from './inputs';
import { measureMemory } from './memory';
import type { Steps } from './recipe';
import { unsaved } from './saved';
import { asTask, type TaskTools } from './task';
import { view } from './ui';

const TIMED_RUNS = 9;
/** Networks that run for seconds are timed less often: once at the least. */
const FEWEST_TIMED = 3;
const SLOW_MS = 1000;
const TIMING_BUDGET_MS = 3000;

/** Error over a few inputs that do not change with the test input, so that attempts can be compared. */
async function referenceSqnr(source: HalftoneModel, made: HalftoneModel, { signal, onProgress }: TaskTools) {
  const total: Sums = { signal: 0, noise: 0 };
  let done = 0;
  for await (const feeds of referenceFeeds()) {
    onProgress({ stage: 'run', done: done++, total: referenceCount() });
    const truth = await source.run(feeds, { signal });
    addOutputs(total, truth.outputs, (await made.run(feeds, { signal })).outputs);
  }
  return sqnrOf(total);
}

export function dropResults(): void {
  app.results.value = null;
  dropChain();
}

/** Applies the recipe, runs both on the test input, and shows them. */
export async function compress(): Promise<boolean> {
  const source = app.opened.value?.model;
  const all = app.steps.value;
  const steps = all.filter((step) => step.on);
  if (!source || steps.length === 0) return false;
  return asTask('compress', async (tools) => {
    // The models of the last run go with the steps that changed: what shows them goes first.
    const before = app.results.value;
    try {
      const made = await applySteps(source, steps, tools);
      unsaved.value = true;
      await runBoth(source, made, all, tools, (feeds) => measureSteps(source, all, feeds, tools));
      addAttempt(await referenceSqnr(source, made, tools));
      if (before === null || view.value === 'recipe') view.value = 'compare';
    } catch (error) {
      if (app.results.value === before && before && !(await isAlive(before.made))) app.results.value = null;
      throw error;
    }
  });
}

/** A result whose model has gone cannot be run again. */
async function isAlive(model: HalftoneModel): Promise<boolean> {
  try {
    await model.graph();
    return true;
  } catch {
    return false;
  }
}

/** Runs both again, after the test input has changed. */
export async function rerun(): Promise<void> {
  const source = app.opened.value?.model;
  const shown = app.results.value;
  if (!source || !shown) return;
  await asTask('run', (tools) =>
    runBoth(source, shown.made, shown.steps, tools, (feeds) => measureSteps(source, shown.steps, feeds, tools)),
  );
}

async function runBoth(
  source: HalftoneModel,
  made: HalftoneModel,
  steps: Steps,
  tools: TaskTools,
  measure: (feeds: Feeds) => Promise<readonly app.StepResult[]>,
): Promise<void> {
  const engine = app.engine.value;
  if (!engine) return;
  const { signal, onProgress } = tools;
  const feeds = await testFeeds();
  const before = await referenceOf(source, steps, tools);
  const reference = before && { model: before, graph: await before.graph() };
  onProgress({ stage: 'compare', done: 0, total: 0 });
  const compared = await engine.compare(before ?? source, made, feeds, { signal, onProgress });
  const [original, compressed] = await timeBoth(source, made, feeds, tools);
  const outputs = before ? outputDiffs(original.result.outputs, compressed.result.outputs) : compared.outputs;
  const stepResults = await measure(feeds);
  const graph = await made.graph();
  const comparison = { outputs, layers: compared.layers };
  app.results.value = { made, graph, reference, steps, stepResults, original, compressed, comparison };
  void measureMemory(feeds);
}

/** Interleaved, after one warm-up each, so that both meet the same machine. */
async function timeBoth(
  source: HalftoneModel,
  made: HalftoneModel,
  feeds: Feeds,
  { signal, onProgress }: TaskTools,
): Promise<[app.Side, app.Side]> {
  const models = [source, made] as const;
  const sides: app.Side[] = [];
  const advance = (done: number) => onProgress({ stage: 'time', done, total: TIMED_RUNS + 1 });
  advance(0);
  for (const model of models) {
    await model.run(feeds, { signal });
    const result = await model.run(feeds, { signal, profile: true });
    sides.push({ bytes: model.summary.bytes, result, times: [], profile: result.profile });
  }
  const fewest = sides.some(({ result }) => result.ms > SLOW_MS) ? 1 : FEWEST_TIMED;
  const start = performance.now();
  for (let i = 0; i < TIMED_RUNS && (i < fewest || performance.now() - start < TIMING_BUDGET_MS); ++i) {
    advance(i + 1);
    for (const [k, model] of models.entries()) sides[k]?.times.push((await model.run(feeds, { signal })).ms);
  }
  return sides as [app.Side, app.Side];
}

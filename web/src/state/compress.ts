// Compressing and running both networks.
import type { Engine, Feeds, HalftoneModel } from '../engine/types';
import { median } from '../format';
import { addOutputs, outputDiffs, outputSqnr, type Sums, sqnrOf } from '../results/distance';
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
      const feeds = await runBoth(source, made, all, tools);
      addAttempt(await referenceSqnr(source, made, tools));
      void measureMemory(feeds);
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
  await asTask('run', async (tools) => {
    void measureMemory(await runBoth(source, shown.made, shown.steps, tools));
  });
}

/** Shows what both make of the test input, and answers that. */
async function runBoth(source: HalftoneModel, made: HalftoneModel, steps: Steps, tools: TaskTools): Promise<Feeds> {
  const { signal, onProgress } = tools;
  const feeds = await testFeeds();
  const before = await referenceOf(source, steps, tools);
  const reference = before && { model: before, graph: await before.graph() };
  onProgress({ stage: 'compare', done: 0, total: 0 });
  const engine = app.engine.value as Engine;
  const compared = await engine.compare(before ?? source, made, feeds, { signal, onProgress });
  // Comparing has run them.
  const warm = [made, before ?? source];
  const [original, compressed] = await timeBoth([source, made], feeds, warm, tools);
  const outputs = before ? outputDiffs(original.result.outputs, compressed.result.outputs) : compared.outputs;
  const effect = {
    sqnr: outputSqnr(original.result.outputs, compressed.result.outputs),
    ms: median(compressed.times),
  };
  const ran = { original: original.result, compressed: effect };
  const stepResults = await measureSteps(source, steps, { feeds, ran }, tools);
  const graph = await made.graph();
  const comparison = { outputs, layers: compared.layers };
  app.results.value = { made, graph, reference, steps, stepResults, original, compressed, comparison };
  return feeds;
}

/** Interleaved, each warm before, so that both meet the same machine. */
async function timeBoth(
  models: readonly [HalftoneModel, HalftoneModel],
  feeds: Feeds,
  warm: readonly HalftoneModel[],
  { signal, onProgress }: TaskTools,
): Promise<[app.Side, app.Side]> {
  const sides: app.Side[] = [];
  const advance = (done: number) => onProgress({ stage: 'time', done, total: TIMED_RUNS + 1 });
  advance(0);
  for (const model of models) {
    if (!warm.includes(model)) await model.run(feeds, { signal });
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

// The recipe's results, one model per step, each made from the one before: what has not changed since the last run is not
// done again, so that editing a late step is quick and undo is free. Every step's size, error and time comes from its model.
import type { Feeds, HalftoneModel, Recipe, StepReport } from '../engine/types';
import { median } from '../format';
import { outputSqnr } from '../results/distance';
import { looksAtData, type StepResult } from './app';
import { calibrationFeeds, calibrationKey } from './inputs';
import type { Step } from './recipe';
import type { TaskTools } from './task';

interface Link {
  key: string;
  model: HalftoneModel;
  report: StepReport;
}

let chain: Link[] = [];

export function dropChain(): void {
  for (const { model } of chain) model.dispose();
  chain = [];
}

function keyOf(recipe: Recipe, looksAtData: boolean): string {
  return JSON.stringify([recipe, looksAtData ? calibrationKey.value : '']);
}

/** The model that the step at `place` of the last run was given; undefined: that of the file. */
export const modelBefore = (place: number): HalftoneModel | undefined => chain[place - 1]?.model;

/** Applies `steps` to `source`, beginning where the chain of the last run differs. Answers one link per step. */
export async function runChain(
  source: HalftoneModel,
  steps: readonly Step[],
  { signal, onProgress }: TaskTools,
): Promise<readonly Link[]> {
  let data = false;
  for (const [i, { pass, params }] of steps.entries()) {
    const looks = looksAtData({ pass, ...params });
    data ||= looks;
    const key = keyOf([{ pass, ...params }], data);
    if (chain[i]?.key === key) continue;
    for (const { model } of chain.splice(i)) model.dispose();
    const before = chain[i - 1]?.model ?? source;
    const calibration = looks ? calibrationFeeds() : undefined;
    const model = await before.apply([{ pass, ...params }], {
      ...(calibration && { calibration }),
      onProgress,
      signal,
    });
    chain.push({ key, model, report: model.report?.steps[0] as StepReport });
  }
  for (const { model } of chain.splice(steps.length)) model.dispose();
  return chain;
}

/** The same for the chain of the last run. */
export const measureAgain = (source: HalftoneModel, steps: readonly Step[], feeds: Feeds, tools: TaskTools) =>
  measureChain(
    source,
    chain,
    steps.filter(({ on }) => on),
    feeds,
    tools,
  );

const RUNS = 3;

/** Size, error and time after each step on the given feeds. */
export async function measureChain(
  source: HalftoneModel,
  links: readonly Link[],
  steps: readonly Step[],
  feeds: Feeds,
  { signal }: TaskTools,
): Promise<StepResult[]> {
  const { outputs: truth } = await source.run(feeds, { signal });
  const measured: StepResult[] = [];
  for (const [i, { model, report }] of links.entries()) {
    const { outputs } = await model.run(feeds, { signal });
    const times: number[] = [];
    for (let run = 0; run < RUNS; ++run) times.push((await model.run(feeds, { signal })).ms);
    const sqnr = outputSqnr(truth, outputs);
    measured.push({ stepId: steps[i]?.id ?? 0, report, bytes: model.summary.bytes, sqnr, ms: median(times) });
  }
  return measured;
}

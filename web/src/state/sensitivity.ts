// Each layer alone on integers, everything else float: what that costs the output, what leaving it in float would win, and the
// layers that are best left so. The engine's scan does this for quantize_static; any other quantizing step is applied once per
// layer, restricted to it, which tells the error alone.
import type { Feeds, HalftoneModel, RecipeStep } from '../engine/types';
import { nodeLabel } from '../graph/metrics';
import { trialItems } from '../inputs/effort';
import { addOutputs, type Sums, sqnrOf } from '../results/distance';
import { answerAction } from '../results/risks';
import { keptInFloat, type Scan } from '../results/sensitivity';
import { editRecipe, findPass, opened, recipe, steps } from './app';
import { calibrationBatch, calibrationClasses, calibrationFeeds, referenceFeeds } from './inputs';
import { scanned } from './layers';
import { exceptionSpec } from './overrides';
import type { RecipeAction, Step } from './recipe';
import { asTask, type TaskTools } from './task';

const SCANNED = 'quantize_static';
const ONLY = 'nodes';
const EXAMPLES = 4;

/** The last step that is on and can be restricted to nodes by name. */
export function restrictable(): Step | undefined {
  return steps.value.findLast(({ on, pass }) => on && findPass(pass)?.params.some(({ name }) => name === ONLY));
}

async function first(count: number, feeds: Iterable<Feeds> | AsyncIterable<Feeds>): Promise<Feeds[]> {
  const found: Feeds[] = [];
  for await (const one of feeds) {
    found.push(one);
    if (found.length === count) break;
  }
  return found;
}

const layerNames = (): string[] =>
  opened.value?.graph.nodes.filter(({ macs }) => macs > 0).map((node) => nodeLabel(node)) ?? [];

export async function scan(): Promise<void> {
  const step = restrictable();
  const open = opened.value;
  if (!step || !open) return;
  await asTask('sensitivity', async (tools) => {
    scanned.value = await (step.pass === SCANNED ? engineScan(open.model, tools) : eachAlone(open.model, step, tools));
  });
}

async function engineScan(source: HalftoneModel, tools: TaskTools): Promise<Scan> {
  const all = recipe.value;
  const place = all.findIndex(({ pass }) => pass === SCANNED);
  const most = trialItems(source.summary.macs, layerNames().length);
  const calibration = await first(most, calibrationFeeds());
  return source.sensitivity({
    before: all.slice(0, place),
    quantize: all[place] as RecipeStep,
    calibration,
    feeds: calibration.length,
    labels: calibrationClasses.value.slice(0, calibration.length * calibrationBatch()),
    ...tools,
  });
}

async function eachAlone(source: HalftoneModel, step: Step, { signal, onProgress }: TaskTools): Promise<Scan> {
  const names = layerNames();
  const calibration = await first(EXAMPLES, calibrationFeeds());
  const references = await first(EXAMPLES, referenceFeeds());
  const truths = [];
  for (const feeds of references) truths.push((await source.run(feeds, { signal })).outputs);
  const layers = [];
  for (const [i, node] of names.entries()) {
    onProgress({ stage: 'sensitivity', done: i, total: names.length });
    const made = await alone(source, step, node, calibration, signal);
    if (!made) continue;
    const total: Sums = { signal: 0, noise: 0 };
    for (const [k, feeds] of references.entries())
      addOutputs(total, truths[k] ?? {}, (await made.run(feeds, { signal })).outputs);
    made.dispose();
    layers.push({ node, sqnr: sqnrOf(total) });
  }
  const rank = (sqnr: number | null) => sqnr ?? Number.MAX_VALUE;
  return { layers: layers.sort((a, b) => rank(a.sqnr) - rank(b.sqnr)), feeds: references.length };
}

/** null: this layer alone cannot be quantized. */
async function alone(source: HalftoneModel, step: Step, name: string, calibration: Feeds[], signal: AbortSignal) {
  try {
    return await source.apply([{ pass: step.pass, ...step.params, [ONLY]: [name] }], { calibration, signal });
  } catch (error) {
    if (signal.aborted || (error as { code?: string }).code === 'engine_lost') throw error;
    return null;
  }
}

/** The edit that leaves these nodes in float; null: the recipe does so already, or has no step that could. */
export function keepFloatAction(nodes: readonly string[]): RecipeAction | null {
  const spec = exceptionSpec(SCANNED);
  const specs = findPass(SCANNED)?.params;
  if (!spec || !specs || nodes.length === 0) return null;
  const answer = keptInFloat(SCANNED, spec.name, nodes);
  return answerAction(steps.value, answer, specs, (pass) => exceptionSpec(pass) !== undefined);
}

export function keepFloat(nodes: readonly string[]): void {
  const action = keepFloatAction(nodes);
  if (action) editRecipe(action);
}

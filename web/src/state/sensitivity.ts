// Each layer alone on integers, everything else float: what that costs the output. The recipe's quantizing step is applied once
// per layer, restricted to it, with a handful of examples.
import type { Feeds, HalftoneModel } from '../engine/types';
import { addOutputs, type Sums, sqnrOf } from '../results/distance';
import { findPass, opened, steps } from './app';
import { calibrationFeeds, referenceFeeds } from './inputs';
import { sensitivity } from './layers';
import type { Step } from './recipe';
import { asTask } from './task';

const ONLY = 'nodes';
const EXAMPLES = 4;

/** The last step that is on and can be restricted to nodes by name. */
export function restrictable(): Step | undefined {
  return steps.value.findLast(({ on, pass }) => on && findPass(pass)?.params.some(({ name }) => name === ONLY));
}

async function few(feeds: Iterable<Feeds> | AsyncIterable<Feeds>): Promise<Feeds[]> {
  const found: Feeds[] = [];
  for await (const one of feeds) {
    found.push(one);
    if (found.length === EXAMPLES) break;
  }
  return found;
}

export async function scan(): Promise<void> {
  const step = restrictable();
  const open = opened.value;
  if (!step || !open) return;
  const source = open.model;
  const names = open.graph.nodes.filter(({ macs, name }) => macs > 0 && name !== '').map(({ name }) => name);
  await asTask('sensitivity', async ({ signal, onProgress }) => {
    const calibration = await few(calibrationFeeds());
    const references = await few(referenceFeeds());
    const truths = [];
    for (const feeds of references) truths.push((await source.run(feeds, { signal })).outputs);
    const found = new Map<string, number | null>();
    for (const [i, name] of names.entries()) {
      onProgress({ stage: 'sensitivity', done: i, total: names.length });
      const made = await alone(source, step, name, calibration, signal);
      if (!made) continue;
      const total: Sums = { signal: 0, noise: 0 };
      for (const [k, feeds] of references.entries())
        addOutputs(total, truths[k] ?? {}, (await made.run(feeds, { signal })).outputs);
      made.dispose();
      found.set(name, sqnrOf(total));
    }
    sensitivity.value = found;
  });
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

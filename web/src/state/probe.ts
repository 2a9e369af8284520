// The numbers inside of one layer: its weights, and its values on the test input, read as taps of a run of the original and,
// where there is one, of the compressed network.
import type { GraphNode, RunResult } from '../engine/types';
import { counterparts } from '../graph/counterparts';
import { asNumbers } from '../results/topk';
import { opened, results } from './app';
import { testFeeds } from './inputs';

export interface Numbers {
  name: string;
  dims: readonly number[];
  values: Float32Array;
  /** What the compressed network has in its place; null: nothing that compares. */
  after: Float32Array | null;
}

export interface Probe {
  weights: Numbers | null;
  values: Numbers | null;
}

/** Constants with more elements than this are weights; fewer are biases, axes and the like. */
const FEWEST = 16;

function weightName(node: GraphNode): string | null {
  const graph = opened.value?.graph;
  const constants = node.inputs.flatMap((name) => {
    const value = name === null ? undefined : graph?.values.find((v) => v.name === name);
    const size = (value?.shape ?? []).reduce<number>((a, d) => a * (typeof d === 'number' ? d : 1), 1);
    const numeric = value?.type === 'float32' || value?.type === 'float64' || /^u?int8$/.test(value?.type ?? '');
    return value?.constant && numeric && size >= FEWEST ? [{ name: value.name, size }] : [];
  });
  return constants.sort((a, b) => b.size - a.size)[0]?.name ?? null;
}

const numbersOf = (name: string | null | undefined, { outputs, taps }: RunResult) => {
  const tensor = name ? (outputs[name] ?? taps[name]) : undefined;
  const values = tensor ? asNumbers(tensor) : null;
  return tensor && values && name ? { name, dims: tensor.dims, values } : null;
};

const names = (list: readonly (string | null | undefined)[]) => list.filter((name) => typeof name === 'string');

/** Null parts: the layer has none, or they are no numbers. Rejects where the model does not run. */
export async function probe(node: GraphNode, signal: AbortSignal): Promise<Probe> {
  const open = opened.value;
  if (!open) return { weights: null, values: null };
  const feeds = await testFeeds();
  const weight = weightName(node);
  const [output] = node.outputs;
  const result = await open.model.run(feeds, { taps: names([weight, output]), signal });
  const now = results.value;
  const places = now ? counterparts(now.graph, node, weight) : { weight: null, output: null };
  const taps = names([places.weight, places.output]);
  const made = now && taps.length > 0 ? await now.made.run(feeds, { taps, signal }) : null;
  const both = (before: Omit<Numbers, 'after'> | null, name: string | null): Numbers | null => {
    const after = made && before ? numbersOf(name, made) : null;
    return before && { ...before, after: after?.values.length === before.values.length ? after.values : null };
  };
  return {
    weights: both(numbersOf(weight, result), places.weight),
    values: both(numbersOf(output, result), places.output),
  };
}

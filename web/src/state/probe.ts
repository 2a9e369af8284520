// The numbers inside of one layer: its weights, and its values on the test input, read as taps of a run of the original and,
// where there is one, of the compressed network.
import type { GraphNode, RunResult } from '../engine/types';
import { counterparts } from '../graph/counterparts';
import { asNumbers } from '../results/topk';
import { type Network, type OpenModel, opened, results } from './app';
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

/** Where a value is to be read: in the float network that the quantizing step met, or else in the file's. */
function placeOf(
  node: GraphNode,
  weight: string | null,
): { network: Network; weight: string | null; output: string | null } {
  const open = opened.value as OpenModel;
  const reference = results.value?.reference;
  const there = reference ? counterparts(reference.graph, node, weight) : null;
  if (reference && there?.output) return { network: reference, ...there };
  return { network: open, weight, output: node.outputs[0] ?? null };
}

/** Null parts: the layer has none, or they are no numbers. Rejects where the model does not run. */
export async function probe(node: GraphNode, signal: AbortSignal): Promise<Probe> {
  const open = opened.value;
  if (!open) return { weights: null, values: null };
  const feeds = await testFeeds();
  const named = weightName(node);
  const { network, weight, output } = placeOf(node, named);
  const result = await network.model.run(feeds, { taps: names([weight, output]), signal });
  const now = results.value;
  const places = now ? counterparts(now.graph, node, named) : { weight: null, output: null };
  const taps = names([places.weight, places.output]);
  const made = now && taps.length > 0 ? await now.made.run(feeds, { taps, signal }) : null;
  const both = (before: string | null, shown: string | null, after: string | null): Numbers | null => {
    const found = numbersOf(before, result);
    if (!found || shown === null) return null;
    const other = made && numbersOf(after, made);
    return { ...found, name: shown, after: other?.values.length === found.values.length ? other.values : null };
  };
  return { weights: both(weight, named, places.weight), values: both(output, node.outputs[0] ?? null, places.output) };
}

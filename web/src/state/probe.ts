// The numbers inside of one layer: its weights, and its values on the test input, read as taps of a run.
import type { GraphNode, Tensor } from '../engine/types';
import { asNumbers } from '../results/topk';
import { opened } from './app';
import { testFeeds } from './inputs';

export interface Probe {
  weights: { name: string; dims: readonly number[]; values: Float32Array } | null;
  values: { name: string; dims: readonly number[]; values: Float32Array } | null;
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

const part = (name: string | null | undefined, tensors: Record<string, Tensor>) => {
  const tensor = name ? tensors[name] : undefined;
  const values = tensor ? asNumbers(tensor) : null;
  return tensor && values && name ? { name, dims: tensor.dims, values } : null;
};

/** Null parts: the layer has none, or they are no numbers. Rejects where the model does not run. */
export async function probe(node: GraphNode, signal: AbortSignal): Promise<Probe> {
  const open = opened.value;
  if (!open) return { weights: null, values: null };
  const weight = weightName(node);
  const [output] = node.outputs;
  const taps = [weight, output].filter((name): name is string => typeof name === 'string');
  const result = await open.model.run(await testFeeds(), { taps, signal });
  const tensors = { ...result.outputs, ...result.taps };
  return { weights: part(weight, tensors), values: part(output, tensors) };
}

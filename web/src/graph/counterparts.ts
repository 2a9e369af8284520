// Where a layer of the original network is in the compressed one, by the names that passes keep. Pure.
import type { GraphNode, ModelGraph } from '../engine/types';

/**
 * What the readers of a value see: behind its QuantizeLinear and DequantizeLinear, where it has some. Integers narrower than
 * their type have a Clip before them, whose output is named so.
 */
export function seenByReaders(graph: ModelGraph, name: string): string {
  const reader = (value: string | null | undefined, op: string) =>
    value ? graph.nodes.find((node) => node.op === op && node.inputs[0] === value)?.outputs[0] : null;
  const clipped = reader(name, 'Clip');
  const rounded = reader(clipped?.includes('_clipped') ? clipped : name, 'QuantizeLinear');
  return reader(rounded, 'DequantizeLinear') ?? name;
}

export interface Counterparts {
  /** Names of values; null: there is none. */
  weight: string | null;
  output: string | null;
}

/** `weight`: the node's weight in the original; in the compressed network it is whatever the node reads in that place. */
export function counterparts(graph: ModelGraph, node: GraphNode, weight: string | null): Counterparts {
  const [output] = node.outputs;
  const isMade = graph.nodes.some(({ outputs }) => outputs.includes(output ?? null));
  const same = node.name === '' ? undefined : graph.nodes.find(({ name, op }) => name === node.name && op === node.op);
  const place = weight === null ? -1 : node.inputs.indexOf(weight);
  return {
    weight: place < 0 ? null : (same?.inputs[place] ?? null),
    output: output && isMade ? seenByReaders(graph, output) : null,
  };
}

// What became of a quantized network in the QOperator form: operators on integers, and those that stay between
// DequantizeLinear and QuantizeLinear because they have no such form. Pure.
import type { GraphNode, ModelGraph } from '../engine/types';
import { nodeLabel } from '../graph/metrics';

export interface Forms {
  /** How many operators work on integers. */
  integer: number;
  /** Names of those that stay as they were. */
  qdq: string[];
  /** How many of these multiply with weights. */
  weighted: number;
}

const isInteger = ({ op }: GraphNode) => op.startsWith('QLinear') || op === 'QGemm';
const isChange = ({ op }: GraphNode) => op === 'QuantizeLinear' || op === 'DequantizeLinear';

export function formsOf({ nodes, values }: ModelGraph): Forms {
  const constants = new Set(values.filter(({ constant }) => constant).map(({ name }) => name));
  const dequantized = new Map(
    nodes.flatMap(({ op, inputs, outputs }) =>
      op === 'DequantizeLinear' && outputs[0] ? [[outputs[0], constants.has(inputs[0] ?? '')] as const] : [],
    ),
  );
  const reads = (node: GraphNode) => node.inputs.filter((name) => name !== null && dequantized.has(name)) as string[];
  const left = nodes.filter((node) => !isChange(node) && reads(node).length > 0);
  return {
    integer: nodes.filter(isInteger).length,
    qdq: left.map(nodeLabel),
    weighted: left.filter((node) => reads(node).some((name) => dequantized.get(name))).length,
  };
}

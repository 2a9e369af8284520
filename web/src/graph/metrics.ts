// What is known of every layer, by the node's place: error, bits, size, multiply-adds, time, sensitivity; and the same as
// tones between 0 and 1, where more tone is more of what one looks for. Pure.
import type { GraphNode, LayerDiff, ModelGraph, NodeTime } from '../engine/types';

export type Metric = 'none' | 'error' | 'sensitivity' | 'bits' | 'size' | 'macs' | 'time';

/** As the engine calls a node: by its name, or by what it makes. */
export const nodeLabel = ({ name, op, outputs }: GraphNode): string => name || `${op} -> ${outputs[0]}`;

export interface Layer {
  node: GraphNode;
  shape: readonly (number | string | null)[] | null;
  bytes: number;
  macs: number;
  /** dB; null: equal; undefined: not compared. */
  sqnr: number | null | undefined;
  /** All that comparing found. */
  diff: LayerDiff | undefined;
  /** Output error when this layer alone is quantized. */
  sensitivity: number | null | undefined;
  bits: number | undefined;
  ms: number | undefined;
}

export interface Known {
  layers?: readonly LayerDiff[];
  compressed?: ModelGraph;
  profile?: readonly NodeTime[];
  sensitivity?: ReadonlyMap<string, number | null>;
}

const BITS: Record<string, number> = { int4: 4, uint4: 4, int2: 2, uint2: 2, float16: 16, bfloat16: 16 };
const bitsOfType = (type: string): number => BITS[type] ?? (/^u?int8$|^float8/.test(type) ? 8 : 32);

/** Bits of what a node of the compressed graph multiplies with: its weights, or else its first input. */
export function bitsByName(graph: ModelGraph): Map<string, number> {
  const values = new Map(graph.values.map((v) => [v.name, v]));
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const bitsOf = (name: string | null | undefined): number | undefined => {
    if (name === null || name === undefined) return undefined;
    const maker = makers.get(name);
    const source = maker?.op === 'DequantizeLinear' ? maker.inputs[0] : name;
    const type = source ? values.get(source)?.type : undefined;
    return type ? bitsOfType(type) : undefined;
  };
  return new Map(
    graph.nodes.map((node) => {
      const weight = node.op === 'Conv' || node.op === 'Gemm' || node.op.startsWith('MatMul') ? node.inputs[1] : null;
      return [node.name, bitsOf(weight) ?? bitsOf(node.inputs[0]) ?? 32];
    }),
  );
}

export function layersOf(graph: ModelGraph, known: Known): Layer[] {
  const values = new Map(graph.values.map((v) => [v.name, v]));
  const diffs = new Map(known.layers?.map((l) => [l.name, l]));
  const bits = known.compressed ? bitsByName(known.compressed) : new Map<string, number>();
  const times = new Map(known.profile?.map((p) => [p.node, p.ms]));
  return graph.nodes.map((node) => {
    const [output] = node.outputs;
    const diff = output ? diffs.get(output) : undefined;
    const constants = node.inputs.map((name) => (name ? values.get(name) : undefined)).filter((v) => v?.constant);
    return {
      node,
      shape: (output ? values.get(output)?.shape : null) ?? null,
      bytes: constants.reduce((sum, v) => sum + (v?.bytes ?? 0), 0),
      macs: node.macs,
      sqnr: diff?.sqnr,
      diff,
      sensitivity: known.sensitivity?.get(nodeLabel(node)),
      bits: bits.get(node.name),
      ms: times.get(node.name),
    };
  });
}

/** Full tone of a distance in dB is 0 dB, none is 60: nobody sees a difference beyond. */
const FULL_DB = 60;
const ofDb = (db: number | null | undefined) =>
  db === undefined ? null : db === null ? 0 : Math.max(0, Math.min(1, 1 - db / FULL_DB));

const raw: Record<Exclude<Metric, 'none'>, (layer: Layer) => number | null> = {
  error: (l) => ofDb(l.sqnr),
  sensitivity: (l) => ofDb(l.sensitivity),
  bits: (l) => (l.bits === undefined ? null : Math.min(1, l.bits / 32)),
  size: (l) => l.bytes,
  macs: (l) => l.macs,
  time: (l) => l.ms ?? null,
};

const isAmount = (metric: Metric) => metric === 'size' || metric === 'macs' || metric === 'time';

export const largest = (layers: readonly Layer[], metric: Exclude<Metric, 'none'>): number =>
  layers.reduce((most, layer) => Math.max(most, raw[metric](layer) ?? 0), 0);

/** One tone per node; null where nothing is known. A box of several nodes shows its darkest. */
export function tonesOf(layers: readonly Layer[], metric: Metric): (number | null)[] | null {
  if (metric === 'none') return null;
  const values = layers.map(raw[metric]);
  const most = isAmount(metric) ? Math.max(1e-9, largest(layers, metric)) : 1;
  return values.map((v) => (v === null ? null : v / most));
}

export function boxTones(
  tones: readonly (number | null)[] | null,
  boxes: readonly { nodes: readonly number[] }[],
): (number | null)[] | null {
  if (!tones) return null;
  return boxes.map(({ nodes }) => {
    const known = nodes.map((n) => tones[n]).filter((tone) => typeof tone === 'number');
    return known.length > 0 ? Math.max(...known) : null;
  });
}

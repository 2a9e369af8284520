// From the model's graph to boxes and arrows: nodes, folded blocks, inputs and outputs. Pure.
import type { GraphNode, ModelGraph, ValueSummary } from '../engine/types';
import type { Block } from './blocks';

export type Kind = 'linear' | 'activation' | 'pool' | 'norm' | 'move' | 'quant' | 'port' | 'block' | 'other';

export interface Box {
  id: string;
  title: string;
  subtitle: string;
  kind: Kind;
  /** Places of the nodes it stands for; none for inputs and outputs. */
  nodes: readonly number[];
  block: Block | null;
}

export interface Scene {
  boxes: Box[];
  /** Pairs of box ids. */
  arrows: [string, string][];
}

const KINDS: [Kind, RegExp][] = [
  ['quant', /^(De)?[Qq]uantizeLinear$|^DynamicQuantizeLinear$/],
  ['linear', /Conv|Gemm|MatMul|LSTM|GRU|RNN|Attention/],
  ['activation', /Relu|Sigmoid|Tanh|Clip|Softmax|Gelu|Elu|Swish|Erf|PRelu|HardS/],
  ['pool', /Pool|Resize|Upsample|Reduce/],
  ['norm', /Norm/],
  ['move', /Reshape|Transpose|Flatten|Concat|Split|Slice|Squeeze|Gather|Pad|Shape|Expand|Identity|Cast|Constant/],
];

export const kindOf = (op: string): Kind => KINDS.find(([, pattern]) => pattern.test(op))?.[0] ?? 'other';

/** The end of a scoped name; where that only repeats the operator, the scope before it. */
function shortName(name: string, op: string): string {
  const parts = name.split('/').filter(Boolean);
  const last = parts.at(-1) ?? name;
  return last.startsWith(op) ? (parts.at(-2) ?? last) : last;
}

export const nodeTitle = (node: GraphNode): string => node.name || `${node.op} ${node.id}`;

/** Long names may break after their slashes. */
export const breakable = (name: string): string => name.replaceAll('/', '/\u200b');

const nodeBox = (node: GraphNode): Box => ({
  id: `n${node.id}`,
  title: node.op,
  subtitle: shortName(nodeTitle(node), node.op),
  kind: kindOf(node.op),
  nodes: [node.id],
  block: null,
});

const portBox = (id: string, { name, shape }: ValueSummary): Box => ({
  id,
  title: name,
  subtitle: (shape ?? []).map((d) => d ?? '?').join(' × '),
  kind: 'port',
  nodes: [],
  block: null,
});

export interface SceneOptions {
  blocks: readonly Block[];
  /** Blocks that stay open, by id. */
  open: ReadonlySet<string>;
  blockTitle: (block: Block) => string;
  blockNote: (nodes: number) => string;
}

export function buildScene(
  graph: ModelGraph,
  inputs: readonly ValueSummary[],
  outputs: readonly ValueSummary[],
  { blocks, open, blockTitle, blockNote }: SceneOptions,
): Scene {
  const folded = blocks.filter((block) => !open.has(block.id));
  const boxOfPlace = new Map<number, string>();
  for (const { id, first, length } of folded) for (let i = first; i < first + length; ++i) boxOfPlace.set(i, id);

  const boxes = inputs.map((input) => portBox(`i:${input.name}`, input));
  graph.nodes.forEach((node, place) => {
    if (!boxOfPlace.has(place)) boxes.push(nodeBox(node));
  });
  for (const block of folded) {
    const nodes = graph.nodes.slice(block.first, block.first + block.length).map(({ id }) => id);
    boxes.push({
      id: block.id,
      title: blockTitle(block),
      subtitle: blockNote(nodes.length),
      kind: 'block',
      nodes,
      block,
    });
  }
  for (const output of outputs) boxes.push(portBox(`o:${output.name}`, output));

  const makers = new Map<string, string>(inputs.map(({ name }) => [name, `i:${name}`]));
  const boxAt = (place: number, id: number) => boxOfPlace.get(place) ?? `n${id}`;
  graph.nodes.forEach((node, place) => {
    for (const name of node.outputs) if (name !== null) makers.set(name, boxAt(place, node.id));
  });
  const seen = new Set<string>();
  const arrows: [string, string][] = [];
  const connect = (from: string | undefined, to: string) => {
    const key = `${from} ${to}`;
    if (from === undefined || from === to || seen.has(key)) return;
    seen.add(key);
    arrows.push([from, to]);
  };
  graph.nodes.forEach((node, place) => {
    for (const name of node.inputs) if (name !== null) connect(makers.get(name), boxAt(place, node.id));
  });
  for (const { name } of outputs) connect(makers.get(name), `o:${name}`);
  return { boxes, arrows };
}

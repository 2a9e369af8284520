// Text for models that take tokens. An ONNX file holds no tokenizer, so what a person gives are token ids, or text of which
// every byte is a token; masks, segments and positions follow from their number. A model whose own operators split text takes
// the text itself, as strings. Pure.
import type { Feeds, ModelGraph, ModelSummary, Tensor, TensorType, ValueSummary } from '../engine/types';
import { concreteDims, mulberry32 } from './random';

export type Reading = 'ids' | 'bytes';

export interface TokenInput {
  name: string;
  type: TensorType;
  role: 'ids' | 'mask' | 'segments' | 'positions' | 'strings';
  dims: ValueSummary['shape'];
  /** Tokens that it takes; null: any number. */
  length: number | null;
  /** Ids go from 0 to one less; null: the graph does not say. */
  vocabulary: number | null;
}

/** Rows of the table that ids look up, also behind a Cast. */
function vocabularyOf(graph: ModelGraph, name: string): number | null {
  const names = [
    name,
    ...graph.nodes.filter(({ op, inputs }) => op === 'Cast' && inputs[0] === name).map((n) => n.outputs[0]),
  ];
  for (const { op, inputs } of graph.nodes) {
    const table = op === 'Gather' && names.includes(inputs[1]) ? inputs[0] : null;
    const words = op === 'EmbedLayerNormalization' && names.includes(inputs[0]) ? inputs[2] : null;
    const rows = graph.values.find((value) => value.constant && value.name === (table ?? words))?.shape?.[0];
    if (typeof rows === 'number' && rows > 1) return rows;
  }
  return null;
}

function roleOf(name: string): TokenInput['role'] {
  if (/mask/i.test(name)) return 'mask';
  if (/type|segment/i.test(name)) return 'segments';
  return /position/i.test(name) ? 'positions' : 'ids';
}

/** How each input is made out of text; null: some cannot be. */
export function tokenInputs(summary: ModelSummary, graph: ModelGraph): TokenInput[] | null {
  const found = summary.inputs.map((input): TokenInput | null => {
    const { name, type, shape } = input;
    const last = shape?.at(-1);
    const length = typeof last === 'number' ? last : null;
    const known = { name, dims: shape, length };
    if (type === 'string') return { ...known, type, role: 'strings', vocabulary: null };
    const kind = summary.io?.inputs.find((use) => use.name === name)?.kind;
    if (kind !== 'tokens' || (type !== 'int64' && type !== 'int32') || !shape?.length) return null;
    const role = roleOf(name);
    return { ...known, type, role, vocabulary: role === 'ids' ? vocabularyOf(graph, name) : null };
  });
  const all = found.filter((input) => input !== null);
  const asks = all.some(({ role }) => role === 'ids' || role === 'strings');
  return all.length === found.length && asks ? all : null;
}

/** Those that a person writes. */
export const written = ({ role }: TokenInput): boolean => role === 'ids' || role === 'strings';

export const idsOf = (text: string, reading: Reading): number[] =>
  reading === 'bytes'
    ? [...new TextEncoder().encode(text)]
    : text
        .split(/[\s,;[\]()]+/)
        .filter((word) => word !== '')
        .map(Number);

/** The first that is no id of the vocabulary; undefined: all are. */
export const wrongId = (ids: readonly number[], vocabulary: number | null): number | undefined =>
  ids.find((id) => !Number.isInteger(id) || id < 0 || id >= (vocabulary ?? Number.POSITIVE_INFINITY));

const whole = (type: TensorType, numbers: readonly number[]): Tensor['data'] =>
  type === 'int64' ? BigInt64Array.from(numbers, BigInt) : Int32Array.from(numbers);

const shaped = ({ dims }: TokenInput, length: number): number[] => [...concreteDims((dims ?? []).slice(0, -1)), length];

/** One text per line, as many as the input has elements where it says so. */
function stringTensor(input: TokenInput, text: string): Tensor {
  const lines = text.split(/\r?\n/);
  const free = (input.dims ?? []).findIndex((d) => typeof d !== 'number');
  const dims = (input.dims ?? []).map((d, i) => (typeof d === 'number' ? d : i === free ? lines.length : 1));
  const count = dims.reduce((a, b) => a * b, 1);
  const data = free < 0 && count === 1 ? [text] : Array.from({ length: count }, (_, i) => lines[i] ?? '');
  return { type: 'string', dims, data };
}

export interface Written {
  /** By the names of the inputs. */
  texts: Readonly<Record<string, string>>;
  reading: Reading;
  /** Fills up an input of fixed length. */
  padding: number;
}

/** Ids beyond a fixed length are left out; see wrongId for those that do not exist. */
export function tokenFeeds(inputs: readonly TokenInput[], { texts, reading, padding }: Written): Feeds {
  const first = inputs.find(({ role }) => role === 'ids');
  const given = first ? idsOf(texts[first.name] ?? '', reading).length : 0;
  const tensors = inputs.map((input): [string, Tensor] => {
    const { name, type, role } = input;
    if (role === 'strings') return [name, stringTensor(input, texts[name] ?? '')];
    const ids = role === 'ids' ? idsOf(texts[name] ?? '', reading) : [];
    const length = input.length ?? (role === 'ids' ? ids.length : given);
    const at = {
      ids: (i: number) => ids[i] ?? padding,
      mask: (i: number) => (i < given ? 1 : 0),
      segments: () => 0,
      positions: (i: number) => i,
    }[role];
    const dims = shaped(input, length);
    // Every item of a fixed batch is the same text.
    const rows = dims.slice(0, -1).reduce((a, b) => a * b, 1);
    const numbers = Array.from({ length: rows * length }, (_, i) => at(i % length));
    return [name, { type, dims, data: whole(type, numbers) }];
  });
  return Object.fromEntries(tensors);
}

/** Where the graph says nothing: few ids are in every vocabulary. */
const SAFE_VOCABULARY = 10;
const RANDOM_LENGTH = 16;

/** Ids by chance, out of the whole vocabulary: as random numbers stand in for pictures. */
export function randomTokens(inputs: readonly TokenInput[], seed: number): Feeds {
  const next = mulberry32(seed);
  const texts = inputs.filter(written).map(({ name, role, length, vocabulary }): [string, string] => {
    const below = vocabulary ?? SAFE_VOCABULARY;
    const ids = Array.from({ length: length ?? RANDOM_LENGTH }, () => Math.floor(next() * below));
    return [name, role === 'strings' ? String.fromCharCode(...ids.map((id) => 97 + (id % 26))) : ids.join(' ')];
  });
  return tokenFeeds(inputs, { texts: Object.fromEntries(texts), reading: 'ids', padding: 0 });
}

// Text for models that take tokens. An ONNX file holds no tokenizer, so what a person gives are token ids, or text of which
// every byte is a token; masks, segments and positions follow from their number. A model whose own operators split text takes
// the text itself, as strings. What else a model takes is in beside_text.ts. Pure.
import type { Feeds, ModelGraph, ModelSummary, Tensor, TensorType, ValueSummary } from '../engine/types';
import { dimsOf, type Lengths, lengthKey } from './lengths';
import { mulberry32 } from './random';

export type Reading = 'ids' | 'bytes';

export interface TokenInput {
  name: string;
  type: TensorType;
  role: 'ids' | 'mask' | 'segments' | 'positions' | 'strings';
  shape: ValueSummary['shape'];
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

const WHOLE: readonly string[] = ['int64', 'int32'];
/** Masks come in other types too. */
const MASKS: readonly string[] = [...WHOLE, 'float32', 'bool'];

function tokenInput({ name, type, shape }: ValueSummary, isTokens: boolean, graph: ModelGraph): TokenInput | null {
  const last = shape?.at(-1);
  const known = { name, shape, length: typeof last === 'number' ? last : null, vocabulary: null };
  if (type === 'string') return { ...known, type, role: 'strings' };
  const role = roleOf(name);
  if (type === 'unknown' || !shape?.length || !(role === 'mask' ? MASKS : WHOLE).includes(type)) return null;
  if (!isTokens && role !== 'mask') return null;
  return { ...known, type, role, vocabulary: role === 'ids' ? vocabularyOf(graph, name) : null };
}

/** The inputs that are made out of text; null: there is none to write. */
export function tokenInputs({ inputs, io }: ModelSummary, graph: ModelGraph): TokenInput[] | null {
  const isTokens = (name: string) => io?.inputs.some((use) => use.name === name && use.kind === 'tokens') ?? false;
  const found = inputs.map((input) => tokenInput(input, isTokens(input.name), graph)).filter((input) => input !== null);
  return found.some(written) ? found : null;
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

function filled(type: TensorType, numbers: readonly number[]): Tensor['data'] {
  if (type === 'int64') return BigInt64Array.from(numbers, BigInt);
  const Numbers = type === 'float32' ? Float32Array : type === 'bool' ? Uint8Array : Int32Array;
  return Numbers.from(numbers);
}

const linesOf = (text: string): string[] => text.split(/\r?\n/);

/** One text per line, as many as the input has elements. */
function stringTensor(input: TokenInput, text: string, lengths: Lengths): Tensor {
  const dims = dimsOf(input, lengths);
  const count = dims.reduce((a, b) => a * b, 1);
  const lines = linesOf(text);
  const fixed = (input.shape ?? []).every((dim) => typeof dim === 'number');
  const data = fixed && count === 1 ? [text] : Array.from({ length: count }, (_, i) => lines[i] ?? '');
  return { type: 'string', dims, data };
}

export interface Written {
  /** By the names of the inputs. */
  texts: Readonly<Record<string, string>>;
  /** Numbers for inputs beside the text; where there are none, what stands in for them. */
  numbers?: Readonly<Record<string, string>>;
  reading: Reading;
  /** Fills up an input of fixed length. */
  padding: number;
}

/** The lengths that a text decides: of ids their number, of strings the number of lines. */
export function textLengths(inputs: readonly TokenInput[], { texts, reading }: Written): Lengths {
  const lengths = new Map<string, number>();
  for (const input of inputs.filter(written)) {
    const { name, role, shape } = input;
    const axis = role === 'ids' ? -1 : (shape ?? []).findIndex((dim) => typeof dim !== 'number');
    const key = role === 'strings' && axis < 0 ? null : lengthKey(input, axis);
    const text = texts[name] ?? '';
    const count = role === 'ids' ? idsOf(text, reading).length : linesOf(text).length;
    if (key !== null && !lengths.has(key)) lengths.set(key, count);
  }
  return lengths;
}

/** Ids beyond the length are left out; see wrongId for those that do not exist. `lengths`: those of the text among them. */
export function tokenFeeds(
  inputs: readonly TokenInput[],
  { texts, reading, padding }: Written,
  lengths: Lengths,
): Feeds {
  const first = inputs.find(({ role }) => role === 'ids');
  const given = first ? idsOf(texts[first.name] ?? '', reading).length : 0;
  const tensors = inputs.map((input): [string, Tensor] => {
    const { name, type, role } = input;
    if (role === 'strings') return [name, stringTensor(input, texts[name] ?? '', lengths)];
    const ids = role === 'ids' ? idsOf(texts[name] ?? '', reading) : [];
    const at = {
      ids: (i: number) => ids[i] ?? padding,
      mask: (i: number) => (i < given || input.length === null ? 1 : 0),
      segments: () => 0,
      positions: (i: number) => i,
    }[role];
    const dims = dimsOf(input, lengths);
    const length = dims.at(-1) ?? 1;
    // Every item of a batch is the same text.
    const count = dims.reduce((a, b) => a * b, 1);
    return [
      name,
      {
        type,
        dims,
        data: filled(
          type,
          Array.from({ length: count }, (_, i) => at(i % length)),
        ),
      },
    ];
  });
  return Object.fromEntries(tensors);
}

/** Where the graph says nothing: few ids are in every vocabulary. */
const SAFE_VOCABULARY = 10;
const RANDOM_LETTERS = 16;

/** Ids by chance, out of the whole vocabulary: as random numbers stand in for pictures. */
export function randomTokens(inputs: readonly TokenInput[], seed: number, lengths: Lengths): Feeds {
  const next = mulberry32(seed);
  const texts = inputs.filter(written).map((input): [string, string] => {
    const { name, role, vocabulary } = input;
    const below = vocabulary ?? SAFE_VOCABULARY;
    const length = role === 'strings' ? RANDOM_LETTERS : (dimsOf(input, lengths).at(-1) ?? 1);
    const ids = Array.from({ length }, () => Math.floor(next() * below));
    return [name, role === 'strings' ? String.fromCharCode(...ids.map((id) => 97 + (id % 26))) : ids.join(' ')];
  });
  return tokenFeeds(inputs, { texts: Object.fromEntries(texts), reading: 'ids', padding: 0 }, lengths);
}

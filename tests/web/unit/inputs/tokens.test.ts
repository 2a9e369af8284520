// Text -> feeds of models that take tokens: ids, bytes, padding, masks, strings, and the size of the vocabulary.
import { describe, expect, it } from 'vitest';
import type { GraphNode, InputUse, ModelGraph, ModelSummary, ValueSummary } from '../../../../web/src/engine/types';
import { freeLengths, resolveLengths } from '../../../../web/src/inputs/free_lengths';
import type { Lengths } from '../../../../web/src/inputs/lengths';
import {
  idsOf,
  randomTokens,
  type TokenInput,
  textLengths,
  tokenFeeds,
  tokenInputs,
  type Written,
  wrongId,
} from '../../../../web/src/inputs/tokens';

const tokens = (name: string): InputUse => ({ name, reason: 'lookup', kind: 'tokens', length: null });

function summaryOf(inputs: ValueSummary[], uses: InputUse[] = inputs.map(({ name }) => tokens(name))): ModelSummary {
  return { inputs, outputs: [], io: { inputs: uses, outputs: [] } } as unknown as ModelSummary;
}

const node = (op: string, inputs: string[], outputs: string[]): GraphNode =>
  ({ id: 0, name: op, op, domain: '', inputs, outputs, attributes: {}, macs: 0 }) as GraphNode;
const embedding: ModelGraph = {
  nodes: [node('Cast', ['input_ids'], ['cast']), node('Gather', ['table', 'cast'], ['words'])],
  values: [{ name: 'table', type: 'float32', shape: [512, 64], constant: true, bytes: 1 }],
};
const none: ModelGraph = { nodes: [], values: [] };

const free: ValueSummary = { name: 'input_ids', type: 'int64', shape: ['batch', 'seq'] };
const mask: ValueSummary = { name: 'attention_mask', type: 'int64', shape: ['batch', 'seq'] };
const bytes: ValueSummary = { name: 'bytes', type: 'int32', shape: [null, 6] };

const inputsOf = (inputs: ValueSummary[], graph = none) => {
  const found = tokenInputs(summaryOf(inputs), graph);
  if (!found) throw new Error('takes no tokens');
  return found;
};

const lengthsOf = (inputs: TokenInput[], wanted?: Lengths): Lengths =>
  resolveLengths(freeLengths(summaryOf(inputs), inputs), wanted, inputs);

const feedsOf = (values: ValueSummary[], text: Written) => {
  const inputs = inputsOf(values);
  return tokenFeeds(inputs, text, lengthsOf(inputs, textLengths(inputs, text)));
};

describe('what takes tokens', () => {
  it('is known by the engine’s word, with its vocabulary where a table says it', () => {
    expect(inputsOf([free], embedding)).toMatchObject([{ role: 'ids', length: null, vocabulary: 512 }]);
    expect(inputsOf([bytes])).toMatchObject([{ role: 'ids', length: 6, vocabulary: null }]);
  });

  it('is nothing where there is nothing to write', () => {
    expect(tokenInputs(summaryOf([mask]), none)).toBeNull();
    expect(tokenInputs({ ...summaryOf([free]), io: undefined } as unknown as ModelSummary, none)).toBeNull();
  });

  it('leaves out what is something else, and takes masks of other types', () => {
    const other: InputUse = { name: 'x', reason: 'shape', kind: 'unknown' };
    const floats: ValueSummary = { ...mask, type: 'float32' };
    const inputs = [free, floats, { name: 'x', type: 'float32' as const, shape: [1] }];
    const found = tokenInputs(summaryOf(inputs, [tokens('input_ids'), { ...other, name: floats.name }, other]), none);
    expect(found?.map(({ name, role }) => [name, role])).toEqual([
      ['input_ids', 'ids'],
      ['attention_mask', 'mask'],
    ]);
  });
});

describe('text', () => {
  it('is read as ids or as bytes', () => {
    expect(idsOf(' 1, 15;[7]\n3', 'ids')).toEqual([1, 15, 7, 3]);
    expect(idsOf('aé', 'bytes')).toEqual([97, 0xc3, 0xa9]);
    expect(wrongId([0, 511], 512)).toBeUndefined();
    expect(wrongId([3, 512], 512)).toBe(512);
    expect(wrongId(idsOf('3 x', 'ids'), null)).toBeNaN();
    expect(wrongId([1.5], null)).toBe(1.5);
    expect(wrongId([-1], null)).toBe(-1);
  });

  it('makes as many tokens as there are where the length is free, and a mask over them', () => {
    const types = { ...mask, name: 'token_type_ids' };
    const positions = { ...mask, name: 'position_ids' };
    const written = { texts: { input_ids: '5 6 7' }, reading: 'ids' as const, padding: 0 };
    const feeds = feedsOf([mask, free, types, positions], written);
    expect(feeds.input_ids).toEqual({ type: 'int64', dims: [1, 3], data: BigInt64Array.of(5n, 6n, 7n) });
    expect(feeds.attention_mask?.data).toEqual(BigInt64Array.of(1n, 1n, 1n));
    expect(feeds.token_type_ids?.data).toEqual(BigInt64Array.of(0n, 0n, 0n));
    expect(feeds.position_ids?.data).toEqual(BigInt64Array.of(0n, 1n, 2n));
  });

  it('is filled up to a fixed length, and cut there', () => {
    const fixed = { ...mask, shape: [1, 6] };
    const feed = (text: string) => feedsOf([bytes, fixed], { texts: { bytes: text }, reading: 'bytes', padding: 256 });
    expect(feed('hi').bytes).toEqual({
      type: 'int32',
      dims: [1, 6],
      data: Int32Array.of(104, 105, 256, 256, 256, 256),
    });
    expect(feed('hi').attention_mask?.data).toEqual(BigInt64Array.of(1n, 1n, 0n, 0n, 0n, 0n));
    expect(feed('abcdefgh').bytes?.data).toEqual(Int32Array.of(97, 98, 99, 100, 101, 102));
  });

  it('is given as it is to a model that takes strings', () => {
    const feed = (shape: ValueSummary['shape'], text: string) =>
      feedsOf([{ name: 's', type: 'string', shape }], { texts: { s: text }, reading: 'ids', padding: 0 }).s;
    expect(feed(['n'], 'one\ntwo')).toEqual({ type: 'string', dims: [2], data: ['one', 'two'] });
    expect(feed([1], 'one\ntwo')).toEqual({ type: 'string', dims: [1], data: ['one\ntwo'] });
    expect(feed([3, 1], 'one')).toEqual({ type: 'string', dims: [3, 1], data: ['one', '', ''] });
  });
});

it('random tokens come from the whole vocabulary, the same for the same seed', () => {
  const inputs = inputsOf([free, mask], embedding);
  const random = (seed: number, wanted?: Lengths) => randomTokens(inputs, seed, lengthsOf(inputs, wanted));
  const ids = random(3).input_ids?.data as BigInt64Array;
  expect(ids).toHaveLength(16);
  expect(ids.every((id) => id >= 0n && id < 512n)).toBe(true);
  expect(ids.some((id) => id > 255n)).toBe(true);
  expect(random(3)).toEqual(random(3));
  expect(random(4)).not.toEqual(random(3));
  expect(random(3).attention_mask?.data).toEqual(new BigInt64Array(16).fill(1n));
  const wanted = new Map([
    ['seq', 5],
    ['batch', 2],
  ]);
  expect(random(3, wanted)).toMatchObject({ input_ids: { dims: [2, 5] }, attention_mask: { dims: [2, 5] } });
});

// Lengths that a file leaves open: what they go by, what is guessed of them, and inputs of those lengths.
import { describe, expect, it } from 'vitest';
import type { InputUse, ModelGraph, ModelSummary, ValueSummary } from '../../../../web/src/engine/types';
import { textInputs } from '../../../../web/src/inputs/beside_text';
import { guessInput, keptGuess } from '../../../../web/src/inputs/guess';
import { dimsOf, lengthKey } from '../../../../web/src/inputs/lengths';
import { canRandomizeAll, lengthsFor, modelInputs, randomInputs } from '../../../../web/src/inputs/model_inputs';
import { resizedSpec } from '../../../../web/src/inputs/preprocess';
import { randomFeeds } from '../../../../web/src/inputs/random';

type Kind = 'audio' | 'tokens' | 'state' | 'vector' | 'unknown';
type Input = ValueSummary & { use: Kind | InputUse };

const float = (name: string, shape: ValueSummary['shape'], use: Input['use']): Input => ({
  name,
  type: 'float32',
  shape,
  use,
});
const whole = (name: string, shape: ValueSummary['shape'], use: Kind): Input => ({ name, type: 'int64', shape, use });

function summaryOf(inputs: Input[]): ModelSummary {
  const uses = inputs.map(({ name, use }) =>
    typeof use === 'string' ? { name, reason: 'shape', kind: use, length: null } : use,
  );
  return { inputs, outputs: [], io: { inputs: uses, outputs: [] } } as unknown as ModelSummary;
}

const graph: ModelGraph = { nodes: [], values: [] };
const inputsOf = (inputs: Input[]) => modelInputs(summaryOf(inputs), graph);
const guesses = (inputs: Input[]) => inputsOf(inputs).free.map(({ key, role, guess }) => [key, role, guess]);

const image: InputUse = {
  name: 'x',
  reason: 'shape',
  kind: 'image',
  layout: 'nchw',
  channels: 3,
  width: null,
  height: null,
  batch: null,
  normalizations: [{ id: 'unit', confidence: 1, reason: 'unknown' }],
};

const silero = [
  float('input', ['batch', 'sequence'], 'audio'),
  float('state', [2, 'batch', 128], 'state'),
  whole('sr', [], 'unknown'),
];

/** A decoder with a cache, as exporters write it. */
const decoder = [
  whole('input_ids', ['batch_size', 'sequence_length'], 'tokens'),
  whole('attention_mask', ['batch_size', 'past_sequence_length + sequence_length'], 'tokens'),
  whole('position_ids', ['batch_size', 'sequence_length'], 'tokens'),
  float('past_key_values.0.key', ['batch_size', 4, 'past_sequence_length', 8], 'state'),
  { name: 'use_cache_branch', type: 'bool' as const, shape: [1], use: 'unknown' as const },
  float('temperature', [1], 'vector'),
];

describe('what a length goes by', () => {
  it('is its symbol, else its place', () => {
    expect(lengthKey({ name: 'x', shape: ['batch', null, 3, 'None'] }, 0)).toBe('batch');
    expect(lengthKey({ name: 'x', shape: ['batch', null, 3, 'None'] }, 1)).toBe('x[1]');
    expect(lengthKey({ name: 'x', shape: ['batch', null, 3, 'None'] }, 2)).toBeNull();
    expect(lengthKey({ name: 'x', shape: ['batch', null, 3, 'None'] }, -1)).toBe('x[3]');
  });

  it('may be any name, also one that objects have', () => {
    expect(dimsOf({ name: 'x', shape: ['__proto__', 'constructor'] }, new Map([['constructor', 3]]))).toEqual([1, 3]);
    expect(dimsOf({ name: 'x', shape: null })).toEqual([]);
  });
});

describe('guesses', () => {
  it('are a frame of speech for sound, and one item', () => {
    expect(guesses(silero)).toEqual([
      ['batch', 'batch', 1],
      ['sequence', 'samples', 512],
    ]);
    expect(guesses([float('wave', ['n'], 'audio')])).toEqual([['n', 'samples', 512]]);
  });

  it('are the usual size for pictures', () => {
    expect(guesses([float('x', ['N', 3, 'h', 'w'], image)])).toEqual([
      ['N', 'batch', 1],
      ['h', 'height', 224],
      ['w', 'width', 224],
    ]);
    expect(guesses([float('x', [null, null, null, 3], { ...image, layout: 'nhwc' })])).toEqual([
      ['x[0]', 'batch', 1],
      ['x[1]', 'height', 224],
      ['x[2]', 'width', 224],
    ]);
  });

  it('are a handful of tokens and an empty past; what follows the tokens is not asked for', () => {
    expect(guesses(decoder)).toEqual([
      ['batch_size', 'batch', 1],
      ['sequence_length', 'tokens', 16],
      ['past_sequence_length', 'past', 0],
    ]);
  });

  it('take the best of what a symbol stands for', () => {
    expect(guesses([float('x', ['a', 'b'], 'unknown'), whole('input_ids', [1, 'b'], 'tokens')])).toEqual([
      ['a', 'batch', 1],
      ['b', 'tokens', 16],
    ]);
  });
});

describe('random inputs', () => {
  const random = (list: Input[], wanted?: [string, number][]) => {
    const inputs = inputsOf(list);
    return randomInputs(inputs, 1, lengthsFor(inputs, new Map(wanted)));
  };

  it('have the same length wherever the symbol stands', () => {
    const feeds = random(silero, [
      ['batch', 3],
      ['sequence', 700],
    ]);
    expect(feeds.input).toMatchObject({ dims: [3, 700] });
    expect(feeds.state).toMatchObject({ dims: [2, 3, 128] });
  });

  it('leave settings as they are meant to be', () => {
    expect(random(silero).sr).toEqual({ type: 'int64', dims: [], data: BigInt64Array.of(16000n) });
    expect(random(decoder).use_cache_branch?.data).toEqual(Uint8Array.of(0));
  });

  it('let masks cover the past too', () => {
    const feeds = random(decoder, [
      ['past_sequence_length', 5],
      ['sequence_length', 2],
    ]);
    expect(feeds.attention_mask?.data).toEqual(new BigInt64Array(7).fill(1n));
    expect(feeds.position_ids?.dims).toEqual([1, 2]);
    expect(feeds['past_key_values.0.key']?.dims).toEqual([1, 4, 5, 8]);
  });

  it('are not to be had for strings', () => {
    const strings: Input = { name: 's', type: 'string', shape: [1], use: 'unknown' };
    expect(canRandomizeAll(inputsOf([float('x', [1], 'vector')]))).toBe(true);
    expect(inputsOf([strings]).tokens).toHaveLength(1);
    expect(inputsOf([whole('input_ids', [1, 4], 'tokens'), { ...strings, type: 'complex64' }]).tokens).toEqual([]);
    expect(randomFeeds([float('x', ['n', 2], 'vector')], 1).x?.dims).toEqual([1, 2]);
  });
});

describe('text beside other inputs', () => {
  const written = { texts: { input_ids: '4 5 6' }, reading: 'ids' as const, padding: 0 };

  it('decides the length of all that has its symbol, and state begins empty', () => {
    const feeds = textInputs(inputsOf([...decoder, float('weights', [1, 'sequence_length'], 'unknown')]), written);
    expect(feeds.input_ids?.data).toEqual(BigInt64Array.of(4n, 5n, 6n));
    expect(feeds.attention_mask?.dims).toEqual([1, 3]);
    expect(feeds.weights?.dims).toEqual([1, 3]);
    expect(feeds['past_key_values.0.key']).toEqual({
      type: 'float32',
      dims: [1, 4, 0, 8],
      data: new Float32Array(0),
    });
  });

  it('takes numbers for the others, and zeros for a state of fixed size', () => {
    const inputs = inputsOf([decoder[0] as Input, float('h', [1, 4], 'state'), float('t', [2], 'vector')]);
    const feeds = textInputs(inputs, { ...written, numbers: { t: '0.5, 2', h: '9 9 9 9' } });
    expect(feeds.t?.data).toEqual(Float32Array.of(0.5, 2));
    expect(feeds.h?.data).toEqual(new Float32Array(4));
    const other = textInputs(inputs, written, new Map([['batch_size', 2]]));
    expect(other.t?.data).toHaveLength(2);
    expect(other.input_ids?.dims).toEqual([2, 3]);
    expect(() => textInputs(inputs, { ...written, numbers: { t: '1 2 3' } })).toThrow();
  });

  it('is offered with a state that only zeros can fill', () => {
    const inputs = inputsOf([
      decoder[0] as Input,
      { name: 'past', type: 'float16', shape: [1, 2, 'past_len', 4], use: 'state' },
    ]);
    expect(textInputs(inputs, written).past).toEqual({ type: 'float16', dims: [1, 2, 0, 4], data: new Uint16Array(0) });
    expect(randomInputs(inputs, 1, lengthsFor(inputs)).past?.type).toBe('float16');
  });
});

describe('pictures of other sizes', () => {
  const guess = guessInput(summaryOf([float('x', [1, 3, 'h', 'w'], image)]));

  it('change the frame', () => {
    const spec = guess.image && resizedSpec(guess.image, [4, 3, 96, 64]);
    expect(spec).toMatchObject({ height: 96, width: 64, dims: [1, 3, 96, 64] });
  });

  it('keep what a person said, and say so', () => {
    const kept = guess.image && { ...guess.image, scale: 1, width: 7 };
    expect(keptGuess(guess, kept)).toMatchObject({ image: { scale: 1, width: 224 }, reason: 'kept' });
    expect(keptGuess(guess, guess.image)).toBe(guess);
    expect(keptGuess(guess, kept && { ...kept, input: 'y' })).toBe(guess);
    expect(keptGuess(guess, null)).toBe(guess);
  });
});

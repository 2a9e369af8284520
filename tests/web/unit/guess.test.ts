// What the page guesses about a model's input, from summaries like those of real networks.
import { describe, expect, it } from 'vitest';
import type { Dim, InputUse, ModelSummary } from '../../../web/src/engine/types';
import { classCount, guessInput } from '../../../web/src/inputs/guess';
import { normalizationId } from '../../../web/src/inputs/preprocess';

function summary(input: Dim[], output: Dim[], change: Partial<ModelSummary> = {}): ModelSummary {
  return {
    inputs: [{ name: 'in', type: 'float32', shape: input }],
    outputs: [{ name: 'out', type: 'float32', shape: output }],
    nodes: 1,
    parameters: 1,
    macs: 1,
    bytes: 1,
    opset: 13,
    irVersion: 8,
    producer: 'pytorch 2.0',
    quantized: false,
    operators: [],
    unsupported: [],
    ...change,
  };
}

const picture: InputUse = {
  name: 'in',
  reason: 'shape',
  kind: 'image',
  layout: 'nchw',
  channels: 3,
  width: 224,
  height: 224,
  batch: null,
  normalizations: [{ id: 'imagenet', confidence: 0.7, reason: 'imagenet' }],
};

const using = (use: InputUse) => guessInput(summary([1], [1, 10], { io: { inputs: [use], outputs: [] } }));

describe('guessInput', () => {
  it('takes the best normalization and its order of channels', () => {
    expect(using(picture)).toMatchObject({ reason: 'imagenet', image: { channels: 'rgb', fit: 'crop' } });
    const caffe = using({ ...picture, normalizations: [{ id: 'caffe', confidence: 0.8, reason: 'caffe2' }] });
    expect(caffe.image && normalizationId(caffe.image)).toBe('caffe');
    expect(caffe.image?.channels).toBe('bgr');
  });

  it('has words for reasons of its own only', () => {
    const raw = using({ ...picture, normalizations: [{ id: 'raw', confidence: 0.9, reason: 'firstLayer' }] });
    expect(raw.reason).toBe('detector');
    expect(raw.image && normalizationId(raw.image)).toBe('raw');
  });

  it('reads NHWC and fills in free sizes', () => {
    const { image } = using({ ...picture, layout: 'nhwc', width: null, height: 128 });
    expect(image).toMatchObject({ layout: 'nhwc', width: 224, height: 128, dims: [1, 128, 224, 3] });
  });

  it.each<[string, InputUse]>([
    ['tokens', { name: 'in', reason: 'lookup', kind: 'tokens', length: 128 }],
    ['a batch of eight', { ...picture, batch: 8 }],
    ['four channels', { ...picture, channels: 4 }],
  ])('%s are no picture', (_, use) => {
    expect(using(use).image).toBeNull();
  });

  it('several inputs are no picture', () => {
    const model = summary([1, 3, 224, 224], [1, 10], { io: { inputs: [picture, picture], outputs: [] } });
    expect(guessInput({ ...model, inputs: [...model.inputs, ...model.inputs] }).image).toBeNull();
  });
});

describe('classCount', () => {
  it.each<[Dim[], number]>([
    [[1, 1000], 1000],
    [['batch', 1000], 1000],
    [[1, 1000, 1, 1], 1000],
    [[10], 10],
    [[1, 21, 64, 64], 0],
    [['batch', 'classes'], 0],
    [[1, 1], 0],
  ])('%j has %i classes', (shape, expected) => {
    expect(classCount(summary([1, 3, 224, 224], shape))).toBe(expected);
  });
});

// What the page guesses about a model's input, from summaries like those of real networks.
import { describe, expect, it } from 'vitest';
import type { Dim, ModelSummary } from '../../../web/src/engine/types';
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

describe('guessInput', () => {
  it.each<[string, ModelSummary, string, string]>([
    [
      'squeezenet from Caffe2',
      summary([1, 3, 224, 224], [1, 1000, 1, 1], { producer: 'onnx-caffe2 ' }),
      'caffe',
      'bgr',
    ],
    ['an ImageNet classifier', summary(['batch', 3, 224, 224], ['batch', 1000]), 'imagenet', 'rgb'],
    ['CIFAR-10', summary(['N', 3, 32, 32], ['N', 10]), 'cifar', 'rgb'],
    ['digits', summary([1, 1, 28, 28], [1, 10]), 'raw', 'gray'],
  ])('%s', (_, model, normalization, channels) => {
    const { image } = guessInput(model);
    expect(image && normalizationId(image)).toBe(normalization);
    expect(image?.channels).toBe(channels);
  });

  it('reads NHWC', () => {
    const { image } = guessInput(summary(['b', 128, 96, 3], ['b', 7]));
    expect(image).toMatchObject({ layout: 'nhwc', width: 96, height: 128, dims: [1, 128, 96, 3] });
  });

  it.each<[string, Dim[]]>([
    ['tokens', [1, 128]],
    ['a batch of eight', [8, 3, 224, 224]],
    ['five channels', [1, 5, 224, 224]],
    ['a tiny tensor', [1, 3, 4, 4]],
  ])('%s are no picture', (_, shape) => {
    expect(guessInput(summary(shape, [1, 10])).image).toBeNull();
  });

  it('several inputs are no picture', () => {
    const model = summary([1, 3, 224, 224], [1, 10]);
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

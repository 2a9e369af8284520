// What is shown of a layer before and after compressing: where its counterpart is, both histograms, and errors by channel.
import { describe, expect, it } from 'vitest';
import { channelBars, worstChannels } from '../../../../web/src/charts/channels';
import { histogramOf, outlineOf } from '../../../../web/src/charts/histogram';
import type { GraphNode, ModelGraph } from '../../../../web/src/engine/types';
import { counterparts, seenByReaders } from '../../../../web/src/graph/counterparts';
import { graphNode as node } from '../../support/graph_node';

const graphOf = (...nodes: GraphNode[]): ModelGraph => ({ nodes, values: [] });

describe('the counterpart of a layer', () => {
  const conv = node('Conv', 'conv', ['x', 'w', 'b'], ['y']);
  const quantized = graphOf(
    node('DequantizeLinear', 'wd', ['wq', 's', 'z'], ['w_float']),
    node('Conv', 'conv', ['x', 'w_float', 'b'], ['y']),
    node('QuantizeLinear', 'yq', ['y', 's', 'z'], ['y_int']),
    node('DequantizeLinear', 'yd', ['y_int', 's', 'z'], ['y_seen']),
  );

  it('is what readers of its output see, and what it multiplies with', () => {
    expect(counterparts(quantized, conv, 'w')).toEqual({ weight: 'w_float', output: 'y_seen' });
    expect(seenByReaders(quantized, 'x')).toBe('x');
  });

  it('is behind the Clip of integers narrower than their type, not behind one of the network', () => {
    const behind = (clipped: string) =>
      graphOf(
        node('Clip', 'c', ['y', 'low', 'high'], [clipped]),
        node('QuantizeLinear', 'q', [clipped, 's', 'z'], ['i']),
        node('DequantizeLinear', 'd', ['i', 's', 'z'], ['seen']),
      );
    expect(seenByReaders(behind('y_clipped'), 'y')).toBe('seen');
    expect(seenByReaders(behind('relu6'), 'y')).toBe('y');
  });

  it('is missing where the layer has gone or became another operator', () => {
    const product = graphOf(node('ConvInteger', 'conv', ['x', 'w_int'], ['z']));
    expect(counterparts(product, conv, 'w')).toEqual({ weight: null, output: null });
    expect(counterparts(quantized, { ...conv, name: '' }, 'w').weight).toBeNull();
    expect(counterparts(quantized, conv, null).weight).toBeNull();
  });
});

describe('the other histogram', () => {
  const before = histogramOf(Float32Array.of(0, 1, 2, 3, 4), 4);

  it('has bins of the same width in the same places', () => {
    expect(outlineOf(Float32Array.of(0, 0, 2.2, 4), before)).toEqual({
      low: 0,
      step: 1,
      counts: Uint32Array.of(2, 0, 1, 1),
    });
  });

  it('reaches beyond on both sides, up to its own width', () => {
    expect(outlineOf(Float32Array.of(-1.5, 4.5), before)).toEqual({
      low: -2,
      step: 1,
      counts: Uint32Array.of(1, 0, 0, 0, 0, 0, 1),
    });
    const far = outlineOf(Float32Array.of(-100, 100, Number.NaN), before);
    expect([far?.low, far?.counts.length]).toEqual([-4, 12]);
    expect(far?.counts.reduce((a, b) => a + b)).toBe(2);
  });

  it('cannot be drawn over a single value', () => {
    expect(outlineOf(Float32Array.of(1), histogramOf(Float32Array.of(3, 3)))).toBeNull();
  });
});

describe('channels', () => {
  const list = [30, null, 12, 25, 40];

  it('share bars where there are many, which show the worst of them', () => {
    expect(channelBars(list, 10).map(({ sqnr }) => sqnr)).toEqual(list);
    expect(channelBars(list, 3)).toEqual([
      { first: 0, last: 1, sqnr: 30 },
      { first: 2, last: 3, sqnr: 12 },
      { first: 4, last: 4, sqnr: 40 },
    ]);
  });

  it('are named worst first; those that are equal come last', () => {
    expect(worstChannels(list, 2).map(({ channel }) => channel)).toEqual([2, 3]);
    expect(worstChannels([null, null, 50], 3).map(({ channel }) => channel)).toEqual([2, 0, 1]);
  });
});

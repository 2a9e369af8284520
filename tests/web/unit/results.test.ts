// Top lists, labels, random feeds and number formats.
import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatDb,
  formatMs,
  formatPercent,
  formatShape,
  formatValue,
  median,
} from '../../../web/src/format';
import { canRandomize, randomFeeds } from '../../../web/src/inputs/random';
import { knownLabels, labelOf, parseLabels } from '../../../web/src/results/labels';
import { isClassScores, topK } from '../../../web/src/results/topk';

const vector = (...values: number[]) => ({
  type: 'float32' as const,
  dims: [1, values.length],
  data: Float32Array.from(values),
});

describe('topK', () => {
  it('takes the softmax of logits', () => {
    const [first, second] = topK(vector(0, Math.log(3), 0), 2);
    expect(first).toMatchObject({ index: 1 });
    expect(first?.probability).toBeCloseTo(0.6, 5);
    expect(second).toMatchObject({ index: 0 });
  });

  it('keeps probabilities as they are', () => {
    expect(topK(vector(0.125, 0.75, 0.125), 1)[0]?.probability).toBe(0.75);
  });

  it('knows a vector of scores from other tensors', () => {
    expect(isClassScores(vector(1, 2))).toBe(true);
    expect(isClassScores({ ...vector(1, 2, 3, 4), dims: [2, 2] })).toBe(false);
    expect(isClassScores({ ...vector(1), dims: [1, 1] })).toBe(false);
  });
});

describe('labels', () => {
  it('come one per line, with or without WordNet ids', () => {
    expect(parseLabels('n01440764 tench, Tinca\nn01443537 goldfish\r\nplain\n\n')).toEqual([
      'tench, Tinca',
      'goldfish',
      'plain',
    ]);
  });

  it('of ImageNet are known for 1,000 classes', async () => {
    const labels = await knownLabels(1000, false);
    expect(labels?.length).toBe(1000);
    expect(labelOf(labels, 285)).toBe('Egyptian cat');
  });

  it('fall back to the number', async () => {
    expect(await knownLabels(7, false)).toBeNull();
    expect(labelOf(null, 3)).toBe('#3');
  });
});

describe('randomFeeds', () => {
  const inputs = [
    { name: 'a', type: 'float32' as const, shape: ['batch', 3] },
    { name: 'b', type: 'int64' as const, shape: [2] },
  ];

  it('are the same for the same seed, and other for another', () => {
    expect(randomFeeds(inputs, 7)).toEqual(randomFeeds(inputs, 7));
    expect(randomFeeds(inputs, 7)).not.toEqual(randomFeeds(inputs, 8));
  });

  it('fill unknown lengths with one and stay in range', () => {
    const feeds = randomFeeds(inputs, 1);
    expect(feeds.a?.dims).toEqual([1, 3]);
    expect(Array.from(feeds.a?.data as Float32Array).every((v) => v >= -1 && v < 1)).toBe(true);
    expect(feeds.b?.data).toBeInstanceOf(BigInt64Array);
  });

  it('refuse strings', () => {
    expect(canRandomize([{ name: 's', type: 'string', shape: [1] }])).toBe(false);
    expect(canRandomize(inputs)).toBe(true);
  });
});

describe('formats', () => {
  it.each([
    [formatBytes(4_952_953), '4.95 MB'],
    [formatBytes(999), '999 B'],
    [formatBytes(999_600), '1 MB'],
    [formatCount(1_235_496), '1.24 M'],
    [formatCount(12), '12'],
    [formatMs(1234), '1.23 s'],
    [formatMs(2.345), '2.35 ms'],
    [formatPercent(0.7361), '74%'],
    [formatPercent(0.0123), '1.2%'],
    [formatDb(21.04, 'equal'), '21.0 dB'],
    [formatDb(null, 'equal'), 'equal'],
    [formatShape([1, 'n', null]), '1 × n × ?'],
    [formatShape([]), 'scalar'],
    [formatValue(0.00001234), '1.23e-5'],
    [formatValue(Number.NaN), 'NaN'],
  ])('%s', (got, expected) => {
    expect(got).toBe(expected);
  });

  it('median of odd, even and none', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(median([])).toBeNaN();
  });
});

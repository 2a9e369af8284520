// Numbers that judge: grids and their errors, histograms, classification, the front, distances, work.
import { describe, expect, it } from 'vitest';
import { barHeight, histogramOf, linear, ticks } from '../../../../web/src/charts/histogram';
import { front } from '../../../../web/src/charts/pareto';
import { movedEnd } from '../../../../web/src/charts/range_chart';
import type { Layer } from '../../../../web/src/graph/metrics';
import { leaders, margin, scoresOf } from '../../../../web/src/results/classify';
import { outputSqnr } from '../../../../web/src/results/distance';
import { bestRange, gridError, gridOf } from '../../../../web/src/results/grid';
import { workOf } from '../../../../web/src/results/work';

describe('a grid', () => {
  const grid = { low: -1, high: 1, levels: 256 };

  it('loses nothing on its own points', () => {
    const scale = 2 / 255;
    const zero = 128; // 127.5 rounds half to even
    const values = Float32Array.from({ length: 256 }, (_, q) => (q - zero) * scale);
    expect(gridError(values, grid).sqnr ?? 200).toBeGreaterThan(130);
  });

  it('has about six decibels a bit', () => {
    const values = Float32Array.from({ length: 5000 }, (_, i) => Math.sin(i) * 0.99);
    const [eight, seven] = [256, 128].map((levels) => gridError(values, { ...grid, levels }).sqnr ?? 0) as [
      number,
      number,
    ];
    expect(eight - seven).toBeGreaterThan(5);
    expect(eight - seven).toBeLessThan(7);
  });

  it('has the levels of its width, whatever type holds them', () => {
    expect(gridOf({ low: 0, high: 1, levels: 16 })).toEqual({ low: 0, high: 1, levels: 16 });
  });

  it('counts what it cuts off', () => {
    const { clipped, sqnr } = gridError(Float32Array.of(0.5, 0.5, 0.5, 3), { low: 0, high: 1, levels: 256 });
    expect(clipped).toBe(0.25);
    expect(sqnr).toBeLessThan(4);
  });

  it('is better without an outlier', () => {
    const values = Float32Array.from({ length: 20_000 }, (_, i) => (i === 7 ? 60 : Math.sin(i)));
    const seen = { low: -1, high: 60, levels: 16 };
    const best = bestRange(values, seen);
    expect(best.high).toBeLessThan(60);
    expect(gridError(values, best).sqnr ?? 0).toBeGreaterThan(gridError(values, seen).sqnr ?? 0);
  });

  it('keeps zero inside while its ends are dragged', () => {
    expect(movedEnd(grid, 'low', 0.5, 2)).toMatchObject({ low: 0, high: 1 });
    expect(movedEnd(grid, 'high', -3, 2)).toMatchObject({ low: -1, high: 0 });
    const narrow = movedEnd({ low: 0, high: 1, levels: 256 }, 'high', 0, 2);
    expect(narrow.high).toBeGreaterThan(narrow.low);
  });
});

describe('a histogram', () => {
  it('counts every finite value once', () => {
    const h = histogramOf(Float32Array.of(0, 0, 1, 2, Number.NaN, Number.POSITIVE_INFINITY), 4);
    expect([...h.counts]).toEqual([2, 0, 1, 1]);
    expect(h).toMatchObject({ low: 0, high: 2, zeros: 2, count: 4, mean: 0.75 });
  });

  it('stands on round ticks', () => {
    expect(ticks(-1.2, 1.2, 4)).toEqual([-1, 0, 1]);
    expect(Object.is(ticks(-0.4, 10, 4)[0], 0)).toBe(true);
    expect(ticks(3, 3, 4)).toEqual([3]);
    const scale = linear(0, 10, 100, 200);
    expect(scale.to(5)).toBe(150);
    expect(scale.from(scale.to(7))).toBeCloseTo(7);
    expect(barHeight(0, 10)).toBe(0);
    expect(barHeight(10, 10)).toBe(1);
  });
});

describe('classification', () => {
  it('takes the leading class of every row', () => {
    const tensor = { type: 'float32' as const, dims: [2, 3], data: Float32Array.of(1, 3, 2, 9, 0, 0) };
    expect(leaders(tensor, 2)).toEqual([1, 0]);
    expect(leaders(tensor, 4)).toBeNull();
    expect(leaders(tensor, 6)).toBeNull();
  });

  it('counts confusion, accuracy and F1', () => {
    const scores = scoresOf([0, 0, 1, 1], [0, 1, 1, 1], 3);
    expect(scores.confusion).toEqual([
      [1, 1, 0],
      [0, 2, 0],
      [0, 0, 0],
    ]);
    expect(scores.accuracy).toBe(0.75);
    expect(scores.macroF1).toBeCloseTo((2 / 3 + 4 / 5) / 2);
    expect(margin(0.9, 400)).toBeCloseTo(0.029, 2);
    expect(margin(1, 10)).toBeGreaterThan(0.05);
  });
});

describe('comparing', () => {
  it('finds the front: smaller and better', () => {
    const points = [
      { size: 10, quality: 30 },
      { size: 5, quality: 20 },
      { size: 6, quality: 15 },
      { size: 10, quality: 29 },
      { size: 5, quality: 12 },
    ];
    expect(front(points)).toEqual([1, 0]);
  });

  it('measures all outputs together', () => {
    const of = (...values: number[]) => ({
      type: 'float32' as const,
      dims: [values.length],
      data: Float32Array.from(values),
    });
    expect(outputSqnr({ a: of(3, 4) }, { a: of(3, 4) })).toBeNull();
    expect(outputSqnr({ a: of(3), b: of(4) }, { a: of(3), b: of(4.5) })).toBeCloseTo(20);
  });

  it('weighs work by bits', () => {
    const layer = (macs: number, bits: number) => ({ macs, bits }) as Layer;
    const work = workOf([layer(100, 8), layer(100, 32)]);
    expect(work.integerShare).toBe(0.5);
    expect(work.nanojoules).toBeCloseTo(0.483);
    expect(work.floatNanojoules).toBeCloseTo(0.92);
  });
});

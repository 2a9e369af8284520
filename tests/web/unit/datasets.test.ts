// The data sets that are made on the spot: the same bytes for the same seed on every machine, every class as often,
// classes that can be told apart, and nothing given away by what should not matter.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type MadeSet, makeDigits, makePoints, makeShapes } from '../../../web/src/engine/datasets/index';
import { pointKinds } from '../../../web/src/engine/datasets/points';
import { cosTurns, Random, sinTurns } from '../../../web/src/engine/datasets/random';

const bytesOf = ({ data }: MadeSet) => {
  const array = data.data as Uint8Array;
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
};
const digest = (set: MadeSet) =>
  createHash('sha256').update(bytesOf(set)).update(set.labels.join()).digest('hex').slice(0, 16);

/** Each item as numbers. */
function rows({ data }: MadeSet): number[][] {
  const count = data.dims[0] ?? 0;
  const values = Array.from(data.data as ArrayLike<number>);
  const size = values.length / count;
  return Array.from({ length: count }, (_, i) => values.slice(i * size, (i + 1) * size));
}

const squared = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, v, i) => sum + (v - (b[i] ?? 0)) ** 2, 0);

/** Share of `test` whose nearest neighbour in `train` is of its class. */
function nearest(train: MadeSet, test: MadeSet, view: (row: number[]) => number[] = (row) => row): number {
  const known = rows(train).map(view);
  const right = rows(test).filter((row, i) => {
    const seen = view(row);
    const distances = known.map((other) => squared(other, seen));
    return train.labels[distances.indexOf(Math.min(...distances))] === test.labels[i];
  });
  return right.length / test.labels.length;
}

const makers = {
  digits: makeDigits,
  shapes: makeShapes,
  spirals: (options: { count: number; seed?: number; first?: number }) => makePoints(options),
};

describe.each(Object.entries(makers))('%s', (name, make) => {
  it('have the same bytes on every machine', () => {
    expect(digest(make({ count: 40, seed: 7 }))).toBe(
      { digits: '369b446f1c5b1848', shapes: 'bccf3013730776e0', spirals: '0a062a6f360c2ea8' }[name],
    );
  });

  it('have other bytes for another seed, and the same item whatever the count', () => {
    const whole = make({ count: 12, seed: 3 });
    expect(digest(make({ count: 12, seed: 4 }))).not.toBe(digest(whole));
    const piece = make({ count: 4, seed: 3, first: 8 });
    expect(piece.labels).toEqual(whole.labels.slice(8));
    expect(rows(piece)).toEqual(rows(whole).slice(8));
  });

  it('hold every class as often as any other', () => {
    const { labels, classes } = make({ count: 120, seed: 5 });
    const counts = classes.map((_, c) => labels.filter((label) => label === c).length);
    expect(counts).toEqual(classes.map(() => 120 / classes.length));
    expect(labels.slice(0, 20)).not.toEqual(labels.slice(20, 40));
  });

  it('refuse counts that are none', () => {
    expect(() => make({ count: -1 })).toThrow('count is a whole number');
    expect(make({ count: 0 }).labels).toEqual([]);
  });
});

describe('classes', () => {
  it('of digits can mostly be told apart by the nearest of few', () => {
    const share = nearest(makeDigits({ count: 400, seed: 1 }), makeDigits({ count: 100, seed: 2 }));
    expect(share).toBeGreaterThan(0.7);
  });

  it.each(pointKinds)('of %s can be told apart by the nearest neighbour', (kind) => {
    const options = { kind, classes: 3, noise: 0.02 };
    const train = makePoints({ ...options, count: 600, seed: 1 });
    const test = makePoints({ ...options, count: 200, seed: 2 });
    expect(nearest(train, test)).toBeGreaterThan(0.9);
    for (const [x = 9, y = 9] of rows(test)) expect(Math.max(Math.abs(x), Math.abs(y))).toBeLessThan(1.5);
  });

  it('of shapes are not given away by colour', () => {
    const color = (row: number[]) =>
      [0, 1, 2].map((c) => row.slice(c * 1024, (c + 1) * 1024).reduce((sum, v) => sum + v, 0) / 1024);
    const share = nearest(makeShapes({ count: 400, seed: 1 }), makeShapes({ count: 200, seed: 2 }), color);
    expect(share).toBeLessThan(0.2);
  });
});

describe('numbers', () => {
  it('sine and cosine are those of Math', () => {
    for (let turns = -2; turns <= 2; turns += 0.0137) {
      expect(sinTurns(turns)).toBeCloseTo(Math.sin(2 * Math.PI * turns), 6);
      expect(cosTurns(turns)).toBeCloseTo(Math.cos(2 * Math.PI * turns), 6);
    }
  });

  it('normal numbers have mean 0 and deviation 1', () => {
    const random = new Random(1);
    const values = Array.from({ length: 20000 }, () => random.normal());
    const mean = values.reduce((a, b) => a + b) / values.length;
    expect(mean).toBeCloseTo(0, 1);
    expect(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length).toBeCloseTo(1, 1);
  });
});

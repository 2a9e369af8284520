// Folders of files as data sets, and their items as the feeds of a model.
import { describe, expect, it } from 'vitest';
import type { Feeds, Tensor, ValueSummary } from '../../../../web/src/engine/types';
import { arrayDataSet, type DataSet, type NamedFile, openDataSet } from '../../../../web/src/inputs/folder';
import {
  batchSize,
  type FeedOptions,
  feedsOf,
  labelledFeedsOf,
  pictureTensor,
} from '../../../../web/src/inputs/item_feeds';
import { writeNpy } from '../../../../web/src/inputs/npy';
import { writeNpz } from '../../../../web/src/inputs/npz';
import { applyNormalization, type ImageSpec } from '../../../../web/src/inputs/preprocess';
import { drawInto } from '../../../../web/src/inputs/resize';

const file = (path: string, bytes: Uint8Array | string = ''): NamedFile => ({
  path,
  bytes: async () => (typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes),
});

const floats = (dims: number[], from = 0): Tensor => ({
  type: 'float32',
  dims,
  data: Float32Array.from({ length: dims.reduce((a, b) => a * b) }, (_, i) => from + i),
});

const vector: ValueSummary = { name: 'x', type: 'float32', shape: ['batch', 2] };
const options = (inputs: ValueSummary[], spec: ImageSpec | null = null): FeedOptions => ({
  inputs,
  spec,
  readPicture: async (picture) => floats([1, 1], (await picture.bytes()).length),
});

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const item of stream) out.push(item);
  return out;
}

const message = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'nothing was refused',
    (error: Error) => error.message,
  );

describe('pictures', () => {
  const paths = (data: DataSet) =>
    Array.from({ length: data.length }, (_, i) => {
      const item = data.item(i);
      return item.kind === 'picture' ? item.file.path : '';
    });

  it('are labelled by their folders, in alphabetical order', async () => {
    const data = await openDataSet([
      file('d/dog/1.png'),
      file('d/cat/10.jpg'),
      file('d/cat/2.jpg'),
      file('d/notes.md'),
    ]);
    expect(paths(data)).toEqual(['d/cat/2.jpg', 'd/cat/10.jpg', 'd/dog/1.png']);
    expect(data).toMatchObject({ length: 3, labels: [0, 0, 1], classes: ['cat', 'dog'], skipped: ['d/notes.md'] });
  });

  it('take class numbers from folders that are numbers, and the order from a list', async () => {
    const numbers = await openDataSet([file('7/a.png'), file('10/b.png')]);
    expect(numbers).toMatchObject({ labels: [7, 10] });
    const listed = await openDataSet([file('cat/a.png'), file('dog/b.png'), file('classes.txt', 'dog\nbird\ncat\n')]);
    expect(listed).toMatchObject({ labels: [2, 0], classes: ['dog', 'bird', 'cat'] });
  });

  it('in one folder have no labels', async () => {
    expect(await openDataSet([file('p/a.png'), file('p/b.png')])).toMatchObject({ labels: null, classes: [] });
  });
});

describe('arrays', () => {
  it('are split along their first axis, with labels from the file beside them', async () => {
    const labels: Tensor = { type: 'int64', dims: [3], data: BigInt64Array.of(2n, 0n, 1n) };
    const data = await openDataSet([file('y.npy', writeNpy(labels)), file('x.npy', writeNpy(floats([3, 2])))]);
    expect(data).toMatchObject({ length: 3, labels: [2, 0, 1] });
    expect(data.item(1)).toEqual({ kind: 'array', tensor: floats([2], 2) });
    const wrong = openDataSet([file('y.npy', writeNpy(labels)), file('x.npy', writeNpy(floats([2, 2])))]);
    expect(await message(wrong)).toBe('There are 2 items, but 3 labels.');
  });

  it('of an archive are items and labels, or the inputs of one run', async () => {
    const onehot: Tensor = { type: 'float32', dims: [2, 3], data: Float32Array.of(0, 1, 0, 0, 0, 1) };
    const pair = await openDataSet([file('d.npz', writeNpz({ x: floats([2, 2]), y: onehot }))]);
    expect(pair).toMatchObject({ length: 2, labels: [1, 2] });
    const inputs = await openDataSet([file('d.npz', writeNpz({ a: floats([1, 2]), b: floats([4]) }))]);
    expect(inputs).toMatchObject({ length: 1, labels: null });
    expect(inputs.item(0).kind).toBe('feeds');
  });

  it('that nobody knows are refused', async () => {
    expect(await message(openDataSet([file('a.csv', '1,2')]))).toBe('None of these files holds data.');
  });
});

describe('feeds', () => {
  it('go in batches where the first size is free, and keep a remainder', async () => {
    const data = arrayDataSet(floats([5, 2]), [0, 1, 0, 1, 1]);
    const runs = await all(labelledFeedsOf(data, options([vector]), { wanted: 2 }));
    expect(runs.map(({ labels }) => labels)).toEqual([[0, 1], [0, 1], [1]]);
    expect(runs[1]?.feeds.x).toEqual(floats([2, 2], 4));
    expect(await all(feedsOf(data, options([vector]), 3))).toHaveLength(3);
  });

  it('fill a fixed batch or are left out', async () => {
    const fixed: ValueSummary = { name: 'x', type: 'float32', shape: [2, 2] };
    expect(batchSize([fixed], 16)).toBe(2);
    const runs = feedsOf(arrayDataSet(floats([5, 2]), null), options([fixed]));
    expect(runs.length).toBe(2);
    expect((await all(runs))[1]).toEqual({ x: floats([2, 2], 4) } satisfies Feeds);
  });

  it('are converted to the type and shape of the input', async () => {
    const input: ValueSummary = { name: 'ids', type: 'int64', shape: ['n', 1, 2] };
    const [first] = await all(feedsOf(arrayDataSet(floats([1, 2]), null), options([input])));
    expect(first?.ids).toEqual({ type: 'int64', dims: [1, 1, 2], data: BigInt64Array.of(0n, 1n) });
  });

  it('say what does not fit', async () => {
    const data = arrayDataSet(floats([1, 3]), null);
    expect(await message(all(feedsOf(data, options([vector]))))).toContain(
      'is [3], but the input `x` wants [batch, 2]',
    );
    expect(await message(all(feedsOf(data, options([vector, vector]))))).toContain('has 2 inputs');
    expect(() => labelledFeedsOf(data, options([vector]))).toThrow('no labels');
  });
});

describe('bytes as pictures', () => {
  const spec = applyNormalization(
    {
      input: 'x',
      layout: 'nchw',
      channels: 'gray',
      width: 2,
      height: 2,
      fit: 'stretch',
      scale: 1,
      mean: [],
      std: [],
      type: 'float32',
      dims: [1, 1, 2, 2],
    },
    'unit',
  );
  const input: ValueSummary = { name: 'x', type: 'float32', shape: ['batch', 1, 2, 2] };

  it('go through the preprocessing', async () => {
    const bytes: Tensor = { type: 'uint8', dims: [1, 2, 2], data: Uint8Array.of(0, 51, 102, 255) };
    const [first] = await all(feedsOf(arrayDataSet(bytes, null), options([input], spec)));
    const values = Array.from((first?.x?.data ?? []) as Float32Array);
    for (const [i, value] of [0, 0.2, 0.4, 1].entries()) expect(values[i]).toBeCloseTo(value, 5);
  });

  it('are averaged when made smaller, and keep a gradient when made larger', () => {
    const square = (side: number, value: (x: number) => number) => ({
      width: side,
      height: side,
      rgba: Uint8ClampedArray.from({ length: side * side * 4 }, (_, i) => (i % 4 === 3 ? 255 : value((i >> 2) % side))),
    });
    const fine = square(8, (x) => (x % 2) * 200);
    for (const [i, v] of [...drawInto(spec, fine)].entries()) expect(i % 4 === 3 ? 100 : v).toBeGreaterThan(80);
    for (const [i, v] of [...drawInto(spec, fine)].entries()) expect(i % 4 === 3 ? 100 : v).toBeLessThan(120);
    const large = drawInto(
      { ...spec, width: 8, height: 8 },
      square(2, (x) => 200 * x),
    );
    const row = Array.from({ length: 8 }, (_, x) => large[4 * x] ?? -1);
    expect(row).toEqual([...row].sort((a, b) => a - b));
    expect([row[0], row[7]]).toEqual([0, 200]);
    expect(row[3]).toBeGreaterThan(50);
  });

  it('are seen on white where they are transparent', () => {
    const clear = { width: 2, height: 2, rgba: new Uint8ClampedArray(16) };
    expect(pictureTensor(clear, spec).data).toEqual(Float32Array.of(1, 1, 1, 1));
  });
});

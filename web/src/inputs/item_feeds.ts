// From items of a data set to the feeds of a model. Pictures, also those in arrays of bytes, go through the model's
// preprocessing; other arrays are converted to the input's type and put into its shape. Several items make a batch where
// the first axis of the input is free or has their number.

import { fail } from '../engine/error';
import type { Feeds, LabelledFeeds, Tensor, ValueSummary } from '../engine/types';
import { convert, elements, pixelsOf } from './arrays';
import type { DataItem, DataSet, NamedFile } from './folder';
import { dimsOf } from './lengths';
import { type ImageSpec, toTensor } from './preprocess';
import { drawInto, type Pixels } from './resize';

export interface FeedOptions {
  inputs: readonly ValueSummary[];
  /** How the model wants pictures; null: it takes none. */
  spec: ImageSpec | null;
  /** Decodes a PNG, JPEG ... file and puts it into the frame of the spec. */
  readPicture(file: NamedFile, spec: ImageSpec): Promise<Tensor>;
}

/** What a reader without a canvas does with decoded pixels. */
export const pictureTensor = (pixels: Pixels, spec: ImageSpec): Tensor => toTensor(drawInto(spec, pixels), spec);

/** The dims of one item of an input: its shape with free sizes taken from the data, and with a batch of one. */
function fitted(tensor: Tensor, { name, shape }: ValueSummary): readonly number[] {
  const wanted = shape ?? [1, ...tensor.dims];
  const exact = dimsOf({ name, shape: wanted });
  const count = elements(tensor.dims);
  if (elements([1, ...exact.slice(1)]) === count) return [1, ...exact.slice(1)];
  const inner = wanted.slice(1);
  const free = inner.filter((d) => typeof d !== 'number').length;
  if (free > 0 && inner.length === tensor.dims.length) {
    const taken = inner.map((d, axis) => (typeof d === 'number' ? d : (tensor.dims[axis] ?? 1)));
    if (elements(taken) === count) return [1, ...taken];
  }
  throw fail(
    'invalid_input',
    `An item of the data is [${tensor.dims.join(', ')}], but the input \`${name}\` wants [${wanted.map((d) => d ?? '?').join(', ')}].`,
    name,
    'The first axis of an array are its items, the others have to fit.',
  );
}

async function oneFeeds(item: DataItem, { inputs, spec, readPicture }: FeedOptions): Promise<Feeds> {
  if (item.kind === 'feeds') return namedFeeds(item.feeds, inputs);
  if (item.kind === 'picture') {
    if (spec) return { [spec.input]: await readPicture(item.file, spec) };
    throw fail('invalid_input', 'This model does not take pictures.', item.file.path, 'Give arrays (.npy, .npz).');
  }
  const pixels = spec ? pixelsOf(item.tensor) : null;
  if (spec && pixels) return { [spec.input]: pictureTensor(pixels, spec) };
  const [input] = inputs;
  if (inputs.length !== 1 || !input) {
    throw fail(
      'invalid_input',
      `The model has ${inputs.length} inputs, and the data is one array.`,
      inputs.map(({ name }) => name).join(', '),
      'Save .npz files with an array for each input, by its name.',
    );
  }
  const tensor = input.type === 'unknown' ? item.tensor : convert(item.tensor, input.type, input.name);
  return { [input.name]: { ...tensor, dims: fitted(tensor, input) } };
}

/** Arrays of a .npz by the names of inputs; a single array may be called anything. */
function namedFeeds(arrays: Record<string, Tensor>, inputs: readonly ValueSummary[]): Feeds {
  const names = Object.keys(arrays);
  const feeds: Feeds = {};
  for (const { name, type } of inputs) {
    const array = arrays[name] ?? (names.length === 1 && inputs.length === 1 ? arrays[names[0] ?? ''] : undefined);
    if (!array) {
      throw fail(
        'invalid_input',
        `There is no array for the input \`${name}\`.`,
        name,
        `There are: ${names.join(', ')}.`,
      );
    }
    feeds[name] = type === 'unknown' ? array : convert(array, type, name);
  }
  return feeds;
}

/** One tensor out of several along the first axis. */
export function joined(tensors: readonly Tensor[]): Tensor {
  const [first] = tensors;
  if (!first || tensors.length === 1 || Array.isArray(first.data)) return first as Tensor;
  const length = tensors.reduce((sum, { data }) => sum + data.length, 0);
  const data = new (first.data.constructor as new (length: number) => typeof first.data)(length);
  let at = 0;
  for (const tensor of tensors) {
    (data as Float32Array).set(tensor.data as Float32Array, at);
    at += tensor.data.length;
  }
  return { type: first.type, dims: [tensors.length * (first.dims[0] ?? 1), ...first.dims.slice(1)], data };
}

async function batchFeeds(items: readonly DataItem[], options: FeedOptions): Promise<Feeds> {
  const feeds: Feeds[] = [];
  for (const item of items) feeds.push(await oneFeeds(item, options));
  const names = Object.keys(feeds[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, joined(feeds.map((f) => f[name] as Tensor))]));
}

/** How many items a run takes: what the file fixes, else `wanted` where all sizes but the first are known. */
export function batchSize(inputs: readonly ValueSummary[], wanted: number): number {
  if (inputs.length !== 1) return 1;
  const [first, ...rest] = inputs[0]?.shape ?? [1];
  if (typeof first === 'number') return Math.max(first, 1);
  return rest.every((d) => typeof d === 'number') ? wanted : 1;
}

export interface Feeding {
  /** Runs, not items. */
  length: number;
  [Symbol.asyncIterator](): AsyncIterator<Feeds>;
}

const take = (data: DataSet, from: number, count: number): DataItem[] =>
  Array.from({ length: count }, (_, k) => data.item(from + k));

/** The first `limit` items, made as they are asked for; can be iterated again. What does not fill a fixed batch is left out. */
export function feedsOf(data: DataSet, options: FeedOptions, limit = data.length): Feeding {
  const batch = batchSize(options.inputs, 1);
  const runs = Math.floor(Math.min(limit, data.length) / batch);
  return {
    length: runs,
    async *[Symbol.asyncIterator]() {
      for (let run = 0; run < runs; ++run) yield await batchFeeds(take(data, run * batch, batch), options);
    },
  };
}

export interface LabelledFeeding {
  length: number;
  [Symbol.asyncIterator](): AsyncIterator<LabelledFeeds>;
}

/** As feedsOf, with labels and in batches of up to `wanted`. Errors: invalid_input where the data has no labels. */
export function labelledFeedsOf(
  data: DataSet,
  options: FeedOptions,
  { limit = data.length, wanted = 16 }: { limit?: number; wanted?: number } = {},
): LabelledFeeding {
  const { labels } = data;
  if (labels === null) {
    throw fail(
      'invalid_input',
      'This data has no labels.',
      'labels',
      'Put the pictures into a folder for each class, or give IDX, CIFAR or .npz files with labels.',
    );
  }
  const batch = batchSize(options.inputs, wanted);
  const fixed = typeof options.inputs[0]?.shape?.[0] === 'number';
  const items = Math.min(limit, data.length);
  const runs = fixed ? Math.floor(items / batch) : Math.ceil(items / batch);
  return {
    length: runs,
    async *[Symbol.asyncIterator]() {
      for (let run = 0; run < runs; ++run) {
        const from = run * batch;
        const count = Math.min(batch, items - from);
        yield {
          feeds: await batchFeeds(take(data, from, count), options),
          labels: labels.slice(from, from + count),
        };
      }
    },
  };
}

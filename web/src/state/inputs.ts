// What the networks are fed: the test input, the calibration data, the data set; and how pictures become numbers.
import { computed, signal } from '@preact/signals';
import type { Feeds, Tensor } from '../engine/types';
import { t } from '../i18n';
import { elements, pixelsOf } from '../inputs/arrays';
import { randomItems, referenceItems, USUAL_CALIBRATION } from '../inputs/effort';
import { type DataItem, type DataSet, type NamedFile, openDataSet } from '../inputs/folder';
import { namedFiles } from '../inputs/given';
import { imageFeeds, imageTensor } from '../inputs/images';
import { batchSize, type FeedOptions, feedsOf, joined } from '../inputs/item_feeds';
import { dimsOf } from '../inputs/lengths';
import { canRandomizeAll, randomInputs } from '../inputs/model_inputs';
import { parseNumbers } from '../inputs/numbers';
import { type Picture, pictureUrl } from '../inputs/picture';
import { applyNormalization, type ImageSpec } from '../inputs/preprocess';
import type { Pixels } from '../inputs/resize';
import type { Written } from '../inputs/tokens';
import { imageSpec, opened } from './app';
import { PageError } from './error';
import { inputsOfModel, keepInputs, lengths } from './model_inputs';
import { calibrationLines, calibrationText, lineFeeds, textFeeds, tokenPadding, tokenReading } from './tokens';

export type TestInput =
  | { kind: 'random'; seed: number }
  | { kind: 'sample'; index: number; label: number | null; item: DataItem }
  | { kind: 'image'; picture: Blob; name: string }
  | { kind: 'draw'; pixels: Pixels }
  | { kind: 'text'; written: Written }
  | { kind: 'numbers'; text: Readonly<Record<string, string>> }
  | { kind: 'file'; name: string; feeds: Feeds };

export type CalibrationSource = 'sample' | 'dataset' | 'images' | 'text' | 'random';

export interface NamedSet {
  name: string;
  data: DataSet;
}

export interface SampleSets {
  calibration: DataSet;
  test: NamedSet;
}

export const testInput = signal<TestInput>({ kind: 'random', seed: 1 });
/** The test input as a picture, for views. */
export const testUrl = signal<string | null>(null);
export const calibrationSource = signal<CalibrationSource>('random');
export const calibrationFiles = signal<readonly File[]>([]);
/** As many as a person wants; null: they have not said. */
export const wantedCount = signal<number | null>(null);
/** Data of the open sample network. */
export const sampleSets = signal<SampleSets | null>(null);
/** A data set that the person gave. */
export const dataset = signal<NamedSet | null>(null);

/** The source in force: pictures that are not there yet are stood in for by random numbers. */
export const calibrationFrom = computed<CalibrationSource>(() => {
  const wanted = calibrationSource.value;
  const there = {
    sample: sampleSets.value !== null,
    dataset: dataset.value !== null,
    images: imageSpec.value !== null && calibrationFiles.value.length > 0,
    text: calibrationLines.value.length > 0,
    random: true,
  };
  return there[wanted] ? wanted : 'random';
});

const macs = () => opened.value?.model.summary.macs ?? 0;

export const calibrationCount = computed(
  () => wantedCount.value ?? (calibrationFrom.value === 'random' ? randomItems(macs()) : USUAL_CALIBRATION),
);

/** Changes whenever what calibration sees changes. */
export const calibrationKey = computed(() => {
  const from = calibrationFrom.value;
  const files = from === 'images' ? calibrationFiles.value.map((f) => `${f.name}:${f.size}`).join() : '';
  const name = from === 'dataset' ? dataset.value?.name : '';
  const text = from === 'text' ? [calibrationText.value, tokenReading.value, tokenPadding.value] : '';
  return JSON.stringify([from, calibrationCount.value, files, name, text, imageSpec.value, [...lengths.value]]);
});

/** More numbers than this for one input are a slip of the pen. */
const MOST_NUMBERS = 2 ** 27;

/** The inputs with the lengths that are set. Errors: where = the input's name. */
function sizedInputs() {
  const inputs = inputsOfModel.value;
  for (const input of inputs.all) {
    const count = elements(dimsOf(input, lengths.value));
    if (count > MOST_NUMBERS) throw new PageError(t.app.errors.tooLong(count), input.name, t.app.errors.tooLongHint);
  }
  return inputs;
}

/** Random numbers in the place of a real input; of token models random tokens. */
function randomOf(seed: number): Feeds {
  const inputs = sizedInputs();
  if (!canRandomizeAll(inputs))
    throw new PageError(t.app.errors.notRandom, inputs.all.map((i) => i.name).join(', '), '');
  return randomInputs(inputs, seed, lengths.value);
}

/** `count` of them, of the seeds from `first` on, each made when its turn comes. */
function randoms(first: number, count: number): Iterable<Feeds> {
  return {
    *[Symbol.iterator]() {
      for (let i = 0; i < count; ++i) yield randomOf(first + i);
    },
  };
}

async function readPicture(file: NamedFile, spec: ImageSpec): Promise<Tensor> {
  try {
    return await imageTensor(new Blob([(await file.bytes()) as BlobPart]), spec);
  } catch {
    throw new PageError(t.app.errors.badImage, file.path, t.app.errors.badImageHint);
  }
}

export const feedOptions = (): FeedOptions => ({
  inputs: opened.value?.model.summary.inputs ?? [],
  spec: imageSpec.value,
  readPicture,
});

/** Items from `start` on, at most `count`. */
export function part(data: DataSet, start: number, count = data.length): DataSet {
  const length = Math.max(0, Math.min(count, data.length - start));
  const labels = data.labels?.slice(start, start + length) ?? null;
  return { ...data, length, labels, item: (index) => data.item(start + index) };
}

const oneItem = (item: DataItem): DataSet => ({ length: 1, labels: null, classes: [], item: () => item, skipped: [] });

async function itemFeeds(item: DataItem): Promise<Feeds> {
  for await (const feeds of feedsOf(oneItem(item), feedOptions())) return feeds;
  const name = opened.value?.model.summary.inputs[0]?.name ?? '';
  throw new PageError(t.app.errors.missingInput(name), name, '');
}

const calibrationSet = (): DataSet | null => {
  const from = calibrationFrom.value;
  if (from === 'sample') return sampleSets.value?.calibration ?? null;
  return from === 'dataset' ? (dataset.value?.data ?? null) : null;
};

/** Right classes of the calibration data, item by item; empty where it has none. */
export const calibrationClasses = computed<readonly number[]>(
  () => calibrationSet()?.labels?.slice(0, calibrationCount.value) ?? [],
);

/** Items of one run of calibration. */
export const calibrationBatch = (): number => batchSize(feedOptions().inputs, 1);

export function calibrationFeeds(most = calibrationFiles.value.length): Iterable<Feeds> | AsyncIterable<Feeds> {
  const from = calibrationFrom.value;
  const count = calibrationCount.value;
  const data = calibrationSet();
  if (data) return feedsOf(data, feedOptions(), count);
  if (from === 'images') {
    const files = calibrationFiles.value.slice(0, most).map((file) => ({
      path: file.name,
      bytes: async () => new Uint8Array(await file.arrayBuffer()),
    }));
    const item = (index: number): DataItem => ({ kind: 'picture', file: files[index] as NamedFile });
    return feedsOf({ length: files.length, labels: null, classes: [], item, skipped: [] }, feedOptions());
  }
  if (from === 'text') return calibrationLines.value.map(lineFeeds);
  // Seeds of their own, so that the default test input is not among them.
  return randoms(1000, count);
}

/** A few inputs to measure with: of the data at hand, else random ones. */
export function referenceFeeds(): Iterable<Feeds> | AsyncIterable<Feeds> {
  const data = dataset.value?.data ?? sampleSets.value?.test.data;
  const most = referenceCount();
  if (data) return feedsOf(part(data, data.length >> 1), feedOptions(), most);
  if (calibrationFrom.value === 'images') return calibrationFeeds(most);
  if (calibrationFrom.value === 'text') return calibrationLines.value.slice(0, most).map(lineFeeds);
  return randoms(1, most);
}

/** The most that referenceFeeds gives. */
export const referenceCount = (): number => referenceItems(macs());

/** One picture fills a batch. */
async function batchOf(picture: Picture, spec: ImageSpec): Promise<Feeds> {
  const input = sizedInputs().all.find(({ name }) => name === spec.input);
  const batch = (input && dimsOf(input, lengths.value)[0]) ?? 1;
  const feeds = await imageFeeds(picture, spec);
  const tensor = feeds[spec.input];
  return tensor && batch > 1 ? { [spec.input]: joined(Array.from({ length: batch }, () => tensor)) } : feeds;
}

async function pictureFeeds(picture: Picture, name: string, spec: ImageSpec): Promise<Feeds> {
  try {
    return await batchOf(picture, spec);
  } catch (error) {
    throw error instanceof PageError ? error : new PageError(t.app.errors.badImage, name, t.app.errors.badImageHint);
  }
}

/** Numbers typed by hand, one text per input. */
function typedFeeds(text: Readonly<Record<string, string>>): Feeds {
  const tensors = sizedInputs().all.map((input): [string, Tensor] => {
    const dims = dimsOf(input, lengths.value);
    return [input.name, parseNumbers(text[input.name] ?? '', input.type as Tensor['type'], dims, input.name)];
  });
  return Object.fromEntries(tensors);
}

/** The arrays of a NumPy file as feeds: by the names of the inputs; of many items the first. */
export async function fileFeeds(file: File): Promise<Feeds> {
  const data = await openDataSet(await namedFiles([file]));
  return itemFeeds(data.item(0));
}

export async function testFeeds(): Promise<Feeds> {
  const test = testInput.value;
  const spec = imageSpec.value;
  switch (test.kind) {
    case 'sample':
      return itemFeeds(test.item);
    case 'image':
      return spec ? pictureFeeds(test.picture, test.name, spec) : randomOf(1);
    case 'draw':
      return spec ? batchOf(test.pixels, spec) : randomOf(1);
    case 'text':
      return textFeeds(test.written);
    case 'numbers':
      return typedFeeds(test.text);
    case 'file':
      return test.feeds;
    case 'random':
      return randomOf(test.seed);
  }
}

export async function itemPicture(item: DataItem): Promise<Picture | null> {
  if (item.kind === 'picture') return new Blob([(await item.file.bytes()) as BlobPart]);
  return item.kind === 'array' ? pixelsOf(item.tensor) : null;
}

async function pictureOf(test: TestInput): Promise<Picture | null> {
  if (test.kind === 'sample') return itemPicture(test.item);
  return test.kind === 'image' ? test.picture : test.kind === 'draw' ? test.pixels : null;
}

export async function setTest(test: TestInput): Promise<void> {
  testInput.value = test;
  const picture = await pictureOf(test);
  const url = picture ? await pictureUrl(picture) : null;
  if (testUrl.value) URL.revokeObjectURL(testUrl.value);
  testUrl.value = url;
}

/** Item `index` of a data set (counted around) as the test input. */
export async function setTestItem(data: DataSet, index: number): Promise<void> {
  const at = ((index % data.length) + data.length) % data.length;
  await setTest({ kind: 'sample', index: at, label: data.labels?.[at] ?? null, item: data.item(at) });
}

export function addCalibrationImages(files: readonly File[]): void {
  calibrationFiles.value = [...calibrationFiles.value, ...files];
  calibrationSource.value = 'images';
}

export function setImageSpec(change: Partial<ImageSpec>): void {
  if (imageSpec.value) imageSpec.value = { ...imageSpec.value, ...change };
  keepInputs();
}

export function setNormalization(id: string): void {
  if (imageSpec.value) setImageSpec(applyNormalization(imageSpec.value, id));
}

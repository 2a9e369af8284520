// What the networks are fed: the test input, the calibration data, the data set; and how pictures become numbers.
import { computed, signal } from '@preact/signals';
import type { Feeds, LabelledFeeds, Tensor } from '../engine/types';
import { t } from '../i18n';
import { type Dataset, exampleFeeds, slice } from '../inputs/dataset';
import { imageFeeds } from '../inputs/images';
import { parseNumbers } from '../inputs/numbers';
import type { Picture, Pixels } from '../inputs/picture';
import { pictureUrl } from '../inputs/picture';
import { applyNormalization, type ImageSpec } from '../inputs/preprocess';
import { canRandomize, concreteDims, randomFeeds } from '../inputs/random';
import { imageSpec, opened } from './app';
import { PageError } from './error';

export type TestInput =
  | { kind: 'random'; seed: number }
  | { kind: 'sample'; index: number; label: number; picture: Picture | null; feeds: Feeds | null }
  | { kind: 'image'; picture: Blob; name: string }
  | { kind: 'draw'; pixels: Pixels }
  | { kind: 'numbers'; text: Readonly<Record<string, string>> }
  | { kind: 'file'; name: string; feeds: Feeds };

export type CalibrationSource = 'sample' | 'dataset' | 'images' | 'random';

export const testInput = signal<TestInput>({ kind: 'random', seed: 1 });
/** The test input as a picture, for views. */
export const testUrl = signal<string | null>(null);
export const calibrationSource = signal<CalibrationSource>('random');
export const calibrationFiles = signal<readonly File[]>([]);
export const calibrationCount = signal(32);
/** Test data of the open sample network. */
export const sampleData = signal<Dataset | null>(null);
/** A data set that the person gave. */
export const dataset = signal<Dataset | null>(null);

/** The source in force: pictures that are not there yet are stood in for by random numbers. */
export const calibrationFrom = computed<CalibrationSource>(() => {
  const wanted = calibrationSource.value;
  const there = {
    sample: sampleData.value !== null,
    dataset: dataset.value !== null,
    images: imageSpec.value !== null && calibrationFiles.value.length > 0,
    random: true,
  };
  return there[wanted] ? wanted : 'random';
});

/** Changes whenever what calibration sees changes. */
export const calibrationKey = computed(() => {
  const from = calibrationFrom.value;
  const files = from === 'images' ? calibrationFiles.value.map((f) => `${f.name}:${f.size}`).join() : '';
  const name = from === 'dataset' ? dataset.value?.name : '';
  return JSON.stringify([from, calibrationCount.value, files, name, imageSpec.value]);
});

function modelInputs() {
  const inputs = opened.value?.model.summary.inputs ?? [];
  if (!canRandomize(inputs)) throw new PageError(t.app.errors.notRandom, inputs.map((i) => i.name).join(', '), '');
  return inputs;
}

async function* feedsOf(items: AsyncIterable<LabelledFeeds>): AsyncGenerator<Feeds> {
  for await (const { feeds } of items) yield feeds;
}

const again = (make: () => AsyncIterator<Feeds>, length: number) => ({ length, [Symbol.asyncIterator]: make });

export function calibrationFeeds(): Iterable<Feeds> | AsyncIterable<Feeds> {
  const spec = imageSpec.value;
  const from = calibrationFrom.value;
  const count = calibrationCount.value;
  const data = from === 'sample' ? sampleData.value : from === 'dataset' ? dataset.value : null;
  if (data) {
    const part = slice(data, spec, 0, count);
    return again(() => feedsOf(part), part.length);
  }
  if (from === 'images' && spec) {
    const files = calibrationFiles.value;
    const read = async function* () {
      for (const file of files) yield await pictureFeeds(file, file.name, spec);
    };
    return again(read, files.length);
  }
  const inputs = modelInputs();
  // Seeds of their own, so that the default test input is not among them.
  return Array.from({ length: count }, (_, i) => randomFeeds(inputs, 1000 + i));
}

async function pictureFeeds(picture: Picture, name: string, spec: ImageSpec): Promise<Feeds> {
  try {
    return await imageFeeds(picture, spec);
  } catch {
    throw new PageError(t.app.errors.badImage, name, t.app.errors.badImageHint);
  }
}

/** Numbers typed by hand, one text per input. */
function typedFeeds(text: Readonly<Record<string, string>>): Feeds {
  const tensors = modelInputs().map((input): [string, Tensor] => {
    const dims = concreteDims(input.shape);
    return [input.name, parseNumbers(text[input.name] ?? '', input.type as Tensor['type'], dims, input.name)];
  });
  return Object.fromEntries(tensors);
}

export async function testFeeds(): Promise<Feeds> {
  const test = testInput.value;
  const spec = imageSpec.value;
  switch (test.kind) {
    case 'sample':
      return exampleFeeds(
        { label: test.label, ...(test.picture && { picture: test.picture }), ...(test.feeds && { feeds: test.feeds }) },
        spec,
      );
    case 'image':
      return spec ? pictureFeeds(test.picture, test.name, spec) : randomFeeds(modelInputs(), 1);
    case 'draw':
      return spec ? imageFeeds(test.pixels, spec) : randomFeeds(modelInputs(), 1);
    case 'numbers':
      return typedFeeds(test.text);
    case 'file':
      return test.feeds;
    case 'random':
      return randomFeeds(modelInputs(), test.seed);
  }
}

const pictureOf = (test: TestInput): Picture | null =>
  test.kind === 'image' || test.kind === 'sample' ? test.picture : test.kind === 'draw' ? test.pixels : null;

export async function setTest(test: TestInput): Promise<void> {
  testInput.value = test;
  const picture = pictureOf(test);
  const url = picture ? await pictureUrl(picture) : null;
  if (testUrl.value) URL.revokeObjectURL(testUrl.value);
  testUrl.value = url;
}

/** Example `index` of a data set (counted around) as the test input. */
export async function setTestExample(data: Dataset, index: number): Promise<void> {
  const at = ((index % data.length) + data.length) % data.length;
  const { label, picture = null, feeds = null } = await data.at(at);
  await setTest({ kind: 'sample', index: at, label, picture, feeds });
}

export function addCalibrationImages(files: readonly File[]): void {
  calibrationFiles.value = [...calibrationFiles.value, ...files];
  calibrationSource.value = 'images';
}

export function setImageSpec(change: Partial<ImageSpec>): void {
  if (imageSpec.value) imageSpec.value = { ...imageSpec.value, ...change };
}

export function setNormalization(id: string): void {
  if (imageSpec.value) imageSpec.value = applyNormalization(imageSpec.value, id);
}

// The sample networks that come with the page, and their data, which is made on the spot: a few items at a time, so that
// the page never waits for it.
import { signal } from '@preact/signals';
import { lang } from '../i18n/lang';
import type { DataItem, DataSet } from '../inputs/folder';
import { type Sample, sampleData, sampleSpec } from '../inputs/samples';
import { imageSpec, labels, opened } from './app';
import { calibrationSource, sampleSets, setTestItem } from './inputs';
import { openModel } from './open';
import { asTask } from './task';

export const samples = signal<readonly Sample[]>([]);

const folder = () => new URL('samples/', document.baseURI);
const CALIBRATION = { count: 64, seed: 3 };
const MOST_TESTS = 500;
const PIECE = 8;

export async function loadSamples(): Promise<void> {
  try {
    const response = await fetch(new URL('index.json', folder()));
    const list: unknown = response.ok ? await response.json() : [];
    samples.value = Array.isArray(list) ? (list as Sample[]) : [];
  } catch {
    samples.value = []; // a copy of the page without samples
  }
}

export const wordsOf = (words: Record<'en' | 'zh', string>): string => words[lang.value];

const breathe = () => new Promise((resume) => setTimeout(resume, 0));

async function makeSet(sample: Sample, { count, seed }: { count: number; seed: number }): Promise<DataSet> {
  const parts: DataSet[] = [];
  for (let first = 0; first < count; first += PIECE) {
    parts.push(sampleData(sample, { count: Math.min(PIECE, count - first), seed, first }));
    await breathe();
  }
  const items = parts.flatMap((part) => Array.from({ length: part.length }, (_, i) => part.item(i)));
  return {
    length: items.length,
    labels: parts.flatMap((part) => part.labels ?? []),
    classes: sample.classes,
    item: (index) => items[index] as DataItem,
    skipped: [],
  };
}

export async function startSample(sample: Sample): Promise<void> {
  let file: File | null = null;
  await asTask('fetch', async ({ signal }) => {
    const response = await fetch(new URL(`${sample.id}.onnx`, folder()), { signal });
    file = new File([await response.blob()], `${sample.id}.onnx`);
  });
  if (!file || !(await openModel(file, [], false))) return;
  const open = opened.value;
  if (!open) return;
  const spec = sampleSpec(sample, open.model.summary);
  if (spec) imageSpec.value = spec;
  opened.value = { ...open, sample, guess: spec ? { image: spec, reason: 'sample' } : open.guess };
  labels.value = sample.classes;
  // A task, so that nobody compresses before the data is there.
  await asTask('data', async () => {
    const calibration = await makeSet(sample, CALIBRATION);
    const count = Math.min(MOST_TESTS, sample.test.count);
    const test = await makeSet(sample, { count, seed: sample.test.seed });
    if (opened.value?.sample !== sample) return;
    sampleSets.value = { calibration, test: { name: wordsOf(sample.name), data: test } };
    calibrationSource.value = 'sample';
    await setTestItem(test, 0);
  });
}

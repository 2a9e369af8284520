// Data on the command line: a folder, a file, one of Halftone's own sets (`sample:digits`) or random numbers, and how
// the model wants it, guessed as in the page where no option says otherwise.

import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, relative, sep } from 'node:path';
import { makeDigits, makePoints, makeShapes } from '../src/engine/index';
import type { Feeds, HalftoneModel } from '../src/engine/types';
import { arrayDataSet, type DataSet, openDataSet } from '../src/inputs/folder';
import { guessInput } from '../src/inputs/guess';
import { batchSize, type FeedOptions, feedsOf } from '../src/inputs/item_feeds';
import { canRandomizeAll, lengthsFor, modelInputs, randomInputs } from '../src/inputs/model_inputs';
import { applyNormalization, type ImageSpec, NORMALIZATIONS } from '../src/inputs/preprocess';

import { type Args, type Option, UsageError } from './options';
import { onDisk, readPicture } from './pictures';

const samples = { digits: makeDigits, shapes: makeShapes, points: makePoints };
const SAMPLE_COUNT = 512;

export const preprocessing: Record<string, Option> = {
  normalization: { value: 'name', help: `${NORMALIZATIONS.map(({ id }) => id).join(', ')}; default: guessed` },
  scale: { value: 'x', help: 'pictures: (value * scale - mean) / std for each channel' },
  mean: { value: 'a,b,c', help: 'in the order of the channels' },
  std: { value: 'a,b,c', help: 'in the order of the channels' },
  channels: { value: 'order', help: 'rgb or bgr' },
  fit: { value: 'how', help: 'crop (the middle) or stretch' },
};

export const dataNotes = [
  'Data is a folder or a file: pictures (PNG, JPEG; a subfolder for each class), .npy, .npz, IDX (MNIST) or',
  "CIFAR's .bin, also gzipped. `sample:digits`, `sample:shapes` and `sample:points` are made on the spot.",
];

async function filesOf(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => `${entry.parentPath ?? entry.path}/${entry.name}`);
}

/** `seed`: of a set that is made; training and calibration use 1, evaluation 2. Errors: invalid_input, UsageError. */
export async function openData(path: string, seed: number, limit = SAMPLE_COUNT): Promise<DataSet> {
  const [, name] = /^sample:(\w+)$/.exec(path) ?? [];
  if (name !== undefined) {
    const make = Object.hasOwn(samples, name) ? samples[name as keyof typeof samples] : undefined;
    if (!make) throw new UsageError(`There is no set ${path}.`, `There are ${Object.keys(samples).join(', ')}.`);
    const { data, labels, classes } = make({ count: limit, seed });
    return arrayDataSet(data, labels, classes);
  }
  const files = await filesOf(path);
  const root = (await stat(path)).isDirectory() ? path : dirname(path);
  const data = await openDataSet(files.map((file) => onDisk(relative(root, file).split(sep).join('/'), root)));
  if (data.skipped.length > 0) {
    const [first = ''] = data.skipped;
    process.stderr.write(`Left out ${data.skipped.length} files that hold no data (${basename(first)} ...).\n`);
  }
  return data;
}

function withOptions(spec: ImageSpec, args: Args): ImageSpec {
  const name = args.choice(
    'normalization',
    NORMALIZATIONS.map(({ id }) => id),
  );
  const named = name === undefined ? spec : applyNormalization(spec, name);
  const order = args.choice('channels', ['rgb', 'bgr'] as const);
  return {
    ...named,
    channels: order !== undefined && named.channels !== 'gray' ? order : named.channels,
    scale: args.numbers('scale')?.[0] ?? named.scale,
    mean: args.numbers('mean') ?? named.mean,
    std: args.numbers('std') ?? named.std,
    fit: args.choice('fit', ['crop', 'stretch'] as const) ?? named.fit,
  };
}

export function feedOptions({ summary }: HalftoneModel, args: Args): FeedOptions {
  const { image } = guessInput(summary);
  return { inputs: summary.inputs, spec: image ? withOptions(image, args) : null, readPicture };
}

const CALIBRATION_LIMIT = 128;

export const calibrationOptions: Record<string, Option> = {
  calibration: { value: 'data', help: 'data like that which the model will see' },
  random: { value: 'n', help: 'calibrate with n runs of random numbers instead' },
  limit: { value: 'n', help: `use at most n items; default ${CALIBRATION_LIMIT}` },
};

export interface Calibration {
  calibration: AsyncIterable<Feeds> | Feeds[];
  /** Right classes item by item; empty where the data has none. */
  labels: readonly number[];
  /** Items of one run. */
  batch: number;
}

/** What calibrationOptions ask for; null: nothing. */
export async function openCalibration(model: HalftoneModel, args: Args): Promise<Calibration | null> {
  const options = feedOptions(model, args);
  const batch = batchSize(options.inputs, 1);
  const random = args.count('random');
  if (random !== undefined) return { calibration: await randomRuns(model, random), labels: [], batch };
  const path = args.text('calibration');
  if (path === undefined) return null;
  const limit = args.count('limit') ?? CALIBRATION_LIMIT;
  const data = await openData(path, 1, limit);
  return { calibration: feedsOf(data, options, limit), labels: data.labels?.slice(0, limit) ?? [], batch };
}

/** Seeded uniform numbers, as the page makes them, of the lengths that it guesses. Errors: UsageError. */
export async function randomRuns(model: HalftoneModel, count: number): Promise<Feeds[]> {
  const inputs = modelInputs(model.summary, await model.graph());
  if (!canRandomizeAll(inputs))
    throw new UsageError('Random data cannot be made for the types of this model’s inputs.');
  return Array.from({ length: count }, (_, i) => randomInputs(inputs, 1000 + i, lengthsFor(inputs)));
}

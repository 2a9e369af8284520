// From the state's choices to feeds: calibration data and the test input.

import type { Feeds } from '../engine/types';
import { t } from '../i18n';
import { imageDataset, imageFeeds } from '../inputs/images';
import { canRandomize, randomFeeds } from '../inputs/random';
import { calibrationFiles, imageSpec, opened, randomCount, type TestInput, usesPictures } from './app';
import { PageError } from './error';

function modelInputs() {
  const inputs = opened.value?.model.summary.inputs ?? [];
  if (!canRandomize(inputs)) throw new PageError(t.errors.notRandom, inputs.map((i) => i.name).join(', '), '');
  return inputs;
}

export function calibrationFeeds(): Iterable<Feeds> | AsyncIterable<Feeds> {
  const spec = imageSpec.value;
  if (usesPictures.value && spec !== null) return imageDataset(calibrationFiles.value, spec);
  const inputs = modelInputs();
  // Seeds of their own, so that the default test input is not among them.
  return Array.from({ length: randomCount.value }, (_, i) => randomFeeds(inputs, 1000 + i));
}

export async function testFeeds(test: TestInput): Promise<Feeds> {
  const spec = imageSpec.value;
  if (test.kind === 'random' || spec === null)
    return randomFeeds(modelInputs(), test.kind === 'random' ? test.seed : 1);
  try {
    return await imageFeeds(test.file, spec);
  } catch {
    throw new PageError(t.errors.badImage, test.file.name, t.errors.badImageHint);
  }
}

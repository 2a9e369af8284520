// What a person can do, as functions. Each long one runs as the page's one task: with progress, a
// cancel that keeps everything done before, and errors that end in the error card.

import { Halftone } from '../engine';
import type { Feeds, HalftoneModel, Progress } from '../engine/types';
import { t } from '../i18n';
import { classCount, guessInput } from '../inputs/guess';
import { isImageFile } from '../inputs/images';
import { applyNormalization, type ImageSpec } from '../inputs/preprocess';
import { knownLabels, parseLabels } from '../results/labels';
import * as app from './app';
import { PageError, toAppError } from './error';
import { calibrationFeeds, testFeeds } from './feeds';

const TIMED_RUNS = 9;
const TIMING_BUDGET_MS = 4000;

export async function startEngine(): Promise<void> {
  try {
    app.engine.value = await Halftone.create({ wasmBase: new URL('engine/', document.baseURI) });
  } catch (error) {
    app.error.value = toAppError(error);
  }
}

/** Runs `work` as the page's task. A newer task aborts the older. Cancelling is not an error. */
async function asTask(
  stage: string,
  work: (signal: AbortSignal, onProgress: (p: Progress) => void) => Promise<void>,
): Promise<void> {
  app.task.value?.controller.abort();
  const controller = new AbortController();
  const mine = () => app.task.value?.controller === controller;
  app.error.value = null;
  app.task.value = { stage, done: 0, total: 0, controller };
  try {
    await work(controller.signal, (p) => {
      if (mine()) app.task.value = { ...p, controller };
    });
  } catch (error) {
    if (!controller.signal.aborted) app.error.value = toAppError(error);
  } finally {
    if (mine()) app.task.value = null;
  }
}

export function cancelTask(): void {
  app.task.value?.controller.abort();
  app.task.value = null;
}

// --- opening --------------------------------------------------------------------------------------

const isModel = (file: File) => /\.(onnx|ort|pb)$/i.test(file.name);
const isLabels = (file: File) => /\.txt$/i.test(file.name);

/** Files from a drop or a picker, sorted by what they are. */
export async function openFiles(files: readonly File[]): Promise<void> {
  const model = files.find(isModel);
  const images = files.filter(isImageFile);
  const names = files.find(isLabels);
  if (model)
    await openModel(
      model,
      files.filter((f) => f !== model && !images.includes(f) && f !== names),
    );
  else if (!app.opened.value || (images.length === 0 && !names)) await openUnknown(files);
  if (images.length > 0 && app.opened.value) addCalibrationImages(images);
  if (names && app.opened.value) await useLabels(names);
}

/** No name says "model": a single file may still be one; the engine tells. */
async function openUnknown(files: readonly File[]): Promise<void> {
  const [only] = files;
  if (files.length === 1 && only && !isImageFile(only)) return openModel(only, []);
  app.error.value = toAppError(
    new PageError(t.errors.noModel, files.map((f) => f.name).join(', '), t.errors.noModelHint),
  );
}

async function openModel(file: File, others: readonly File[]): Promise<void> {
  const engine = app.engine.value;
  if (!engine) return;
  await asTask('load', async (signal, onProgress) => {
    const externalData = Object.fromEntries(others.map((f) => [f.name, f]));
    const model = await engine.load(file, { externalData, onProgress, signal });
    closeModel();
    const guess = guessInput(model.summary);
    app.opened.value = { fileName: file.name, model, guess };
    app.imageSpec.value = guess.image;
    app.calibration.value = guess.image ? 'images' : 'random';
    const first = app.findPass('quantize_static') ?? app.passes.value[0];
    app.recipe.value = first ? [{ pass: first.name }] : [];
    app.labels.value = await knownLabels(classCount(model.summary), guess.image?.channels === 'gray');
  });
}

export function closeModel(): void {
  dropCompressed();
  app.opened.value?.model.dispose();
  app.opened.value = null;
  app.calibrationFiles.value = [];
  setTest({ kind: 'random', seed: 1 });
}

function dropCompressed(): void {
  app.results.value = null;
  app.compressed.value?.dispose();
  app.compressed.value = null;
}

async function useLabels(file: File): Promise<void> {
  const names = parseLabels(await file.text());
  const classes = classCount(app.opened.value?.model.summary as HalftoneModel['summary']);
  if (classes > 0 && names.length !== classes) {
    app.error.value = toAppError(new PageError(t.errors.tooManyLabels(names.length, classes), file.name, ''));
    return;
  }
  app.labels.value = names;
}

// --- choosing -------------------------------------------------------------------------------------

export function addCalibrationImages(files: readonly File[]): void {
  app.calibrationFiles.value = [...app.calibrationFiles.value, ...files];
  app.calibration.value = 'images';
  const [first] = files;
  if (app.testInput.value.kind === 'random' && first)
    setTest({ kind: 'image', file: first, url: URL.createObjectURL(first) });
}

export function clearCalibrationImages(): void {
  app.calibrationFiles.value = [];
}

function setTest(test: app.TestInput): void {
  const before = app.testInput.value;
  if (before.kind === 'image') URL.revokeObjectURL(before.url);
  app.testInput.value = test;
}

export async function chooseTestImage(file: File): Promise<void> {
  setTest({ kind: 'image', file, url: URL.createObjectURL(file) });
  await rerun();
}

export async function chooseTestRandom(): Promise<void> {
  const before = app.testInput.value;
  setTest({ kind: 'random', seed: before.kind === 'random' ? before.seed + 1 : 1 });
  await rerun();
}

export function setParam(index: number, name: string, value: unknown): void {
  app.recipe.value = app.recipe.value.map((step, i) => (i === index ? { ...step, [name]: value } : step));
}

export function resetStep(index: number): void {
  app.recipe.value = app.recipe.value.map((step, i) => (i === index ? { pass: step.pass } : step));
}

export function addStep(pass: string): void {
  app.recipe.value = [...app.recipe.value, { pass }];
}

export function removeStep(index: number): void {
  app.recipe.value = app.recipe.value.filter((_, i) => i !== index);
}

export function setImageSpec(change: Partial<ImageSpec>): void {
  if (app.imageSpec.value) app.imageSpec.value = { ...app.imageSpec.value, ...change };
}

export function setNormalization(id: string): void {
  if (app.imageSpec.value) app.imageSpec.value = applyNormalization(app.imageSpec.value, id);
}

// --- working --------------------------------------------------------------------------------------

export async function compress(): Promise<void> {
  const source = app.opened.value?.model;
  if (!source) return;
  await asTask('compress', async (signal, onProgress) => {
    const data = app.needsCalibration.value ? calibrationFeeds() : undefined;
    const made = await source.apply(app.recipe.value, { ...(data && { calibration: data }), onProgress, signal });
    dropCompressed();
    app.compressed.value = made;
    await runBoth(source, made, signal, onProgress);
  });
}

async function rerun(): Promise<void> {
  const source = app.opened.value?.model;
  const made = app.compressed.value;
  if (source && made) await asTask('run', (signal, onProgress) => runBoth(source, made, signal, onProgress));
}

async function runBoth(
  source: HalftoneModel,
  made: HalftoneModel,
  signal: AbortSignal,
  onProgress: (p: Progress) => void,
): Promise<void> {
  const engine = app.engine.value;
  if (!engine) return;
  const feeds = await testFeeds(app.testInput.value);
  onProgress({ stage: 'compare', done: 0, total: 0 });
  const comparison = await engine.compare(source, made, feeds, { signal });
  const [original, smaller] = await timeBoth(source, made, feeds, signal, onProgress);
  app.results.value = { original, compressed: smaller, comparison };
}

/** Interleaved, after one warm-up each, so that both meet the same machine. */
async function timeBoth(
  source: HalftoneModel,
  made: HalftoneModel,
  feeds: Feeds,
  signal: AbortSignal,
  onProgress: (p: Progress) => void,
): Promise<[app.Side, app.Side]> {
  const first = await source.run(feeds, { signal });
  const second = await made.run(feeds, { signal });
  const times: [number[], number[]] = [[], []];
  const start = performance.now();
  for (let i = 0; i < TIMED_RUNS && (i < 3 || performance.now() - start < TIMING_BUDGET_MS); ++i) {
    onProgress({ stage: 'time', done: i, total: TIMED_RUNS });
    times[0].push((await source.run(feeds, { signal })).ms);
    times[1].push((await made.run(feeds, { signal })).ms);
  }
  return [
    { bytes: source.summary.bytes, result: first, times: times[0] },
    { bytes: made.summary.bytes, result: second, times: times[1] },
  ];
}

export function outputName(fileName: string): string {
  return `${fileName.replace(/\.[^.]*$/, '')}-int8.onnx`;
}

export async function download(): Promise<void> {
  const made = app.compressed.value;
  const source = app.opened.value;
  if (!made || !source) return;
  try {
    const bytes = await made.export({ format: 'qdq' });
    const url = URL.createObjectURL(new Blob([bytes as BlobPart], { type: 'application/octet-stream' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = outputName(source.fileName);
    link.click();
    // The browser has taken the blob once the click returns; a later task lets slow ones start.
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  } catch (error) {
    app.error.value = toAppError(error);
  }
}

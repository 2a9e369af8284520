// Opening: files from a drop, a picker, a link or the list of recent ones, sorted by what they are.
import { Halftone } from '../engine';
import type { Engine } from '../engine/types';
import { t } from '../i18n';
import { looksLikeData } from '../inputs/given';
import { classCount, guessInput, keptGuess } from '../inputs/guess';
import { isImageFile } from '../inputs/images';
import { fetchLink, parseLink } from '../inputs/link';
import { knownLabels, parseLabels } from '../results/labels';
import * as app from './app';
import { dropAttempts } from './attempts';
import { dropResults, rerun } from './compress';
import { openData } from './data';
import { PageError } from './error';
import * as inputs from './inputs';
import { judgement } from './judged';
import { scanned } from './layers';
import { dropMemory } from './memory';
import { setLengths } from './model_inputs';
import { firstPreset } from './presets';
import { choicesFor, remember } from './recent';
import { dropRisks, findRisks } from './risks';
import { unsaved } from './saved';
import { asTask, showError } from './task';
import { dropTokens } from './tokens';
import { view } from './ui';

/** One engine for the page's life; what is opened before it has started waits for it. */
let starting: Promise<Engine> | null = null;

export async function startEngine(): Promise<void> {
  starting ??= Halftone.create({ wasmBase: new URL('engine/', document.baseURI) });
  try {
    app.engine.value = await starting;
  } catch (error) {
    starting = null;
    showError(error);
  }
}

const isModel = (file: File) => /\.(onnx|ort|pb)$/i.test(file.name);
const isLabels = (file: File) => /\.txt$/i.test(file.name);

export async function openFiles(files: readonly File[]): Promise<void> {
  const model = files.find(isModel);
  const images = files.filter(isImageFile);
  const names = files.find(isLabels);
  const rest = files.filter((f) => f !== model && !images.includes(f) && f !== names);
  if (model) await openModel(model, rest);
  else if (app.opened.value === null) return openUnknown(files);
  if (!app.opened.value) return;
  if (looksLikeData(rest) && !model) return openData(rest);
  if (images.length > 0) await takeImages(images);
  if (names) await useLabels(names);
}

/** No name says "model": a single file may still be one; the engine tells. */
async function openUnknown(files: readonly File[]): Promise<void> {
  const [only] = files;
  if (files.length === 1 && only && !isImageFile(only)) {
    await openModel(only);
    return;
  }
  const { noModel, noModelHint } = t.app.errors;
  showError(new PageError(noModel, files.map((f) => f.name).join(', '), noModelHint));
}

/** One picture is the test input, several are calibration data; the first of them is then the test input too. */
async function takeImages(images: readonly File[]): Promise<void> {
  const [first] = images;
  if (images.length > 1) inputs.addCalibrationImages(images);
  if (!first || !app.imageSpec.value) return;
  if (images.length > 1 && inputs.testInput.value.kind !== 'random') return;
  await inputs.setTest({ kind: 'image', picture: first, name: first.name });
  await rerun();
}

/** Answers whether the model is open. Samples are not remembered: they are on the first screen anyway. */
export async function openModel(file: File, others: readonly File[] = [], keep = true): Promise<boolean> {
  return asTask('load', async ({ signal, onProgress }) => {
    await startEngine();
    const engine = app.engine.value;
    if (!engine) return;
    const externalData = Object.fromEntries(others.map((f) => [f.name, f]));
    const model = await engine.load(file, { externalData, onProgress, signal });
    const graph = await model.graph();
    closeModel();
    const kept = keep ? choicesFor(file) : undefined;
    const guess = keptGuess(guessInput(model.summary), kept?.image);
    app.opened.value = { fileName: file.name, fileSize: file.size, model, graph, guess, sample: null };
    app.imageSpec.value = guess.image;
    setLengths(kept?.lengths ?? new Map());
    inputs.calibrationSource.value = guess.image ? 'images' : 'random';
    app.editRecipe({ type: 'replace', recipe: firstPreset() });
    app.labels.value = await knownLabels(classCount(model.summary), guess.image?.channels === 'gray');
    view.value = 'model';
    void findRisks(model);
    if (others.length === 0 && keep) void remember(file);
  });
}

export function closeModel(): void {
  dropResults();
  dropAttempts();
  app.opened.value?.model.dispose();
  app.opened.value = null;
  app.selected.value = null;
  app.error.value = null;
  unsaved.value = false;
  inputs.calibrationFiles.value = [];
  inputs.wantedCount.value = null;
  inputs.sampleSets.value = null;
  inputs.dataset.value = null;
  judgement.value = null;
  scanned.value = null;
  dropRisks();
  dropMemory();
  dropTokens();
  void inputs.setTest({ kind: 'random', seed: 1 });
}

async function useLabels(file: File): Promise<void> {
  const summary = app.opened.value?.model.summary;
  const names = parseLabels(await file.text());
  const classes = summary ? classCount(summary) : 0;
  if (classes > 0 && names.length !== classes) {
    showError(new PageError(t.app.errors.tooManyLabels(names.length, classes), file.name, ''));
    return;
  }
  app.labels.value = names;
}

export async function openLink(text: string): Promise<void> {
  const link = parseLink(text);
  if (!link) return showError(new PageError(t.app.errors.badUrl, text, t.app.errors.badUrlHint));
  let blob: Blob | null = null;
  await asTask('fetch', async ({ signal, onProgress }) => {
    blob = await fetchLink(link.url, { signal, onProgress: (p) => onProgress({ ...p, stage: 'fetch' }) });
  });
  if (blob) await openModel(new File([blob], link.name));
}

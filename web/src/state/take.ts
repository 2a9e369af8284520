// Taking away: the ONNX file, the recipe, the script, the report.

import { computed, signal } from '@preact/signals';
import type { HalftoneModel } from '../engine/types';
import { t } from '../i18n';
import { type Forms, formsOf } from '../results/forms';
import { command, pythonScript } from '../results/script';
import { saveBlob, saveText } from '../save';
import { editRecipe, engine, needsCalibration, opened, recipe, results } from './app';
import { PageError } from './error';
import { parseRecipe } from './recipe';
import { unsaved } from './saved';
import { showError } from './task';

export type Format = 'qdq' | 'qoperator';

export const baseName = () => (opened.value?.fileName ?? 'model.onnx').replace(/\.[^.]*$/, '');
export const outputName = (): string => `${baseName()}-int8.onnx`;

export async function exported(format: Format): Promise<Uint8Array | null> {
  return (await results.value?.made.export({ format })) ?? null;
}

const counted = signal<{ made: HalftoneModel; forms: Forms } | null>(null);

/** What the QOperator form of the shown result has on integers; null: not counted. */
export const forms = computed<Forms | null>(() =>
  counted.value && counted.value.made === results.value?.made ? counted.value.forms : null,
);

/** Reads the file that would be downloaded. */
export async function countForms(): Promise<void> {
  const made = results.value?.made;
  const bytes = await exported('qoperator');
  const read = bytes && (await engine.value?.load(bytes));
  if (!made || !read) return;
  try {
    counted.value = { made, forms: formsOf(await read.graph()) };
  } finally {
    read.dispose();
  }
}

export async function download(format: Format): Promise<void> {
  try {
    const bytes = await exported(format);
    if (!bytes) return;
    saveBlob(new Blob([bytes as BlobPart], { type: 'application/octet-stream' }), outputName());
    unsaved.value = false;
  } catch (error) {
    showError(error);
  }
}

export const recipeText = (): string => JSON.stringify(recipe.value, null, 2);

export const saveRecipe = (): void => saveText(`${recipeText()}\n`, `${baseName()}-recipe.json`, 'application/json');

export async function loadRecipe(file: File): Promise<void> {
  try {
    editRecipe({ type: 'replace', recipe: parseRecipe(await file.text()) });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    showError(new PageError(t.app.errors.badRecipe, `${file.name}: ${why}`, t.app.errors.badRecipeHint));
  }
}

export const script = () => {
  const input = opened.value?.model.summary.inputs[0]?.name ?? 'input';
  return pythonScript(recipe.value, opened.value?.fileName ?? 'model.onnx', outputName(), input);
};

export const commandLine = (): string =>
  command(opened.value?.fileName ?? 'model.onnx', outputName(), needsCalibration.value);

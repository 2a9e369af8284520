// Taking away: the ONNX file, the recipe, the script, the report.

import { computed, signal } from '@preact/signals';
import type { HalftoneModel, LayerDiff } from '../engine/types';
import { formatBytes, formatDb, formatFixed, formatMs, formatPercentDigits, formatValue, median } from '../format';
import { t } from '../i18n';
import { langTag } from '../i18n/lang';
import { type Forms, formsOf } from '../results/forms';
import { type ReportTable, reportHtml } from '../results/report';
import { command, pythonScript } from '../results/script';
import { saveBlob, saveText } from '../save';
import { editRecipe, engine, needsCalibration, opened, recipe, results } from './app';
import { PageError } from './error';
import { judgement } from './judged';
import { memoryOf } from './memory';
import { parseRecipe, toRecipe } from './recipe';
import { unsaved } from './saved';
import { showError } from './task';

export type Format = 'qdq' | 'qoperator';

const baseName = () => (opened.value?.fileName ?? 'model.onnx').replace(/\.[^.]*$/, '');
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

function layerTable(layers: readonly LayerDiff[]): ReportTable {
  const db = (v: number | null | undefined) => (v === undefined ? '' : formatDb(v, t.compare.equal));
  const share = (v: number | undefined) => (v === undefined ? '' : formatPercentDigits(v, 2));
  return {
    title: t.compare.layers,
    head: [
      t.model.layer,
      t.model.operator,
      t.compare.sqnr,
      t.model.alone,
      t.compare.cosine,
      t.compare.maxError,
      t.model.clipped,
      t.model.dead,
    ],
    rows: layers.map((l) => [
      l.name,
      l.op,
      db(l.sqnr),
      db(l.aloneSqnr),
      formatFixed(l.cosine, 4),
      formatValue(l.maxAbsError),
      share(l.clipped),
      share(l.dead),
    ]),
  };
}

function tables(): ReportTable[] {
  const shown = results.value;
  if (!shown) return [];
  const steps = shown.stepResults.map(({ report, bytes, sqnr, ms }) => [
    report.pass,
    formatBytes(bytes),
    sqnr === undefined ? '' : formatDb(sqnr, t.compare.equal),
    ms === undefined ? '' : formatMs(ms),
    (report.warnings ?? []).map((w) => w.message).join(' '),
  ]);
  return [
    {
      title: t.take.whatChanged,
      head: [t.take.step, t.compare.size, t.compare.sqnr, t.compare.latency, t.take.notes],
      rows: steps,
    },
    layerTable(shown.comparison.layers),
  ];
}

/** Where it was measured. */
const memoryFacts = (...networks: [string, HalftoneModel][]): [string, string][] =>
  networks.flatMap(([name, model]) => {
    const bytes = memoryOf.value.get(model);
    return typeof bytes === 'number' ? [[`${t.compare.memory}, ${name}`, formatBytes(bytes)] as [string, string]] : [];
  });

/** `charts`: what is drawn on the page, as standalone SVG. */
export function saveReport(charts: readonly { title: string; svg: string }[]): void {
  const shown = results.value;
  const open = opened.value;
  if (!shown || !open) return;
  const judged = judgement.value;
  const facts: [string, string][] = [
    [`${t.compare.size}, ${t.compare.original}`, formatBytes(shown.original.bytes)],
    [`${t.compare.size}, ${t.compare.compressed}`, formatBytes(shown.compressed.bytes)],
    [`${t.compare.latency}, ${t.compare.original}`, formatMs(median(shown.original.times))],
    [`${t.compare.latency}, ${t.compare.compressed}`, formatMs(median(shown.compressed.times))],
    ...memoryFacts([t.compare.original, open.model], [t.compare.compressed, shown.made]),
    [t.compare.sqnr, formatDb(shown.comparison.outputs[0]?.sqnr ?? null, t.compare.equal)],
  ];
  if (judged)
    facts.push(
      [`${t.judge.accuracy}, ${t.compare.original}`, formatPercentDigits(judged.original.accuracy, 1)],
      [`${t.judge.accuracy}, ${t.compare.compressed}`, formatPercentDigits(judged.compressed.accuracy, 1)],
    );
  const date = new Intl.DateTimeFormat(langTag(), { dateStyle: 'long' }).format(new Date());
  const html = reportHtml({
    lang: langTag(),
    title: t.take.reportTitle(open.fileName),
    made: t.take.reportMade(date),
    facts,
    charts,
    tables: tables(),
    recipeTitle: t.take.recipe,
    recipe: JSON.stringify(toRecipe(shown.steps), null, 2),
  });
  saveText(html, `${baseName()}-report.html`, 'text/html');
}

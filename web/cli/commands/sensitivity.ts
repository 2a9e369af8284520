// halftone sensitivity: each layer alone on integers, and which layers are best left in float.

import type { Recipe, Sensitivity, TrialResult } from '../../src/engine/types';
import { calibrationOptions, dataNotes, openCalibration, preprocessing } from '../data';
import { engineOptions, loadModel, print, printJson, table, withEngine } from '../engine';
import { type Args, type Command, UsageError } from '../options';
import { showProgress } from '../progress';
import { readRecipe } from '../recipe_file';

const DEFAULT_FEEDS = 8;
const QUANTIZING = 'quantize_static';

/** The recipe up to its quantizing step, and that step. Errors: UsageError. */
function divided(recipe: Recipe, path: string) {
  const place = recipe.findIndex(({ pass }) => pass === QUANTIZING);
  const quantize = recipe[place];
  if (!quantize) throw new UsageError(`${path} has no ${QUANTIZING}, whose layers could be tried.`);
  return { before: recipe.slice(0, place), quantize };
}

async function run(args: Args): Promise<void> {
  const path = args.text('recipe');
  const steps = path === undefined ? {} : divided(await readRecipe(path), path);
  const feeds = args.count('feeds') ?? DEFAULT_FEEDS;
  await withEngine(args, async (engine) => {
    const model = await loadModel(engine, args.operand(0), args);
    const data = await openCalibration(model, args);
    if (!data)
      throw new UsageError('Layers are tried on data.', 'Say --calibration <folder>, or --random 8 for a first try.');
    const { calibration, labels, batch } = data;
    const tried = { feeds, labels: labels.slice(0, feeds * batch) };
    const found = await model.sensitivity({ ...steps, ...tried, calibration, onProgress: showProgress });
    if (args.has('json')) printJson(found);
    else printFound(found);
  });
}

const decibels = (v: number | null): string => (v === null ? 'equal' : `${v.toFixed(1)} dB`);
const percent = (v: number): string => `${(100 * v).toFixed(1)} %`;
const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;

const trialCells = ({ sqnr, divergence, agreement, accuracy }: TrialResult): string[] => [
  decibels(sqnr),
  ...(divergence === undefined ? [] : [divergence.toFixed(4)]),
  ...(agreement === undefined ? [] : [percent(agreement)]),
  ...(accuracy === undefined ? [] : [percent(accuracy)]),
];

function printFound({ feeds, all, layers, suggestion, floatAccuracy }: Sensitivity): void {
  const head = ['layer', 'operator', 'signal to noise'];
  if (all.divergence !== undefined) head.push('divergence');
  if (all.agreement !== undefined) head.push('agreement');
  if (all.accuracy !== undefined) head.push('accuracy');
  const rows = layers.map((layer) => [
    ...[layer.node, layer.op, ...trialCells(layer)],
    ...[decibels(layer.gain), kilobytes(layer.bytes)],
  ]);
  print(table([[...head, 'gain in float', 'that costs'], ...rows, ['all layers', '', ...trialCells(all), '', '']]));
  print(`\nOver ${feeds} runs.${floatAccuracy === undefined ? '' : ` Accuracy in float: ${percent(floatAccuracy)}.`}`);
  if (suggestion.nodes.length === 0) return;
  print(`Leave in float: ${suggestion.nodes.join(', ')}`);
  print(`  gains ${decibels(suggestion.gain)}, costs ${kilobytes(suggestion.bytes)}`);
}

export const sensitivity: Command = {
  summary: 'Tries each layer alone on integers and says which to leave in float.',
  operands: ['model.onnx'],
  options: {
    recipe: { value: 'file', help: `take ${QUANTIZING} and the steps before it from this recipe` },
    feeds: { value: 'n', help: `try on n runs; default ${DEFAULT_FEEDS}` },
    ...calibrationOptions,
    ...preprocessing,
    ...engineOptions,
  },
  notes: dataNotes,
  run,
};

// halftone apply: a recipe on a model, to a new file.

import { readFile, writeFile } from 'node:fs/promises';
import { fail } from '../../src/engine/error';
import type { Feeds, HalftoneModel, Recipe } from '../../src/engine/types';
import { feedsOf } from '../../src/inputs/item_feeds';
import { needsData } from '../../src/inputs/needs';
import { dataNotes, feedOptions, openData, preprocessing, randomRuns } from '../data';
import { engineOptions, loadModel, megabytes, print, printJson, withEngine } from '../engine';
import { type Args, type Command, UsageError } from '../options';
import { showProgress } from '../progress';

const DEFAULT_LIMIT = 128;

/** A list of steps, or a file of the page or of --report that holds one. */
async function readRecipe(path: string): Promise<Recipe> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) throw fail('invalid_recipe', `This is no JSON: ${error.message}.`, path);
    throw error;
  }
  const steps = Array.isArray(content) ? content : (content as { recipe?: unknown } | null)?.recipe;
  if (!Array.isArray(steps))
    throw fail('invalid_recipe', 'A recipe is a list of steps.', path, 'For example [{"pass": "quantize_static"}].');
  return steps as Recipe;
}

async function calibrationFor(model: HalftoneModel, args: Args): Promise<(AsyncIterable<Feeds> | Feeds[]) | undefined> {
  const random = args.count('random');
  if (random !== undefined) return randomRuns(model, random);
  const path = args.text('calibration');
  if (path === undefined) return undefined;
  const limit = args.count('limit') ?? DEFAULT_LIMIT;
  return feedsOf(await openData(path, 1, limit), feedOptions(model, args), limit);
}

async function run(args: Args): Promise<void> {
  const [recipePath, modelPath, output] = [args.operand(0), args.operand(1), args.text('output')];
  if (output === undefined) throw new UsageError('Where should the new file go?', 'Say -o out.onnx.');
  const format = args.choice('format', ['qdq', 'qoperator'] as const) ?? 'qdq';
  const recipe = await readRecipe(recipePath);
  await withEngine(args, async (engine) => {
    const model = await loadModel(engine, modelPath, args);
    const { passes } = engine.capabilities;
    const needs = recipe.some(({ pass, ...params }) =>
      passes.some((spec) => spec.name === pass && needsData(spec, params)),
    );
    const calibration = await calibrationFor(model, args);
    if (needs && calibration === undefined)
      throw new UsageError('This recipe looks at data.', 'Say --calibration <folder>, or --random 32 for a first try.');
    const small = await model.apply(recipe, { ...(calibration && { calibration }), onProgress: showProgress });
    const file = await small.export({ format });
    await writeFile(output, file);
    const report = args.text('report');
    if (report !== undefined) await writeFile(report, `${JSON.stringify(small.report, null, 2)}\n`);
    if (args.has('json')) printJson({ output, bytes: file.length, report: small.report });
    else printSteps(model, small, file.length, output);
  });
}

function printSteps(model: HalftoneModel, small: HalftoneModel, bytes: number, output: string): void {
  for (const { pass, bytesBefore, bytesAfter, warnings } of small.report?.steps ?? []) {
    print(`${pass}: ${megabytes(bytesBefore)} -> ${megabytes(bytesAfter)}`);
    for (const { message, where } of warnings) print(`  ${message}${where ? ` (${where})` : ''}`);
  }
  const share = Math.round((100 * bytes) / model.summary.bytes);
  print(`${output}: ${megabytes(bytes)}, ${share} % of ${megabytes(model.summary.bytes)}`);
}

export const apply: Command = {
  summary: 'Applies a recipe to a model and writes the new one.',
  operands: ['recipe.json', 'model.onnx'],
  options: {
    output: { value: 'file', help: 'the new ONNX file', short: 'o' },
    calibration: { value: 'data', help: 'data like that which the model will see' },
    random: { value: 'n', help: 'calibrate with n runs of random numbers instead' },
    limit: { value: 'n', help: `use at most n items; default ${DEFAULT_LIMIT}` },
    format: { value: 'name', help: 'qdq (default) or qoperator' },
    report: { value: 'file', help: 'write what each step did, as JSON' },
    ...preprocessing,
    ...engineOptions,
  },
  notes: [
    'A recipe is a JSON list of steps: [{"pass": "quantize_static", "activation_observer": "mse"}]',
    '',
    ...dataNotes,
  ],
  run,
};

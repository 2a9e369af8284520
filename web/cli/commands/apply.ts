// halftone apply: a recipe on a model, to a new file.

import { writeFile } from 'node:fs/promises';
import type { HalftoneModel } from '../../src/engine/types';
import { withClasses } from '../../src/inputs/classes';
import { needsData } from '../../src/inputs/needs';
import { calibrationOptions, dataNotes, openCalibration, preprocessing } from '../data';
import { engineOptions, loadModel, megabytes, print, printJson, withEngine } from '../engine';
import { type Args, type Command, UsageError } from '../options';
import { showProgress } from '../progress';
import { readRecipe } from '../recipe_file';

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
    const data = await openCalibration(model, args);
    if (needs && !data)
      throw new UsageError('This recipe looks at data.', 'Say --calibration <folder>, or --random 32 for a first try.');
    const whole = data ? withClasses(recipe, passes, data.labels, data.batch) : recipe;
    const calibration = data && { calibration: data.calibration };
    const small = await model.apply(whole, { ...calibration, onProgress: showProgress });
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
    ...calibrationOptions,
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

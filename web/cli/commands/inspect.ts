// halftone inspect: what a model is, what it wants and whether it runs here.

import type { ModelSummary, ValueSummary } from '../../src/engine/types';
import { guessInput } from '../../src/inputs/guess';
import { normalizationId } from '../../src/inputs/preprocess';
import { engineOptions, loadModel, megabytes, print, printJson, table, withEngine } from '../engine';
import type { Args, Command } from '../options';

const valueText = ({ name, type, shape }: ValueSummary): string =>
  `${name}: ${type} ${shape === null ? 'of unknown rank' : `[${shape.map((d) => d ?? '?').join(', ')}]`}`;

function printSummary(path: string, summary: ModelSummary): void {
  const { image } = guessInput(summary);
  const kind = summary.quantized ? ', quantized' : '';
  print(`${path}: ${megabytes(summary.bytes)}, opset ${summary.opset}, made by ${summary.producer || 'nobody'}${kind}`);
  print(`${summary.nodes} nodes, ${summary.parameters} parameters, ${summary.macs} multiplications\n`);
  for (const value of summary.inputs) print(`input   ${valueText(value)}`);
  for (const value of summary.outputs) print(`output  ${valueText(value)}`);
  if (image) print(`guess   ${image.channels} pictures of ${image.width} x ${image.height}, ${normalizationId(image)}`);
  print('');
  print(table(summary.operators.map(({ op, domain, count }) => [domain ? `${domain}.${op}` : op, count])));
  for (const { op, nodes } of summary.unsupported) print(`\n${op} cannot run here: ${nodes.join(', ')}`);
}

async function run(args: Args): Promise<void> {
  await withEngine(args, async (engine) => {
    const path = args.operand(0);
    const { summary } = await loadModel(engine, path, args);
    if (args.has('json')) printJson(summary);
    else printSummary(path, summary);
  });
}

export const inspect: Command = {
  summary: 'Says what a model is: inputs, outputs, operators, size.',
  operands: ['model.onnx'],
  options: engineOptions,
  run,
};

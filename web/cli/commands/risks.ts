// halftone risks: what will make a model hard to quantize, by its weights and graph alone.

import type { RiskReport } from '../../src/engine/types';
import { engineOptions, loadModel, print, printJson, withEngine } from '../engine';
import type { Args, Command } from '../options';

const NODES_SHOWN = 8;

function printFindings({ findings }: RiskReport): void {
  if (findings.length === 0) print('Nothing in the weights or the graph speaks against integers.');
  for (const { severity, message, nodes, count, hint, step } of findings) {
    const named = nodes.slice(0, NODES_SHOWN);
    print(`${severity.padEnd(7)} ${message}`);
    print(`        ${named.join(', ')}${count > named.length ? ` and ${count - named.length} more` : ''}`);
    print(`        ${hint}`);
    if (step) print(`        ${JSON.stringify(step)}`);
  }
}

async function run(args: Args): Promise<void> {
  await withEngine(args, async (engine) => {
    const report = await (await loadModel(engine, args.operand(0), args)).risks();
    if (args.has('json')) printJson(report);
    else printFindings(report);
  });
}

export const risks: Command = {
  summary: 'Says what will make a float model hard to quantize, without data.',
  operands: ['model.onnx'],
  options: engineOptions,
  run,
};

// The recipe as a Python script for onnxruntime, where that has a counterpart; and as a command for Halftone's own tool. Pure.
import type { Recipe, RecipeStep } from '../engine/types';

const python = (value: unknown): string =>
  typeof value === 'boolean' ? (value ? 'True' : 'False') : JSON.stringify(value);

const METHODS: Record<string, string> = { minmax: 'MinMax', entropy: 'Entropy', percentile: 'Percentile' };
const TYPES: Record<string, string> = { uint8: 'QUInt8', int8: 'QInt8', uint16: 'QUInt16', int16: 'QInt16' };

const list = (value: unknown): string[] => (Array.isArray(value) ? (value as string[]) : []);

/** Arguments that differ from onnxruntime's own defaults, and those that people look for. */
function staticArguments(step: RecipeStep): string[] {
  const method = METHODS[String(step.observer ?? 'minmax')] ?? 'MinMax';
  const lines = [
    'quant_format=QuantFormat.QDQ',
    `calibrate_method=CalibrationMethod.${method}`,
    `activation_type=QuantType.${TYPES[String(step.activation_type ?? 'uint8')] ?? 'QUInt8'}`,
    `weight_type=QuantType.${TYPES[String(step.weight_type ?? 'int8')] ?? 'QInt8'}`,
    `per_channel=${python(step.per_channel ?? true)}`,
    `reduce_range=${python(step.reduce_range ?? false)}`,
  ];
  for (const [ours, theirs] of [
    ['op_types', 'op_types_to_quantize'],
    ['nodes', 'nodes_to_quantize'],
    ['exclude_nodes', 'nodes_to_exclude'],
  ] as const)
    if (list(step[ours]).length > 0) lines.push(`${theirs}=${python(list(step[ours]))}`);
  const extra = [
    ['ActivationSymmetric', step.activation_symmetric ?? false],
    ['WeightSymmetric', step.weight_symmetric ?? true],
  ].map(([name, value]) => `${python(name)}: ${python(value)}`);
  lines.push(`extra_options={${extra.join(', ')}}`);
  return lines;
}

const KNOWN: Record<string, (step: RecipeStep, from: string, to: string) => string> = {
  quantize_static: (step, from, to) =>
    [
      `quantize_static(`,
      `    ${from}, ${to}, Calibration(),`,
      ...staticArguments(step).map((l) => `    ${l},`),
      ')',
    ].join('\n'),
  quantize_dynamic: (step, from, to) =>
    `quantize_dynamic(${from}, ${to}, weight_type=QuantType.${TYPES[String(step.weight_type ?? 'int8')] ?? 'QInt8'}, per_channel=${python(step.per_channel ?? true)})`,
  convert_opset: (step, from, to) =>
    `onnx.save(version_converter.convert_version(onnx.load(${from}), ${Number(step.target ?? 13)}), ${to})`,
};

export interface Script {
  text: string;
  /** Passes without a counterpart. */
  missing: string[];
}

/** null: nothing of the recipe has a counterpart. */
export function pythonScript(recipe: Recipe, model: string, output: string, input: string): Script | null {
  const known = recipe.filter(({ pass }) => pass in KNOWN);
  const missing = recipe.filter(({ pass }) => !(pass in KNOWN)).map(({ pass }) => pass);
  if (known.length === 0) return null;
  const steps = known.map((step, i) => {
    const from = i === 0 ? python(model) : python(`step${i}.onnx`);
    const to = i === known.length - 1 ? python(output) : python(`step${i + 1}.onnx`);
    return KNOWN[step.pass]?.(step, from, to) ?? '';
  });
  const text = `# pip install onnx onnxruntime numpy
import glob

import numpy as np
import onnx
from onnx import version_converter
from onnxruntime.quantization import (
    CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_dynamic, quantize_static,
)


class Calibration(CalibrationDataReader):
    """Examples as .npy files, prepared as the model wants them."""

    def __init__(self, folder="calibration"):
        self.files = iter(sorted(glob.glob(folder + "/*.npy")))

    def get_next(self):
        path = next(self.files, None)
        return None if path is None else {${python(input)}: np.load(path)}


${steps.join('\n\n')}
`;
  return { text, missing };
}

const quoted = (text: string) => (/^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

export const command = (model: string, output: string, calibrated: boolean): string =>
  `npx halftone apply recipe.json ${quoted(model)} -o ${quoted(output)}${calibrated ? ' --calibration folder' : ''}`;

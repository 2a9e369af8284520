// The recipe as a Python script for onnxruntime, where that has a counterpart; and as a command for Halftone's own tool. Pure.
import type { Recipe, RecipeStep } from '../engine/types';

const python = (value: unknown): string =>
  typeof value === 'boolean' ? (value ? 'True' : 'False') : JSON.stringify(value);

const METHODS: Record<string, string> = { minmax: 'MinMax', entropy: 'Entropy', percentile: 'Percentile' };

const list = (value: unknown): string[] => (Array.isArray(value) ? (value as string[]) : []);

/** The Python of one step, and the parameters that onnxruntime does not know, as far as they were set to something. */
interface Counterpart {
  text: string;
  missing: string[];
}

/** Values that say the same as leaving the parameter out, of those that onnxruntime does not know. */
const IDLE: Record<string, unknown> = {
  weight_observer: 'minmax',
  weight_full_range: false,
  block_size: 0,
  power_of_two: false,
  rounding: 'nearest',
  skip_islands: false,
};
/** These only say how another one works. */
const SILENT = ['pass', 'seed', 'percentile', 'deviations', 'activation_type', 'weight_type'];

function missingOf(step: RecipeStep, taken: readonly string[]): string[] {
  const isSet = ([name, value]: [string, unknown]) =>
    !taken.includes(name) && !SILENT.includes(name) && value !== IDLE[name];
  return Object.entries(step)
    .filter(isSet)
    .map(([name]) => name);
}

/** `QuantType.QUInt8`; null: onnxruntime has no such integers. */
function quantType(signed: boolean, bits: unknown, widths: readonly number[]): string | null {
  return widths.includes(Number(bits)) ? `QuantType.Q${signed ? '' : 'U'}Int${bits}` : null;
}

const EXCEPTIONS = 'overrides';
interface Exceptions {
  float: string[];
  /** Some say more than "stay float". */
  more: boolean;
}

function exceptionsOf(step: RecipeStep): Exceptions {
  const all = (Array.isArray(step[EXCEPTIONS]) ? step[EXCEPTIONS] : []) as Record<string, unknown>[];
  const float = all.filter(({ keep_float }) => keep_float === true).map(({ where }) => String(where));
  return { float, more: all.some(({ where: _, keep_float: __, ...rest }) => Object.keys(rest).length > 0) };
}

const SELECTION = ['op_types', 'nodes', 'exclude_nodes', 'exclude_op_types'];

/** Operators are excluded by the names of their nodes. */
function selectionArguments(step: RecipeStep, from: string, alsoFloat: readonly string[] = []): string[] {
  const lines: string[] = [];
  if (list(step.op_types).length > 0) lines.push(`op_types_to_quantize=${python(list(step.op_types))}`);
  if (list(step.nodes).length > 0) lines.push(`nodes_to_quantize=${python(list(step.nodes))}`);
  const names = [...list(step.exclude_nodes), ...alsoFloat];
  const types = list(step.exclude_op_types);
  const ofTypes = `[n.name for n in onnx.load(${from}).graph.node if n.op_type in ${python(types)}]`;
  const excluded = [...(names.length > 0 ? [python(names)] : []), ...(types.length > 0 ? [ofTypes] : [])];
  if (excluded.length > 0) lines.push(`nodes_to_exclude=${excluded.join(' + ')}`);
  return lines;
}

const call = (name: string, lines: readonly string[]): string =>
  [`${name}(`, ...lines.map((line) => `    ${line},`), ')'].join('\n');

/** Arguments that differ from onnxruntime's own defaults, and those that people look for. */
function quantizeStatic(step: RecipeStep, from: string, to: string): Counterpart {
  const observer = String(step.activation_observer ?? 'minmax');
  const method = METHODS[observer];
  const activation = quantType(step.activation_type === 'int8', step.activation_bits ?? 8, [8, 16]);
  const weight = quantType(step.weight_type !== 'uint8', step.weight_bits ?? 8, [4, 8, 16]);
  const { float, more } = exceptionsOf(step);
  const extra = [
    ['ActivationSymmetric', step.activation_symmetric ?? false],
    ['WeightSymmetric', step.weight_symmetric ?? true],
    ...(observer === 'percentile' ? [['CalibPercentile', step.percentile ?? 99.999]] : []),
  ].map(([name, value]) => `${python(name)}: ${python(value)}`);
  const lines = [
    `${from}, ${to}, Calibration()`,
    'quant_format=QuantFormat.QDQ',
    `calibrate_method=CalibrationMethod.${method ?? 'MinMax'}`,
    `activation_type=${activation ?? 'QuantType.QUInt8'}`,
    `weight_type=${weight ?? 'QuantType.QInt8'}`,
    `per_channel=${python(step.per_channel ?? true)}`,
    `reduce_range=${python(step.reduce_range ?? false)}`,
    ...selectionArguments(step, from, float),
    `extra_options={${extra.join(', ')}}`,
  ];
  const taken = [
    ...['activation_symmetric', 'weight_symmetric', 'per_channel', 'reduce_range', ...SELECTION],
    ...(method ? ['activation_observer'] : []),
    ...(activation ? ['activation_bits'] : []),
    ...(weight ? ['weight_bits'] : []),
    ...(more ? [] : [EXCEPTIONS]),
  ];
  return { text: call('quantize_static', lines), missing: missingOf(step, taken) };
}

function quantizeDynamic(step: RecipeStep, from: string, to: string): Counterpart {
  const lines = [
    `${from}, ${to}`,
    `weight_type=${quantType(step.weight_type !== 'uint8', 8, [8])}`,
    `per_channel=${python(step.per_channel ?? true)}`,
    `reduce_range=${python(step.reduce_range ?? false)}`,
    ...selectionArguments(step, from),
  ];
  const taken = ['per_channel', 'reduce_range', ...SELECTION];
  return { text: call('quantize_dynamic', lines), missing: missingOf(step, taken) };
}

function convertOpset(step: RecipeStep, from: string, to: string): Counterpart {
  const converted = `version_converter.convert_version(onnx.load(${from}), ${Number(step.target ?? 13)})`;
  return { text: `onnx.save(${converted}, ${to})`, missing: missingOf(step, ['target']) };
}

const KNOWN: Record<string, (step: RecipeStep, from: string, to: string) => Counterpart> = {
  quantize_static: quantizeStatic,
  quantize_dynamic: quantizeDynamic,
  convert_opset: convertOpset,
};

export interface Script {
  text: string;
  /** Passes without a counterpart, and parameters of the others: `quantize_static.block_size`. */
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
    const made = (KNOWN[step.pass] as (typeof KNOWN)[string])(step, from, to);
    missing.push(...made.missing.map((name) => `${step.pass}.${name}`));
    return made.text;
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

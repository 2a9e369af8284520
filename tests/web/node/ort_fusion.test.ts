// The QDQ export meets onnxruntime's rules of fusion: the file is optimized by onnxruntime, and in the file that it
// writes of that every DequantizeLinear - operator - QuantizeLinear for which it has an integer operator has become one.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import * as os from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inRoot } from '../../../scripts/lib/root.mjs';
import { feedsOf } from '../../../web/src/inputs/item_feeds';
import { type Sample, sampleData, sampleSpec } from '../../../web/src/inputs/samples';
import { type Engine, Halftone, type HalftoneModel } from '../support/library';
import { type FileNode, readNodes } from '../support/onnx_fields';
import { everyModel, type FloatModel, haveModels, readModel } from '../support/real_models';

// What onnxruntime makes of an operator between dequantizations and quantizations ...
const integerForms: Record<string, string> = {
  Conv: 'QLinearConv',
  MatMul: 'QLinearMatMul',
  Gemm: 'QGemm',
  Add: 'QLinearAdd',
  Mul: 'QLinearMul',
  Sigmoid: 'QLinearSigmoid',
  LeakyRelu: 'QLinearLeakyRelu',
  Softmax: 'QLinearSoftmax',
  AveragePool: 'QLinearAveragePool',
  GlobalAveragePool: 'QLinearGlobalAveragePool',
  Concat: 'QLinearConcat',
};
// ... and what moves integers as they are.
const movers = new Set([
  'MaxPool',
  'Reshape',
  'Transpose',
  'Flatten',
  'Squeeze',
  'Unsqueeze',
  'Slice',
  'Resize',
  'Expand',
]);

const isLinear = ({ op }: FileNode) => op === 'QuantizeLinear' || op === 'DequantizeLinear';

/** The nodes that read nothing but dequantized values and whose values nobody reads but quantizations. */
function betweenIntegers(nodes: FileNode[]): FileNode[] {
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node.op] as const)));
  const readers = new Map<string, string[]>();
  for (const { op, inputs } of nodes) for (const name of inputs) readers.set(name, [...(readers.get(name) ?? []), op]);
  const dequantized = (name: string) => makers.get(name) === 'DequantizeLinear';
  const quantized = (name: string) => {
    const ops = readers.get(name) ?? [];
    return ops.length > 0 && ops.every((op) => op === 'QuantizeLinear');
  };
  return nodes.filter((node) => {
    const data = movers.has(node.op) ? node.inputs.slice(0, 1) : node.inputs;
    return !isLinear(node) && data.length > 0 && data.every(dequantized) && node.outputs.every(quantized);
  });
}

const countOf = (nodes: FileNode[], op: string) => nodes.filter((node) => node.op === op).length;

let engine: Engine;
let folder = '';
beforeAll(async () => {
  engine = await Halftone.create();
  folder = mkdtempSync(join(os.tmpdir(), 'halftone-fusion-'));
});
afterAll(() => {
  engine.dispose();
  rmSync(folder, { recursive: true });
});

/** The nodes of the model that onnxruntime would run in place of the file. */
async function optimized(file: Uint8Array, level: 'extended' | 'all'): Promise<FileNode[]> {
  const path = join(folder, 'optimized.onnx');
  const session = await ort.InferenceSession.create(file, {
    graphOptimizationLevel: level,
    optimizedModelFilePath: path,
    logSeverityLevel: 3, // that such a file is for this machine alone is a warning
    // Processors of other kinds than ARM do the products of signed activations more slowly: there it wants to be told.
    extra: { 'session.qdqisint8allowed': '1' },
  });
  await session.release();
  return readNodes(new Uint8Array(readFileSync(path)));
}

async function expectFusion(file: Uint8Array): Promise<void> {
  const before = readNodes(file);
  const between = betweenIntegers(before);
  // Every convolution of the file stands between integers, and so none may be left.
  expect(countOf(between, 'Conv')).toBe(countOf(before, 'Conv'));
  for (const level of ['extended', 'all'] as const) {
    const after = await optimized(file, level);
    expect(countOf(after, 'Conv')).toBe(0);
    for (const [op, form] of Object.entries(integerForms)) {
      expect({ level, op, fused: countOf(after, form) }).toEqual({ level, op, fused: countOf(between, op) });
    }
    const left = betweenIntegers(after).filter(({ op }) => op in integerForms || movers.has(op));
    expect(left).toEqual([]);
  }
}

const recipes: Record<string, { pass: string; [key: string]: unknown }[]> = {
  'uint8 activations': [{ pass: 'quantize_static' }],
  'int8 activations': [{ pass: 'quantize_static', activation_type: 'int8' }],
  'one scale for a weight': [{ pass: 'quantize_static', activation_type: 'int8', per_channel: false }],
  recommended: [
    { pass: 'equalize' },
    { pass: 'quantize_static', activation_observer: 'sqnr', skip_islands: true },
    { pass: 'correct_bias' },
  ],
};

const samplesFolder = inRoot('web/public/samples');
const samples = JSON.parse(readFileSync(join(samplesFolder, 'index.json'), 'utf8')) as Sample[];

describe.each(samples)('the sample $id', (sample) => {
  let model: HalftoneModel;
  beforeAll(async () => {
    model = await engine.load(new Uint8Array(readFileSync(join(samplesFolder, `${sample.id}.onnx`))));
  });
  afterAll(() => model.dispose());

  it.each(Object.keys(recipes))('%s', async (name) => {
    const calibration = feedsOf(sampleData(sample, { count: 16, seed: 9 }), {
      inputs: model.summary.inputs,
      spec: sampleSpec(sample, model.summary),
      readPicture: () => Promise.reject(new Error('these data are no files')),
    });
    const quantized = await model.apply(recipes[name] ?? [], { calibration });
    await expectFusion(await quantized.export());
    quantized.dispose();
  });
});

const real = everyModel.filter(({ quantized, slow }) => !quantized && !slow);

describe.skipIf(!haveModels).each(real)('$file', (which: FloatModel) => {
  it('uint8 activations', async () => {
    const model = await engine.load(readModel(which));
    const calibration = [which.feeds(100), which.feeds(101)];
    const quantized = await model.apply(recipes['uint8 activations'] ?? [], { calibration });
    await expectFusion(await quantized.export());
    quantized.dispose();
    model.dispose();
  });
});

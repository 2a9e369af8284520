// Files with weights in every format that onnxruntime-web reads, run by both: weight-only formats are the same float
// arithmetic on the same looked-up weights, dynamic quantization the same integers.
import * as ort from 'onnxruntime-web';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Outputs, sqnr } from '../support/agreement';
import { type Engine, type Feeds, Halftone, type Tensor } from '../support/library';
import { everyModel, type FloatModel, haveModels, readModel } from '../support/real_models';

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

let engine: Engine;
beforeAll(async () => {
  engine = await Halftone.create({ threads: 1 });
});
afterAll(() => engine.dispose());

async function runTheirs(file: Uint8Array, feeds: Feeds): Promise<Outputs> {
  const session = await ort.InferenceSession.create(file);
  const inputs = Object.entries(feeds).map(
    ([name, { type, data, dims }]) => [name, new ort.Tensor(type as 'float32', data as Float32Array, dims)] as const,
  );
  const results = await session.run(Object.fromEntries(inputs));
  const outputs = Object.fromEntries(
    Object.entries(results).map(([name, { type, dims, data }]) => [
      name,
      { type: type as Tensor['type'], dims, data: (data as Float32Array).slice() },
    ]),
  );
  await session.release();
  return outputs;
}

interface Step {
  pass: string;
  [key: string]: unknown;
}

/** decibels: what the signal over the difference has to reach; float16 is rounded by us after each operator only. */
const recipes: { step: Step; decibels: number }[] = [
  { step: { pass: 'quantize_dynamic' }, decibels: 45 },
  { step: { pass: 'quantize_dynamic', weight_type: 'uint8', per_channel: false }, decibels: 45 },
  { step: { pass: 'quantize_weights', bits: 8, scales: 'channel' }, decibels: 90 },
  { step: { pass: 'quantize_weights', bits: 8, symmetric: false, block_size: 32 }, decibels: 90 },
  { step: { pass: 'quantize_weights', bits: 4, block_size: 32 }, decibels: 90 },
  { step: { pass: 'quantize_weights', bits: 4, block_size: 32, symmetric: false, method: 'hqq' }, decibels: 90 },
  { step: { pass: 'quantize_weights', bits: 4, block_size: 32, form: 'matmul_nbits' }, decibels: 90 },
  {
    step: { pass: 'quantize_weights', bits: 4, symmetric: false, method: 'hqq', form: 'matmul_nbits' },
    decibels: 90,
  },
  { step: { pass: 'quantize_codebook', bits: 6, levels: 'kmeans' }, decibels: 90 },
  { step: { pass: 'quantize_codebook', bits: 6, book_per_channel: true }, decibels: 90 },
  { step: { pass: 'convert_float', type: 'float16' }, decibels: 90 },
  { step: { pass: 'convert_float', scope: 'model' }, decibels: 40 },
];

const named = (pattern: RegExp) => everyModel.filter(({ file }) => pattern.test(file));

async function compare(real: FloatModel, { step, decibels }: (typeof recipes)[number]): Promise<void> {
  const model = await engine.load(readModel(real));
  const changed = await model.apply([step]);
  const theirs = await runTheirs(await changed.export(), real.feeds(1));
  const { outputs } = await changed.run(real.feeds(1));
  expect(Object.keys(outputs)).toEqual(Object.keys(theirs));
  expect(sqnr(theirs, outputs)).toBeGreaterThan(decibels);
  changed.dispose();
  model.dispose();
}

describe.skipIf(!haveModels).each(named(/llama|vit/))('$file', (real) => {
  it.each(recipes)('$step', (recipe) => compare(real, recipe));
});

/** Types of few bits, and blocks where lengths do not divide. */
const narrow: typeof recipes = [
  { step: { pass: 'convert_float', type: 'float8e4m3fn' }, decibels: 90 },
  { step: { pass: 'convert_float', type: 'float8e5m2', scales: 'block' }, decibels: 90 },
  { step: { pass: 'quantize_weights', bits: 3, scales: 'channel' }, decibels: 90 },
  { step: { pass: 'quantize_weights', bits: 2, block_size: 32 }, decibels: 90 },
  { step: { pass: 'quantize_weights', bits: 2, block_size: 32, symmetric: false }, decibels: 90 },
  { step: { pass: 'quantize_weights', bits: 2, block_size: 32, form: 'matmul_nbits' }, decibels: 90 },
  { step: { pass: 'quantize_codebook', bits: 4, scales: 'block' }, decibels: 90 },
];

// Products, recurrent layers (with a factor of 257 rows or columns), convolutions.
describe.skipIf(!haveModels).each(named(/llama|dtln|resnet8/))('$file', (real) => {
  it.each(narrow)('$step', (recipe) => compare(real, recipe));
});

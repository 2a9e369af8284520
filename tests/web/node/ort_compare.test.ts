// Interoperation: our float run against onnxruntime-web's, and exported int8 files run by both.
// A difference of one step in one layer (both may round a near-tie their own way) grows in deep networks: on
// MobileNetV2 onnxruntime-web's own optimization levels are 16 dB apart. So a file passes by its outputs (40 dB), or
// else layer by layer, each given the same integers: never more than one step apart, and seldom that.
import * as ort from 'onnxruntime-web';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Outputs, sqnr, stepsApart, toleranceUsed } from '../support/agreement';
import { cutAtQuantized, inputOf } from '../support/cut_quantized';
import { type Engine, type Feeds, Halftone, type HalftoneModel, type Tensor } from '../support/library';
import {
  everyModel,
  type FloatModel,
  haveModels,
  modelFiles,
  randomItem,
  readModel,
  realModels,
} from '../support/real_models';

const CALIBRATION = 4;
const TESTED = 2;

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

let engine: Engine;
beforeAll(async () => {
  engine = await Halftone.create();
});
afterAll(() => engine.dispose());

async function runTheirs(session: ort.InferenceSession, feeds: Feeds): Promise<Outputs> {
  const inputs = Object.entries(feeds).map(
    ([name, { type, data, dims }]) => [name, new ort.Tensor(type as 'float32', data as Float32Array, dims)] as const,
  );
  const results = await session.run(Object.fromEntries(inputs));
  return Object.fromEntries(
    Object.entries(results).map(([name, { type, dims, data }]) => [
      name,
      { type: type as Tensor['type'], dims, data: (data as Float32Array).slice() },
    ]),
  );
}

/** Every quantized layer of ours against theirs, each on our integers. */
async function compareLayers(model: HalftoneModel, file: Uint8Array, feeds: Feeds, nearTies: number): Promise<void> {
  const { nodes } = await model.graph();
  const names = nodes.filter((n) => n.op === 'QuantizeLinear').map((n) => n.outputs[0] as string);
  const { taps } = await model.run(feeds, { taps: names });
  const cut = Object.fromEntries(Object.entries(taps).map(([name, tensor]) => [name, tensor.type]));
  const session = await ort.InferenceSession.create(cutAtQuantized(file, cut));
  const given = Object.fromEntries(Object.entries(taps).map(([name, tensor]) => [inputOf(name), tensor]));
  const wanted = Object.fromEntries(
    Object.entries({ ...feeds, ...given }).filter(([name]) => session.inputNames.includes(name)),
  );
  const theirs = await runTheirs(session, wanted);
  await session.release();
  const layers = Object.entries(taps).map(([name, ours]) => ({ name, ...stepsApart(ours, theirs[name] as Tensor) }));
  expect(layers.filter((l) => l.most > 1 || l.share > nearTies)).toEqual([]);
}

const sameKinds = (ours: Outputs, theirs: Outputs) => {
  const kinds = (outputs: Outputs) => Object.entries(outputs).map(([name, { type, dims }]) => ({ name, type, dims }));
  expect(kinds(ours)).toEqual(kinds(theirs));
};

// Where the export with operators on integers is not right yet: a value of another stage is left in it, or the outputs
// are far from theirs. The QDQ export of these models is checked all the same.
const notAsOperators = new Set([
  'classify/mobilenetv2-12-dequantized.onnx',
  'ocr/ch_PP-OCRv3_det_infer.onnx',
  'image2image/fns-mosaic.onnx',
  'audio/silero_vad_16k_op15.onnx',
  'text/aidreams260K-llama.onnx',
  'quantized/stm32-od-model_onnx_q.onnx',
]);

/** The file with operators on integers, run by them, against our integers. */
async function compareIntegerOperators(model: HalftoneModel, real: FloatModel): Promise<void> {
  const session = await ort.InferenceSession.create(await model.export({ format: 'qoperator' }));
  const expected = await runTheirs(session, real.feeds(0));
  const { outputs } = await model.run(real.feeds(0));
  sameKinds(outputs, expected);
  expect(sqnr(outputs, expected)).toBeGreaterThan(real.operatorDecibels ?? 30);
  await session.release();
}

describe.skipIf(!haveModels)('with onnxruntime-web', () => {
  it('no model of the folder is left out', () => {
    expect(everyModel.map((m) => m.file).sort()).toEqual(modelFiles().sort());
  });

  describe.each(everyModel)('$file', (real) => {
    let model: HalftoneModel;
    beforeAll(async () => {
      model = await engine.load(readModel(real));
      expect(model.summary.unsupported).toEqual([]);
    });
    afterAll(() => model.dispose());
    const samples = (first: number, count: number) => Array.from({ length: count }, (_, i) => real.feeds(first + i));

    it.skipIf(real.quantized)('float outputs agree within 1e-3 relative, 1e-4 absolute', async () => {
      const theirs = await ort.InferenceSession.create(readModel(real));
      const one = realModels.find((m) => m.file === real.file);
      const random: Feeds[] = one
        ? [{ [one.input]: { type: 'float32', dims: one.dims, data: randomItem(one, 1) } }]
        : [];
      for (const feeds of [...random, ...samples(0, real.slow ? 1 : TESTED)]) {
        const expected = await runTheirs(theirs, feeds);
        const { outputs } = await model.run(feeds);
        sameKinds(outputs, expected);
        if (real.decibels) expect(sqnr(expected, outputs)).toBeGreaterThan(real.decibels);
        else expect(toleranceUsed(expected, outputs, 1e-3, 1e-4)).toBeLessThanOrEqual(1);
      }
      await theirs.release();
    });

    it('the int8 file runs there, and both runs agree', async () => {
      const calibration = samples(100, real.slow ? 1 : CALIBRATION);
      const quantized = real.quantized ? model : await model.apply([{ pass: 'quantize_static' }], { calibration });
      expect(quantized.summary.quantized).toBe(true);
      const file = await quantized.export();
      const theirs = await ort.InferenceSession.create(file);
      for (const feeds of samples(0, real.slow ? 1 : TESTED)) {
        const expected = await runTheirs(theirs, feeds);
        const { outputs } = await quantized.run(feeds);
        sameKinds(outputs, expected);
        if (!(sqnr(expected, outputs) >= 40)) await compareLayers(quantized, file, feeds, real.nearTies ?? 0.005);
      }
      await theirs.release();
      if (!notAsOperators.has(real.file)) await compareIntegerOperators(quantized, real);
      if (quantized !== model) quantized.dispose();
    });
  });
});

// Interoperation: our float run against onnxruntime-web's, and exported int8 files run by both.
// A difference of one step in one layer (both may round a near-tie their own way) grows in deep networks: on
// MobileNetV2 onnxruntime-web's own optimization levels are 16 dB apart. So a file passes by its outputs (40 dB), or
// else layer by layer, each given the same integers: never more than one step apart, and seldom that.
import * as ort from 'onnxruntime-web';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Outputs, sqnr, stepsApart, toleranceUsed } from '../support/agreement';
import { cutAtQuantized, inputOf } from '../support/cut_quantized';
import { type Engine, type Feeds, Halftone, type HalftoneModel, type Tensor } from '../support/library';
import { floatModels, haveModels, type RealModel, randomItem, readModel, realModels } from '../support/real_models';

const CALIBRATION = 10;
const TESTED = 3;
/** Share of a layer's elements that may be a step apart. */
const NEAR_TIES = 0.005;

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

function feedsOf(model: HalftoneModel, { dims }: RealModel, data: Float32Array): Feeds {
  const [input] = model.summary.inputs;
  if (!input) throw new Error('the model has no input');
  return { [input.name]: { type: 'float32', dims, data } };
}

/** Every quantized layer of ours against theirs, each on our integers. */
async function compareLayers(model: HalftoneModel, file: Uint8Array, feeds: Feeds): Promise<void> {
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
  expect(layers.filter((l) => l.most > 1 || l.share > NEAR_TIES)).toEqual([]);
}

describe.skipIf(!haveModels)('with onnxruntime-web', () => {
  it.each(floatModels)('$file agrees', async (real) => {
    const model = await engine.load(readModel(real));
    expect(model.summary.unsupported).toEqual([]);
    const theirs = await ort.InferenceSession.create(readModel(real));
    for (const i of [0, 1]) {
      const expected = await runTheirs(theirs, real.feeds(i));
      const { outputs } = await model.run(real.feeds(i));
      expect(Object.keys(outputs)).toEqual(Object.keys(expected));
      for (const [name, tensor] of Object.entries(expected)) expect(outputs[name]?.dims).toEqual(tensor.dims);
      if (real.decibels) expect(sqnr(expected, outputs)).toBeGreaterThan(real.decibels);
      else expect(toleranceUsed(expected, outputs, 1e-3, 1e-4)).toBeLessThanOrEqual(1);
    }
    await theirs.release();
    model.dispose();
  });

  describe.each(realModels)('$file', (real) => {
    let model: HalftoneModel;
    beforeAll(async () => {
      model = await engine.load(readModel(real));
    });
    afterAll(() => model.dispose());
    const sample = (i: number) => feedsOf(model, real, real.item(i));

    it.skipIf(real.quantized)('float outputs agree within 1e-3 relative, 1e-4 absolute', async () => {
      const theirs = await ort.InferenceSession.create(readModel(real));
      for (const feeds of [feedsOf(model, real, randomItem(real, 1)), sample(0), sample(1)]) {
        const expected = await runTheirs(theirs, feeds);
        const { outputs } = await model.run(feeds);
        expect(Object.keys(outputs)).toEqual(Object.keys(expected));
        for (const [name, tensor] of Object.entries(expected)) expect(outputs[name]?.dims).toEqual(tensor.dims);
        expect(toleranceUsed(expected, outputs, 1e-3, 1e-4)).toBeLessThanOrEqual(1);
      }
      await theirs.release();
    });

    it('the int8 file runs there, and both runs agree', async () => {
      const calibration = Array.from({ length: CALIBRATION }, (_, i) => sample(100 + i));
      const quantized = real.quantized ? model : await model.apply([{ pass: 'quantize_static' }], { calibration });
      const file = await quantized.export();
      const theirs = await ort.InferenceSession.create(file);
      for (let i = 0; i < TESTED; ++i) {
        const expected = await runTheirs(theirs, sample(i));
        const { outputs } = await quantized.run(sample(i));
        expect(Object.keys(outputs)).toEqual(Object.keys(expected));
        if (sqnr(expected, outputs) < 40) await compareLayers(quantized, file, sample(i));
      }
      await theirs.release();
      if (quantized !== model) quantized.dispose();
    });
  });
});

// Interoperation: our float run against onnxruntime-web's, and an exported int8 file run by both.
import * as ort from 'onnxruntime-web';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Outputs, sqnr, stepsApart, toleranceUsed } from '../support/agreement';
import { type Engine, type Feeds, Halftone, type HalftoneModel } from '../support/library';
import { haveModels, type RealModel, randomItem, readModel, realModels } from '../support/real_models';

const CALIBRATION = 10;
const TESTED = 3;

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

let engine: Engine;
beforeAll(async () => {
  engine = await Halftone.create();
});
afterAll(() => engine.dispose());

class OrtModel {
  private constructor(private readonly session: ort.InferenceSession) {}

  static async open(bytes: Uint8Array): Promise<OrtModel> {
    return new OrtModel(await ort.InferenceSession.create(bytes));
  }

  async run(feeds: Feeds): Promise<Outputs> {
    const inputs = Object.entries(feeds).map(
      ([name, { data, dims }]) => [name, new ort.Tensor('float32', data as Float32Array, dims)] as const,
    );
    const results = await this.session.run(Object.fromEntries(inputs));
    return Object.fromEntries(
      Object.entries(results).map(([name, t]) => [
        name,
        { type: 'float32', dims: t.dims, data: (t.data as Float32Array).slice() },
      ]),
    );
  }

  close(): Promise<void> {
    return this.session.release();
  }
}

function feedsOf(model: HalftoneModel, { dims }: RealModel, data: Float32Array): Feeds {
  const [input] = model.summary.inputs;
  if (!input) throw new Error('the model has no input');
  return { [input.name]: { type: 'float32', dims, data } };
}

describe.skipIf(!haveModels)('with onnxruntime-web', () => {
  describe.each(realModels)('$file', (real) => {
    let model: HalftoneModel;
    beforeAll(async () => {
      model = await engine.load(readModel(real));
    });
    afterAll(() => model.dispose());
    const sample = (i: number) => feedsOf(model, real, real.item(i));

    it.skipIf(real.quantized)('float outputs agree within 1e-3 relative, 1e-4 absolute', async () => {
      const theirs = await OrtModel.open(readModel(real));
      for (const feeds of [feedsOf(model, real, randomItem(real, 1)), sample(0), sample(1)]) {
        const expected = await theirs.run(feeds);
        const { outputs } = await model.run(feeds);
        expect(Object.keys(outputs)).toEqual(Object.keys(expected));
        for (const [name, tensor] of Object.entries(expected)) expect(outputs[name]?.dims).toEqual(tensor.dims);
        expect(toleranceUsed(expected, outputs, 1e-3, 1e-4)).toBeLessThanOrEqual(1);
      }
      await theirs.close();
    });

    it('the int8 file runs there, and both runs agree', async () => {
      const calibration = Array.from({ length: CALIBRATION }, (_, i) => sample(100 + i));
      const quantized = real.quantized ? model : await model.apply([{ pass: 'quantize_static' }], { calibration });
      const file = await quantized.export();
      const theirs = await OrtModel.open(file);
      const tensors = (quantized.report?.steps[0]?.tensors ?? []) as { name: string; scale: number }[];
      for (let i = 0; i < TESTED; ++i) {
        const feeds = sample(i);
        const expected = await theirs.run(feeds);
        const { outputs } = await quantized.run(feeds);
        const agreement = sqnr(expected, outputs);
        if (agreement >= 40) continue;
        // Near-ties may round to the neighbouring step.
        for (const [name, tensor] of Object.entries(expected)) {
          const step = tensors.find((t) => t.name === name)?.scale;
          const steps = step && outputs[name] ? stepsApart(tensor, outputs[name], step) : Number.POSITIVE_INFINITY;
          expect(steps, `${name}: ${agreement.toFixed(1)} dB`).toBeLessThanOrEqual(1);
        }
      }
      await theirs.close();
      if (quantized !== model) quantized.dispose();
    });
  });
});

// Opset conversion against onnxruntime-web: it loads every converted file, and computes from it what it computes from
// the original.
import * as ort from 'onnxruntime-web';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Engine, Halftone } from '../support/library';
import { haveModels, type RealModel, randomItem, readModel, realModels } from '../support/real_models';

/** What per-channel weights need, and the newest. */
const TARGETS = [13, 25];

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

let engine: Engine;
beforeAll(async () => {
  engine = await Halftone.create();
});
afterAll(() => engine.dispose());

/** All outputs of the file for one random input. */
async function outputsOf(file: Uint8Array, real: RealModel): Promise<Record<string, number[]>> {
  const session = await ort.InferenceSession.create(file);
  const input = new ort.Tensor('float32', randomItem(real, 3), real.dims);
  const results = await session.run({ [session.inputNames[0] as string]: input });
  const outputs = Object.entries(results).map(([name, tensor]) => [name, Array.from(tensor.data as Float32Array)]);
  await session.release();
  return Object.fromEntries(outputs);
}

describe.skipIf(!haveModels)('convert_opset', () => {
  it.each(realModels)('$file', async (real) => {
    const file = readModel(real);
    const expected = await outputsOf(file, real);
    const model = await engine.load(file);
    for (const target of TARGETS) {
      const converted = await model.apply([{ pass: 'convert_opset', target }]);
      expect(converted.summary.opset).toBe(Math.max(target, model.summary.opset));
      expect(await outputsOf(await converted.export(), real)).toEqual(expected);
      converted.dispose();
    }
    model.dispose();
  });
});

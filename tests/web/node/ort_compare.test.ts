// Interoperation: our float run against onnxruntime-web's, and exported int8 files run by both.
// A difference of one step in one layer (both may round a near-tie their own way) grows in deep networks: on
// MobileNetV2 onnxruntime-web's own optimization levels are 16 dB apart. So a file passes by its outputs (40 dB), or
// else layer by layer, each given the same integers: never more than one step apart, and seldom that.
import * as ort from 'onnxruntime-web';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WeightFacts } from '../../../web/src/engine';
import { type Outputs, sqnr, stepsApart, toleranceUsed } from '../support/agreement';
import { cutAtQuantized, inputOf } from '../support/cut_quantized';
import { type Engine, type Feeds, Halftone, type HalftoneModel, type Tensor } from '../support/library';
import { readNodes } from '../support/onnx_fields';
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
// Sessions warn all the same: 100 KB about the initializers of version-RFB-320, and whoever runs this behind a pipe that
// nobody empties waits there for ever.
const quiet = { logSeverityLevel: 3 } as const;

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

/** Every quantized layer of ours against theirs in a file made of the model, each on our integers. */
async function compareLayers(model: HalftoneModel, file: Uint8Array, feeds: Feeds, nearTies: number): Promise<void> {
  const { nodes } = await model.graph();
  const inFile = new Set(readNodes(file).flatMap((node) => node.outputs));
  const names = nodes.filter((n) => n.op === 'QuantizeLinear').map((n) => n.outputs[0] as string);
  const { taps, outputs } = await model.run(feeds, { taps: names.filter((name) => inFile.has(name)) });
  expect(Object.keys(taps).length).toBeGreaterThan(0.9 * names.length);
  const cut = Object.fromEntries(Object.entries(taps).map(([name, tensor]) => [name, tensor.type]));
  const session = await ort.InferenceSession.create(cutAtQuantized(file, cut), quiet);
  const given = Object.fromEntries(Object.entries(taps).map(([name, tensor]) => [inputOf(name), tensor]));
  const wanted = Object.fromEntries(
    Object.entries({ ...feeds, ...given }).filter(([name]) => session.inputNames.includes(name)),
  );
  const theirs = await runTheirs(session, wanted);
  await session.release();
  expect(toleranceUsed(outputs, theirs, 1e-3, 1e-4)).toBeLessThanOrEqual(1);
  const layers = Object.entries(taps).map(([name, ours]) => ({ name, ...stepsApart(ours, theirs[name] as Tensor) }));
  expect(layers.filter((l) => l.most > 1 || l.share > nearTies)).toEqual([]);
}

const sameKinds = (ours: Outputs, theirs: Outputs) => {
  const kinds = (outputs: Outputs) => Object.entries(outputs).map(([name, { type, dims }]) => ({ name, type, dims }));
  expect(kinds(ours)).toEqual(kinds(theirs));
};

/** A file made of the quantized model, run by them, against our run of it: by the outputs, or else layer by layer. */
async function compareFile(model: HalftoneModel, file: Uint8Array, inputs: Feeds[], real: FloatModel): Promise<void> {
  const theirs = await ort.InferenceSession.create(file, quiet);
  for (const feeds of inputs) {
    const expected = await runTheirs(theirs, feeds);
    const { outputs } = await model.run(feeds);
    sameKinds(outputs, expected);
    if (!(sqnr(expected, outputs) >= 40)) await compareLayers(model, file, feeds, real.nearTies ?? 0.005);
  }
  await theirs.release();
}

describe.skipIf(!haveModels)('with onnxruntime-web', () => {
  it('no model of the folder is left out', () => {
    expect(everyModel.map((m) => m.file).sort()).toEqual(modelFiles().sort());
  });

  describe.each(everyModel)('$file', (real) => {
    let model: HalftoneModel;
    let quantized: HalftoneModel | undefined;
    beforeAll(async () => {
      model = await engine.load(readModel(real));
      expect(model.summary.unsupported).toEqual([]);
    });
    afterAll(() => {
      if (quantized !== model) quantized?.dispose();
      model.dispose();
    });
    const samples = (first: number, count: number) => Array.from({ length: count }, (_, i) => real.feeds(first + i));

    it.skipIf(real.quantized)('float outputs agree within 1e-3 relative, 1e-4 absolute', async () => {
      const theirs = await ort.InferenceSession.create(readModel(real), quiet);
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

    async function integers(): Promise<HalftoneModel> {
      const calibration = samples(100, real.slow ? 1 : CALIBRATION);
      quantized ??= real.quantized ? model : await model.apply([{ pass: 'quantize_static' }], { calibration });
      expect(quantized.summary.quantized).toBe(true);
      return quantized;
    }

    it('the int8 file runs there, and both runs agree', async () => {
      const int8 = await integers();
      await compareFile(int8, await int8.export(), samples(0, real.slow ? 1 : TESTED), real);
    });

    it('and so does the file with operators on integers', async () => {
      const int8 = await integers();
      await compareFile(int8, await int8.export({ format: 'qoperator' }), samples(0, 1), real);
    });

    // Theirs fuses products of 8-bit tensors to operators that take no blocks: the file has to keep it from that.
    it.runIf(/vit|dtln/.test(real.file))('8-bit weights in blocks run there too', async () => {
      const calibration = samples(100, CALIBRATION);
      const blocks = await model.apply([{ pass: 'quantize_static', block_size: 32 }], { calibration });
      const weights = blocks.report?.steps[0]?.weights as WeightFacts[];
      expect(weights.some(({ blockSize }) => blockSize === 32)).toBe(true);
      await compareFile(blocks, await blocks.export(), samples(0, 1), real);
      await compareFile(blocks, await blocks.export({ format: 'qoperator' }), samples(0, 1), real);
      blocks.dispose();
    });
  });
});

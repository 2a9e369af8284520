// What a person can pick by name does something sensible to every real model: a file that opens and runs, with outputs
// that are numbers of the same sizes.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Engine, Halftone } from '../support/library';
import { everyModel, haveModels, readModel } from '../support/real_models';

/** The one preset that takes minutes; the native tests measure it. */
const SLOW = 'best_accuracy';

let engine: Engine;
beforeAll(async () => {
  engine = await Halftone.create();
});
afterAll(() => engine.dispose());

const presets = (await Halftone.create().then(async (probe) => {
  const names = (probe.capabilities.presets ?? []).map(({ name, recipe }) => ({ name, recipe }));
  probe.dispose();
  return names;
})) as { name: string; recipe: never[] }[];

describe.skipIf(!haveModels)('presets on real models (needs HALFTONE_SHARED)', () => {
  describe.each(everyModel.filter(({ quantized }) => !quantized))('$file', (model) => {
    it.each(presets.filter(({ name }) => name !== SLOW))(
      '$name',
      async ({ recipe }) => {
        const source = await engine.load(readModel(model));
        const calibration = [1, 2].map((i) => model.feeds(i));
        try {
          const small = await source.apply(recipe, { calibration });
          const wanted = (await source.run(model.feeds(0))).outputs;
          const reopened = await engine.load(await small.export({ format: 'qdq' }));
          const { outputs } = await reopened.run(model.feeds(0));
          for (const [name, tensor] of Object.entries(wanted)) {
            expect(outputs[name]?.dims).toEqual(tensor.dims);
            expect(Array.from(outputs[name]?.data as Float32Array).some(Number.isNaN)).toBe(false);
          }
          reopened.dispose();
          small.dispose();
        } finally {
          source.dispose();
        }
      },
      120_000,
    );
  });
});

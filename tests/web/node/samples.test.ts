// The sample networks: they reach what the page says of them, on data that they have not seen; the fragile one breaks as
// promised; the ones that read digits read real ones too.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inRoot } from '../../../scripts/lib/root.mjs';
import type { Recipe } from '../../../web/src/engine/types';
import { type DataSet, openDataSet } from '../../../web/src/inputs/folder';
import { type FeedOptions, feedsOf, labelledFeedsOf } from '../../../web/src/inputs/item_feeds';
import { withInputRange } from '../../../web/src/inputs/preprocess';
import { type Sample, sampleData, sampleSpec, THUMBNAIL, thumbnailParts } from '../../../web/src/inputs/samples';
import { type Engine, Halftone, type HalftoneModel } from '../support/library';

const folder = inRoot('web/public/samples');
const samples = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as Sample[];
const TRAINING_SEED = 1;
const CALIBRATION_SEED = 9;

let engine: Engine;
const models = new Map<string, HalftoneModel>();

async function modelOf({ id }: Sample): Promise<HalftoneModel> {
  const known = models.get(id) ?? (await engine.load(new Uint8Array(readFileSync(join(folder, `${id}.onnx`)))));
  models.set(id, known);
  return known;
}

const optionsFor = (sample: Sample, { summary }: HalftoneModel): FeedOptions => ({
  inputs: summary.inputs,
  spec: sampleSpec(sample, summary),
  readPicture: () => Promise.reject(new Error('these data are no files')),
});

async function accuracyOf(sample: Sample, model: HalftoneModel, data: DataSet): Promise<number> {
  const dataset = labelledFeedsOf(data, optionsFor(sample, model), { wanted: 100 });
  return (await engine.evaluate(model, dataset)).accuracy;
}

async function compressed(sample: Sample, recipe: Recipe): Promise<HalftoneModel> {
  const model = await modelOf(sample);
  const calibration = feedsOf(sampleData(sample, { count: 100, seed: CALIBRATION_SEED }), optionsFor(sample, model));
  return model.apply(recipe, { calibration });
}

const presetRecipe = (id: string): Recipe =>
  engine.capabilities.presets?.find(({ name }) => name === id)?.recipe ?? expect.fail(`no preset ${id}`);

const quantized = (sample: Sample, params: object) => compressed(sample, [{ pass: 'quantize_static', ...params }]);

const fresh = (sample: Sample, count = sample.test.count) => sampleData(sample, { count, seed: sample.test.seed });

beforeAll(async () => {
  engine = await Halftone.create();
});
afterAll(() => engine.dispose());

describe('the list', () => {
  it('names the files that are there, and no other', () => {
    const files = readdirSync(folder).filter((name) => name.endsWith('.onnx'));
    expect(files.sort()).toEqual(samples.map(({ id }) => `${id}.onnx`).sort());
  });
});

describe.each(samples)('$id', (sample) => {
  it('is a small file that takes any batch', async () => {
    const bytes = readFileSync(join(folder, `${sample.id}.onnx`));
    expect(bytes.length).toBe(sample.bytes);
    expect(bytes.length).toBeLessThan(1e6);
    const { summary } = await modelOf(sample);
    expect(summary.unsupported).toEqual([]);
    expect(summary.inputs[0]?.shape?.[0]).toBe('batch');
    expect(summary.outputs[0]?.shape).toEqual(['batch', sample.classes.length]);
  });

  it('reaches what is said of it on data it has not seen', async () => {
    expect(sample.test.seed).not.toBe(TRAINING_SEED);
    // Float sums may differ in their last bits between machines: a few pictures at most.
    expect(
      Math.abs((await accuracyOf(sample, await modelOf(sample), fresh(sample))) - sample.test.accuracy),
    ).toBeLessThan(0.002);
  });

  it('keeps it with eight bits', async () => {
    const small = await quantized(sample, {});
    // A transformer's residual sums in one scale for all tokens: those of blank patches are smaller than a step.
    const loss = sample.id === 'digits-vit' ? 0.2 : 0.03;
    expect(await accuracyOf(sample, small, fresh(sample, 1000))).toBeGreaterThan(sample.test.accuracy - loss);
    small.dispose();
  });

  it('keeps it by the recommended preset', async () => {
    const small = await compressed(sample, presetRecipe('recommended'));
    expect(await accuracyOf(sample, small, fresh(sample, 1000))).toBeGreaterThan(sample.test.accuracy - 0.02);
    small.dispose();
  });

  // Nothing in a transformer tells its ranges but layer normalizations.
  it.skipIf(sample.id === 'digits-vit')('keeps it without data, the range of its pictures being known', async () => {
    const model = await modelOf(sample);
    const spec = sampleSpec(sample, model.summary);
    const small = await model.apply(withInputRange(presetRecipe('data_free'), spec));
    expect(await accuracyOf(sample, small, fresh(sample, 1000))).toBeGreaterThan(sample.test.accuracy - 0.02);
    small.dispose();
  });

  it('has a thumbnail', () => {
    const parts = [...thumbnailParts(sample)];
    expect(parts).toHaveLength(sample.data === 'points' ? 1 : 9);
    for (const { pixels, left, top } of parts) {
      expect(pixels.rgba).toHaveLength(4 * pixels.width * pixels.height);
      expect(new Set(pixels.rgba).size).toBeGreaterThan(3);
      expect(Math.min(left, top)).toBeGreaterThanOrEqual(0);
      expect(Math.max(left + pixels.width, top + pixels.height)).toBeLessThanOrEqual(THUMBNAIL);
    }
  });
});

describe('shapes-mobile', () => {
  it('is lost when all channels of a weight share one scale', async () => {
    const sample = samples.find(({ id }) => id === 'shapes-mobile') as Sample;
    const small = await quantized(sample, { per_channel: false });
    expect(await accuracyOf(sample, small, fresh(sample, 1000))).toBeLessThan(sample.test.accuracy - 0.2);
    small.dispose();
  });
});

const mnist = process.env.HALFTONE_SHARED ? join(process.env.HALFTONE_SHARED, 'models/data/mnist') : '';

describe.skipIf(!existsSync(mnist))('MNIST (needs HALFTONE_SHARED)', () => {
  it.each(samples.filter(({ data }) => data === 'digits'))(
    '$id reads real digits as well as is said',
    async (sample) => {
      const files = readdirSync(mnist).map((path) => ({
        path,
        bytes: async () => new Uint8Array(readFileSync(join(mnist, path))),
      }));
      const accuracy = await accuracyOf(sample, await modelOf(sample), await openDataSet(files));
      if (sample.id === 'digits-cnn') expect(accuracy).toBeGreaterThan(0.85);
      expect(accuracy).toBeCloseTo(sample.mnist ?? 0, 2);
    },
  );
});

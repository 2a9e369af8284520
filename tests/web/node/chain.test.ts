// What the page says of every step is what the whole recipe did, also where a step chooses for a later one; and a recipe that
// is run in parts comes to the same.
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { inRoot } from '../../../scripts/lib/root.mjs';
import type { Recipe } from '../../../web/src/engine/types';
import { median } from '../../../web/src/format';
import { outputDiffs, outputSqnr } from '../../../web/src/results/distance';
import * as app from '../../../web/src/state/app';
import { applySteps, dropChain, measureSteps, referenceOf } from '../../../web/src/state/chain';
import { calibrationFeeds, wantedCount } from '../../../web/src/state/inputs';
import type { Step } from '../../../web/src/state/recipe';
import { type Engine, Halftone, type HalftoneModel } from '../support/library';
import { Random } from '../support/random';

let engine: Engine;
let source: HalftoneModel;
const tools = { signal: new AbortController().signal, onProgress: () => {} };
const feeds = { input: { type: 'float32' as const, dims: [1, 3, 32, 32], data: new Random(5).floats(3072) } };

beforeAll(async () => {
  engine = await Halftone.create({ threads: 1 });
  source = await engine.load(new Uint8Array(readFileSync(inRoot('web/public/samples/shapes-mobile.onnx'))));
  app.engine.value = engine;
  const guess = { image: null, reason: 'unknown' as const };
  app.opened.value = {
    fileName: 'm.onnx',
    fileSize: 0,
    model: source,
    graph: await source.graph(),
    guess,
    sample: null,
  };
  wantedCount.value = 4;
});
afterEach(() => dropChain());
afterAll(() => engine.dispose());

const stepsOf = (recipe: Recipe): Step[] =>
  recipe.map(({ pass, ...params }, i) => ({ id: i + 1, pass, params, on: true }));

async function sqnrOf(recipe: Recipe): Promise<number | null> {
  const made = await source.apply(recipe, { calibration: calibrationFeeds() });
  const [truth, now] = [await source.run(feeds), await made.run(feeds)];
  made.dispose();
  return outputSqnr(truth.outputs, now.outputs);
}

async function shown(recipe: Recipe) {
  const steps = stepsOf(recipe);
  const model = await applySteps(source, steps, tools);
  // However slow the machine is.
  const [original, compressed] = [await source.run(feeds), await model.run(feeds)];
  const ran = { original, compressed: { sqnr: outputSqnr(original.outputs, compressed.outputs), ms: compressed.ms } };
  return { model, measured: await measureSteps(source, steps, { feeds, ran }, tools, Number.POSITIVE_INFINITY) };
}

const four = { pass: 'quantize_static', weight_bits: 4 };

describe.each<[string, Recipe]>([
  ['fall_back', [{ pass: 'equalize' }, { pass: 'fall_back', nodes: 4, feeds: 2 }, four, { pass: 'correct_bias' }]],
  ['allocate_bits', [{ pass: 'allocate_bits', limit: 5, feeds: 2 }, four, { pass: 'correct_bias' }]],
])('with %s', (pass, recipe) => {
  const place = recipe.findIndex((step) => step.pass === pass);
  const quantizing = place + 1;

  it('every step is shown as in the whole recipe', async () => {
    const { model, measured } = await shown(recipe);
    expect(measured.map(({ report }) => report.pass)).toEqual(recipe.map((step) => step.pass));
    const chosen = measured[quantizing]?.report.params.overrides as unknown[];
    expect(chosen.length).toBeGreaterThan(0);
    // What the choosing step leaves is what it found.
    expect(measured[place]?.sqnr).toBe(place === 0 ? null : measured[place - 1]?.sqnr);
    expect(measured[quantizing]?.sqnr).toBe(await sqnrOf(recipe.slice(0, quantizing + 1)));
    expect(measured.at(-1)?.sqnr).toBe(await sqnrOf(recipe));
    expect(measured.at(-1)?.bytes).toBe(model.summary.bytes);
    // It would have been something else without the choice.
    expect(measured[quantizing]?.sqnr).not.toBe(await sqnrOf([...recipe.slice(0, place), four]));
  });

  it('a part behind another one remembers what was chosen', async () => {
    const calibration = calibrationFeeds();
    const choosing = recipe.slice(0, quantizing);
    const first = await source.apply(choosing, { calibration });
    const second = await first.apply([{ pass: 'quantize_static' }], { calibration });
    const whole = await source.apply([...choosing, { pass: 'quantize_static' }], { calibration });
    expect((await second.run(feeds)).outputs).toEqual((await whole.run(feeds)).outputs);
    expect(second.report?.steps[0]?.params).toEqual(whole.report?.steps[quantizing]?.params);
    for (const model of [first, second, whole]) model.dispose();
  });
});

it('holds layers against the float network that the quantizing step met', async () => {
  const recipe: Recipe = [{ pass: 'equalize' }, { pass: 'quantize_static' }];
  const { model } = await shown(recipe);
  const reference = await referenceOf(source, stepsOf(recipe), tools);
  expect(reference?.summary.quantized).toBe(false);
  const usual = async (against: HalftoneModel) => {
    const { layers } = await engine.compare(against, model, feeds);
    return median(layers.map(({ sqnr }) => sqnr ?? 999));
  };
  // Channels are scaled against each other: held against the file's network that looks like noise.
  expect(await usual(source)).toBeLessThan(12);
  expect(await usual(reference as HalftoneModel)).toBeGreaterThan(24);
  expect(await referenceOf(source, stepsOf([{ pass: 'quantize_static' }]), tools)).toBeNull();
});

it('measures outputs as the engine does', async () => {
  const { model } = await shown([{ pass: 'quantize_static' }]);
  const [own] = outputDiffs((await source.run(feeds)).outputs, (await model.run(feeds)).outputs);
  const [wanted] = (await engine.compare(source, model, feeds)).outputs;
  expect(own).toMatchObject({ name: wanted?.name, elements: wanted?.elements, maxAbsError: wanted?.maxAbsError });
  expect(own?.sqnr).toBeCloseTo(wanted?.sqnr as number, 2);
  expect(own?.cosine).toBeCloseTo(wanted?.cosine as number, 6);
});

// What a model takes while it runs: measured on a copy, by itself, and nothing of it stays.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Engine, Halftone, rejection } from '../support/library';
import { heavyModel, tinyFeeds, tinyModel } from '../support/tiny';

let engine: Engine;

beforeAll(async () => {
  engine = await Halftone.create();
});
afterAll(() => engine.dispose());

const used = async () => (await engine.memory()).usedBytes;

it('is the weights and the buffers, of each model by itself', async () => {
  const size = 8 << 20;
  const heavy = await engine.load(heavyModel(size));
  const rows = heavy.summary.inputs[0]?.shape?.[1] as number;
  const feeds = { x: { type: 'float32' as const, dims: [1, rows], data: new Float32Array(rows).fill(0.5) } };
  const small = await heavy.apply([{ pass: 'quantize_static' }], { calibration: [feeds] });
  for (const model of [heavy, small]) await model.run(feeds);
  const before = await used();
  const whole = (await heavy.memory(feeds)).bytes;
  expect(whole).toBeGreaterThan(size);
  expect(whole).toBeLessThan(2.2 * size);
  expect(Math.abs((await heavy.memory(feeds)).bytes - whole)).toBeLessThan(64 << 10);
  expect((await small.memory(feeds)).bytes).toBeLessThan(0.6 * whole);
  expect((await used()) - before).toBeLessThan(64 << 10);
  for (const model of [heavy, small]) model.dispose();
});

it('grows with the input', async () => {
  const tiny = await engine.load(tinyModel());
  const of = async (batch: number) => (await tiny.memory(tinyFeeds(1, batch))).bytes;
  expect(await of(64)).toBeGreaterThan((await of(1)) + 63 * 192 * 4);
  tiny.dispose();
});

it('is flat in the number of calibration inputs', async () => {
  const batch = 256;
  const stream = (count: number) => ({
    async *[Symbol.asyncIterator]() {
      for (let i = 0; i < count; ++i) yield tinyFeeds(i, batch);
    },
  });
  const heapAfter = async (count: number) => {
    const fresh = await Halftone.create({ threads: 1 });
    const model = await fresh.load(tinyModel());
    const recipe = fresh.capabilities.presets?.find(({ name }) => name === 'recommended')?.recipe ?? [];
    await model.apply(recipe, { calibration: stream(count) });
    const { heapBytes } = await fresh.memory();
    fresh.dispose();
    return heapBytes;
  };
  const inputBytes = batch * 3 * 8 * 8 * 4;
  expect((await heapAfter(310)) - (await heapAfter(10))).toBeLessThan(10 * inputBytes);
});

it('fails as a run does, and keeps nothing', async () => {
  const tiny = await engine.load(tinyModel());
  const before = await used();
  expect((await rejection(tiny.memory({}))).code).toBe('invalid_input');
  expect((await rejection(tiny.memory(tinyFeeds(1), { signal: AbortSignal.abort() }))).code).toBe('cancelled');
  expect((await used()) - before).toBeLessThan(64 << 10);
  tiny.dispose();
  expect((await rejection(tiny.memory(tinyFeeds(1)))).code).toBe('invalid_argument');
});

// Integer results are bit-exact: a model quantized here gives the same integers here (simd in Node) as natively.
// The relaxed variant is held against simd in Chromium, with the same digest.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { intDigest } from '../support/int_digest';
import { type Engine, type Feeds, floats, Halftone, type HalftoneModel } from '../support/library';
import { haveModels, readModel, realModels } from '../support/real_models';
import { tinyFeeds, tinyModel } from '../support/tiny';

const native = fileURLToPath(new URL('../../../build/release/int_digest', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'halftone-digest-'));

let engine: Engine;
beforeAll(async () => {
  engine = await Halftone.create({ variant: 'simd' });
});
afterAll(() => {
  engine.dispose();
  rmSync(folder, { recursive: true });
});

async function nativeDigest(model: HalftoneModel, input: Float32Array): Promise<unknown> {
  const [file, data] = [join(folder, 'model.onnx'), join(folder, 'input.bin')];
  writeFileSync(file, await model.export());
  writeFileSync(data, input);
  return JSON.parse(execFileSync(native, [file, data], { encoding: 'utf8', maxBuffer: 1 << 26 }));
}

async function check(model: HalftoneModel, feeds: Feeds): Promise<void> {
  // From the file, as the native side has it.
  const exported = await engine.load(await model.export());
  const { profile } = await exported.run(feeds, { profile: true });
  expect(profile.filter((step) => step.integer).length).toBeGreaterThan(1);
  const here = await intDigest(exported, feeds);
  exported.dispose();
  expect(Object.keys(here).length).toBeGreaterThan(1);
  expect(here).toEqual(await nativeDigest(model, floats(Object.values(feeds)[0])));
}

// `npm test` builds it before this suite; build/release is absent when only the web part is tested.
describe.skipIf(!existsSync(native))('integers here and natively', () => {
  it('of the tiny model', async () => {
    const model = await engine.load(tinyModel());
    const quantized = await model.apply([{ pass: 'quantize_static' }], {
      calibration: [1, 2, 3].map((s) => tinyFeeds(s)),
    });
    await check(quantized, tinyFeeds(7));
    for (const m of [model, quantized]) m.dispose();
  });

  it.skipIf(!haveModels).each(realModels)('of $file', async (real) => {
    const model = await engine.load(readModel(real));
    const name = model.summary.inputs[0]?.name ?? '';
    const feeds = (i: number): Feeds => ({ [name]: { type: 'float32', dims: real.dims, data: real.item(i) } });
    const quantized = real.quantized
      ? model
      : await model.apply([{ pass: 'quantize_static' }], { calibration: [feeds(100), feeds(101)] });
    await check(quantized, feeds(0));
    for (const m of [model, quantized]) m.dispose();
  });
});

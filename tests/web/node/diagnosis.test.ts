// Risks, sensitivity and facts about layers through the library.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Engine, Halftone, type HalftoneModel } from '../support/library';
import { tinyFeeds, tinyModel } from '../support/tiny';

let engine: Engine;
let model: HalftoneModel;
const calibration = [1, 2, 3, 4].map((seed) => tinyFeeds(seed));

beforeAll(async () => {
  engine = await Halftone.create();
  model = await engine.load(tinyModel());
});
afterAll(() => engine.dispose());

it('finds risks without running the model', async () => {
  const { findings } = await model.risks();
  const ends = findings.find((f) => f.id === 'ends');
  expect(ends).toMatchObject({ severity: 'low', nodes: ['conv', 'classify'], step: { pass: 'quantize_static' } });
});

it('measures the sensitivity of every layer', async () => {
  const stages = new Set<string>();
  const found = await model.sensitivity({
    quantize: { pass: 'quantize_static', weight_bits: 4 },
    calibration,
    labels: [0, 1],
    feeds: 3,
    onProgress: ({ stage }) => stages.add(stage),
  });
  expect(found.feeds).toBe(3);
  expect(found.layers.map((l) => l.node).sort()).toContain('classify');
  const noise = found.layers.map((l) => l.sqnr ?? 999);
  expect(noise).toEqual([...noise].sort((a, b) => a - b));
  expect(found.layers[0]).toHaveProperty('divergence');
  expect(found.layers[0]).toHaveProperty('accuracy');
  expect(found.suggestion.nodes.length).toBeGreaterThan(0);
  expect(stages).toContain('sensitivity');
});

it('tries layers as the steps before leave them', async () => {
  const only = { pass: 'quantize_static', weight_bits: 3 };
  const before = [{ pass: 'equalize', by: 'weights' }];
  const [plain, prepared] = [
    await model.sensitivity({ quantize: only, calibration }),
    await model.sensitivity({ before, quantize: only, calibration }),
  ];
  expect(prepared.layers.map((l) => l.node).sort()).toEqual(plain.layers.map((l) => l.node).sort());
  expect(prepared.all.sqnr).not.toBe(plain.all.sqnr);
});

it.each([4, 7, 12])('holds as many layers against the float model with %i bits as with 8', async (bits) => {
  const compared = async (activation_bits: number) => {
    const quantized = await model.apply([{ pass: 'quantize_static', activation_bits }], { calibration });
    const { layers } = await engine.compare(model, quantized, tinyFeeds(9));
    quantized.dispose();
    return layers;
  };
  const [eight, other] = [await compared(8), await compared(bits)];
  expect(other.map((l) => l.name)).toEqual(eight.map((l) => l.name));
  const conv = other.find((l) => l.op === 'Relu');
  expect(conv?.dead).toBeLessThan(0.6);
  expect(conv).toHaveProperty('aloneSqnr');
});

it('tells what a layer loses by itself', async () => {
  const quantized = await model.apply([{ pass: 'quantize_static' }], { calibration });
  const { layers } = await engine.compare(model, quantized, tinyFeeds(9));
  expect(layers.length).toBeGreaterThan(0);
  for (const layer of layers) {
    expect(layer.aloneSqnr === null || (layer.aloneSqnr ?? 0) > 20).toBe(true);
    expect(layer.dead).toBeLessThan(1);
  }
  quantized.dispose();
});

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

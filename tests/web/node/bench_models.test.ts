// The benchmark's networks are the published ones, as our engine sees them: their size, their work, and activations
// that neither die nor explode.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Network } from '../../bench/models/network';
import { mobileNetV2, resNet50 } from '../../bench/models/networks';
import { networkToOnnx } from '../../bench/models/to_onnx';
import { sqnr } from '../support/agreement';
import { type Engine, type Feeds, floats, Halftone } from '../support/library';
import { Random } from '../support/random';

let engine: Engine;
beforeAll(async () => {
  engine = await Halftone.create();
});
afterAll(() => engine.dispose());

const feedsOf = ({ size }: Network, seed: number): Feeds => ({
  input: { type: 'float32', dims: [1, 3, size, size], data: new Random(seed).floats(3 * size * size, -2, 2) },
});

// Multiply-accumulates at 224 x 224; the papers say 300 million, and 3.8 billion for a ResNet-50 that strides earlier.
describe.each([
  { make: mobileNetV2, name: 'MobileNetV2-1.0', parameters: 3.487e6, macs: 0.301e9, convolutions: 52 },
  { make: resNet50, name: 'ResNet-50', parameters: 25.53e6, macs: 4.09e9, convolutions: 53 },
])('$name', ({ make, parameters, macs, convolutions }) => {
  it('has the published size and work', async () => {
    const model = await engine.load(networkToOnnx(make()));
    const { summary } = model;
    model.dispose();
    expect(summary.unsupported).toEqual([]);
    expect(summary.operators.find(({ op }) => op === 'Conv')?.count).toBe(convolutions);
    expect(Math.abs(summary.parameters / parameters - 1)).toBeLessThan(0.01);
    expect(Math.abs(summary.macs / macs - 1)).toBeLessThan(0.01);
  });

  it('is the same file for the same seed, with activations of sane size, and can be quantized', async () => {
    const network = make(64);
    const file = networkToOnnx(network, 5);
    expect(Buffer.compare(networkToOnnx(network, 5), file)).toBe(0);
    const model = await engine.load(file);
    const feeds = feedsOf(network, 1);
    const taps = network.layers.map(({ name }) => name);
    const result = await model.run(feeds, { taps });
    for (const name of taps) {
      const values = floats({ ...result.taps, ...result.outputs }[name]);
      const power = values.reduce((sum, v) => sum + v * v, 0) / values.length;
      expect(power, name).toBeGreaterThan(0.05);
      expect(power, name).toBeLessThan(100);
    }
    const quantized = await model.apply([{ pass: 'quantize_static' }], {
      calibration: [2, 3].map((i) => feedsOf(network, i)),
    });
    expect(sqnr(result.outputs, (await quantized.run(feeds)).outputs)).toBeGreaterThan(15);
    for (const m of [model, quantized]) m.dispose();
  });
});

// The library in Node on a tiny model: load, run, apply, export, compare, evaluate, memory.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Engine, floats, Halftone, type HalftoneModel } from '../support/library';
import { buildModel, FLOAT16, INT64, STRING } from '../support/onnx_builder';
import { CLASSES, heavyModel, tinyFeeds, tinyModel, tinySpec } from '../support/tiny';

let engine: Engine;
let model: HalftoneModel;
const calibration = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => tinyFeeds(seed));

beforeAll(async () => {
  engine = await Halftone.create();
  model = await engine.load(tinyModel());
});
afterAll(() => engine.dispose());

/** Conv, Relu, global average pooling and Gemm, written down again in double precision. */
function reference(x: Float32Array): number[] {
  const [w, b, fw, fb] = (tinySpec().initializers ?? []).map((t) => t.data as Float32Array) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const at = (c: number, y: number, z: number) => (y < 0 || y > 7 || z < 0 || z > 7 ? 0 : (x[c * 64 + y * 8 + z] ?? 0));
  const pooled = Array.from({ length: 8 }, (_, o) => {
    let sum = 0;
    for (let y = 0; y < 8; ++y) {
      for (let z = 0; z < 8; ++z) {
        let acc = b[o] ?? 0;
        for (let k = 0; k < 27; ++k) {
          const [c, i, j] = [Math.floor(k / 9), Math.floor((k % 9) / 3), k % 3];
          acc += (w[o * 27 + k] ?? 0) * at(c, y + i - 1, z + j - 1);
        }
        sum += Math.max(acc, 0);
      }
    }
    return sum / 64;
  });
  return Array.from({ length: CLASSES }, (_, n) =>
    pooled.reduce((sum, p, k) => sum + p * (fw[n * 8 + k] ?? 0), fb[n] ?? 0),
  );
}

describe('Halftone.create', () => {
  it('describes what it can do', () => {
    const { variant, dot, ops, passes } = engine.capabilities;
    expect(variant).toBe('simd');
    expect(dot).toBe('none');
    expect(ops.find((op) => op.name === 'Conv')).toMatchObject({ domain: '', int8: true, quant: 'weighted' });
    const pass = passes.find((p) => p.name === 'quantize_static');
    expect(pass?.needs.calibration).toBe(true);
    expect(pass?.params.length).toBeGreaterThan(0);
  });

  it('works twice in one process', async () => {
    const other = await Halftone.create({ variant: 'simd' });
    const same = await other.load(tinyModel());
    expect((await same.run(tinyFeeds(1))).outputs).toEqual((await model.run(tinyFeeds(1))).outputs);
    other.dispose();
  });
});

describe('load', () => {
  it('summarizes', () => {
    expect(model.summary).toMatchObject({
      inputs: [{ name: 'x', type: 'float32', shape: ['batch', 3, 8, 8] }],
      outputs: [{ name: 'scores', type: 'float32', shape: ['batch', CLASSES] }],
      nodes: 5,
      parameters: 8 * 27 + 8 + 8 * CLASSES + CLASSES,
      macs: 8 * 27 * 64 + 8 * CLASSES,
      opset: 13,
      irVersion: 8,
      producer: 'halftone-tests',
      quantized: false,
      unsupported: [],
    });
    expect(model.report).toBeNull();
  });

  it('takes a Blob, and a view into a larger buffer that stays the caller’s', async () => {
    const bytes = tinyModel();
    const padded = new Uint8Array(bytes.length + 100);
    padded.set(bytes, 50);
    const view = padded.subarray(50, 50 + bytes.length);
    for (const source of [new Blob([bytes as BlobPart]), view]) {
      const loaded = await engine.load(source);
      expect(loaded.summary).toEqual(model.summary);
      loaded.dispose();
    }
    expect(view.length).toBe(bytes.length);
  });

  it('reports progress up to the end of the file', async () => {
    const seen: number[] = [];
    const bytes = heavyModel(4 << 20);
    const loaded = await engine.load(bytes, {
      onProgress: ({ stage, done, total }) => {
        expect(stage).toBe('load');
        expect(total).toBe(bytes.length);
        seen.push(done);
      },
    });
    loaded.dispose();
    expect(seen.length).toBeGreaterThan(0);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });

  it('reads external data by its location', async () => {
    const spec = tinySpec();
    const weight = spec.initializers?.[0];
    if (!weight) throw new Error('the tiny model has weights');
    weight.external = { location: 'weights.bin', offset: 16 };
    const file = new Uint8Array(16 + weight.data.byteLength);
    file.set(new Uint8Array(weight.data.buffer), 16);
    for (const data of [file, new Blob([file as BlobPart])]) {
      const loaded = await engine.load(buildModel(spec), { externalData: { 'weights.bin': data } });
      expect((await loaded.run(tinyFeeds(3))).outputs).toEqual((await model.run(tinyFeeds(3))).outputs);
      loaded.dispose();
    }
  });
});

describe('graph', () => {
  it('lists nodes in order, and values with their bytes', async () => {
    const graph = await model.graph();
    expect(graph.nodes.map((n) => n.op)).toEqual(['Conv', 'Relu', 'GlobalAveragePool', 'Flatten', 'Gemm']);
    expect(graph.nodes[0]).toMatchObject({
      name: 'conv',
      inputs: ['x', 'w', 'b'],
      outputs: ['conv_out'],
      attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1] },
      macs: 8 * 27 * 64,
    });
    expect(graph.values.find((v) => v.name === 'w')).toMatchObject({ constant: true, bytes: 864, shape: [8, 3, 3, 3] });
    expect(graph.values.find((v) => v.name === 'relu_out')).toMatchObject({ shape: ['batch', 8, 8, 8] });
  });
});

describe('run', () => {
  it('computes what the network says', async () => {
    const feeds = tinyFeeds(9);
    const { outputs, ms } = await model.run(feeds);
    expect(outputs.scores?.dims).toEqual([1, CLASSES]);
    const scores = [...floats(outputs.scores)];
    const expected = reference(floats(feeds.x));
    for (const [i, value] of expected.entries()) expect(scores[i]).toBeCloseTo(value, 4);
    expect(ms).toBeGreaterThan(0);
  });

  it('leaves the caller’s arrays alone and takes any batch', async () => {
    const feeds = tinyFeeds(9, 3);
    const { outputs } = await model.run(feeds);
    expect(feeds.x?.data.length).toBe(3 * 192);
    expect(outputs.scores?.dims).toEqual([3, CLASSES]);
  });

  it('gives taps and a profile', async () => {
    const { taps, profile } = await model.run(tinyFeeds(1), { taps: ['relu_out'], profile: true });
    expect(taps.relu_out?.dims).toEqual([1, 8, 8, 8]);
    expect(Math.min(...floats(taps.relu_out))).toBe(0);
    expect(profile.length).toBeGreaterThan(0);
    for (const time of profile) expect(time).toMatchObject({ integer: false, ms: expect.any(Number) });
  });

  it.each([
    ['int64', INT64, BigInt64Array.of(-(2n ** 40n), 7n)],
    ['float16', FLOAT16, Uint16Array.of(0x3c00, 0xc000)],
    ['string', STRING, ['a', 'ü €']],
  ] as const)('carries %s both ways', async (type, elementType, data) => {
    const identity = await engine.load(
      buildModel({
        nodes: [{ op: 'Identity', inputs: ['x'], outputs: ['y'] }],
        inputs: [{ name: 'x', elementType, dims: [2] }],
        outputs: [{ name: 'y', elementType, dims: [2] }],
      }),
    );
    const { outputs } = await identity.run({ x: { type, dims: [2], data: data as never } });
    expect(outputs.y).toEqual({ type, dims: [2], data });
    identity.dispose();
  });
});

describe('apply', () => {
  const recipe = [{ pass: 'quantize_static' }];

  it('quantizes, reports and leaves the original as it was', async () => {
    const before = await model.run(tinyFeeds(9));
    const quantized = await model.apply(recipe, { calibration });
    expect(quantized.summary.quantized).toBe(true);
    expect(quantized.report?.steps).toHaveLength(1);
    expect(quantized.report?.steps[0]).toMatchObject({ pass: 'quantize_static', bytesBefore: model.summary.bytes });
    expect(quantized.report?.steps[0]?.bytesAfter).toBe(quantized.summary.bytes);
    expect(quantized.report?.recipe[0]?.pass).toBe('quantize_static');
    const profile = (await quantized.run(tinyFeeds(9), { profile: true })).profile;
    expect(profile.some((t) => t.op === 'Conv' && t.integer)).toBe(true);
    expect((await model.run(tinyFeeds(9))).outputs).toEqual(before.outputs);
    quantized.dispose();
  });

  it('gives the same bytes for every kind of iterable', async () => {
    async function* later() {
      for (const feeds of calibration) {
        await new Promise((resume) => setTimeout(resume, 1));
        yield feeds;
      }
    }
    const again = { [Symbol.iterator]: () => calibration[Symbol.iterator]() };
    const files = [];
    for (const stream of [calibration, again, new Set(calibration), later()]) {
      const quantized = await model.apply(recipe, { calibration: stream });
      files.push(await quantized.export());
      quantized.dispose();
    }
    for (const file of files) expect(file).toEqual(files[0]);
  });

  it('counts calibration as it goes', async () => {
    const seen: string[] = [];
    const quantized = await model.apply(recipe, {
      calibration,
      onProgress: ({ stage, done, total }) => {
        if (stage === 'calibrate') seen.push(`${done}/${total}`);
      },
    });
    quantized.dispose();
    expect(seen.slice(0, 8)).toEqual(calibration.map((_, i) => `${i + 1}/8`));
  });
});

describe('export', () => {
  it('writes a file that loads and runs the same', async () => {
    const quantized = await model.apply([{ pass: 'quantize_static' }], { calibration });
    const file = await quantized.export();
    expect(file.length).toBe(quantized.summary.bytes);
    const again = await engine.load(file);
    expect(again.summary.quantized).toBe(true);
    expect((await again.run(tinyFeeds(5))).outputs).toEqual((await quantized.run(tinyFeeds(5))).outputs);
    expect(await again.export()).toEqual(file);
    for (const m of [quantized, again]) m.dispose();
  });
});

describe('compare', () => {
  it('finds no error between a model and itself', async () => {
    const { outputs, layers } = await engine.compare(model, model, tinyFeeds(1));
    expect(outputs).toMatchObject([{ name: 'scores', op: 'Gemm', elements: CLASSES, sqnr: null, maxAbsError: 0 }]);
    expect(layers.map((l) => l.name)).toEqual(['conv_out', 'relu_out', 'pool_out', 'flat', 'scores']);
  });

  it('measures a quantized model', async () => {
    const quantized = await model.apply([{ pass: 'quantize_static' }], { calibration });
    const { outputs, layers } = await engine.compare(model, quantized, tinyFeeds(1));
    expect(outputs[0]?.sqnr).toBeGreaterThan(25);
    expect(outputs[0]?.cosine).toBeGreaterThan(0.99);
    expect(layers.length).toBeGreaterThan(1);
    // What compare() says of the output is what the outputs of run() show.
    const float = floats((await model.run(tinyFeeds(1))).outputs.scores);
    const int8 = floats((await quantized.run(tinyFeeds(1))).outputs.scores);
    const noise = float.reduce((sum, v, i) => sum + (v - (int8[i] ?? 0)) ** 2, 0);
    const signal = float.reduce((sum, v) => sum + v * v, 0);
    expect(outputs[0]?.sqnr).toBeCloseTo(10 * Math.log10(signal / noise), 3);
    quantized.dispose();
  });
});

describe('evaluate', () => {
  it('counts what run() predicts', async () => {
    const seeds = Array.from({ length: 24 }, (_, i) => i + 1);
    const predicted: number[] = [];
    for (const seed of seeds) {
      const scores = [...floats((await model.run(tinyFeeds(seed))).outputs.scores)];
      predicted.push(scores.indexOf(Math.max(...scores)));
    }
    // Every third label is wrong on purpose.
    const labels = predicted.map((p, i) => (i % 3 === 0 ? (p + 1) % CLASSES : p));
    function* dataset() {
      for (const [i, seed] of seeds.entries()) yield { feeds: tinyFeeds(seed), labels: [labels[i] ?? 0] };
    }
    const result = await engine.evaluate(model, dataset());
    expect(result.samples).toBe(24);
    expect(result.accuracy).toBeCloseTo(16 / 24, 10);
    expect(result.top5).toBe(1);
    expect(result.confusion).toHaveLength(CLASSES);
    expect(result.confusion.flat().reduce((a, b) => a + b)).toBe(24);
    for (const [i, truth] of labels.entries()) expect(result.confusion[truth]?.[predicted[i] ?? 0]).toBeGreaterThan(0);
  });
});

describe('dispose', () => {
  it('really frees the memory of a model and its program', async () => {
    const size = 8 << 20;
    const start = (await engine.memory()).usedBytes;
    const heavy = await engine.load(heavyModel(size));
    const rows = heavy.summary.inputs[0]?.shape?.[1] as number;
    await heavy.run({ x: { type: 'float32', dims: [1, rows], data: new Float32Array(rows).fill(0.5) } });
    const held = (await engine.memory()).usedBytes;
    expect(held - start).toBeGreaterThan(size * 0.95);
    heavy.dispose();
    expect((await engine.memory()).usedBytes - start).toBeLessThan(64 << 10);
  });

  it('does not let memory grow over many models', async () => {
    const bytes = heavyModel(4 << 20);
    const cycle = async () => {
      const heavy = await engine.load(bytes);
      heavy.dispose();
    };
    await cycle();
    const { heapBytes } = await engine.memory();
    for (let i = 0; i < 10; ++i) await cycle();
    expect((await engine.memory()).heapBytes).toBe(heapBytes);
  });

  it('keeps the peak of loading near 1.3 times the file', async () => {
    const fresh = await Halftone.create();
    const before = (await fresh.memory()).heapBytes;
    const bytes = heavyModel(48 << 20);
    const heavy = await fresh.load(bytes);
    const peak = (await fresh.memory()).heapBytes; // the heap never shrinks, so this is its peak
    expect(peak - before).toBeLessThan(1.3 * bytes.length);
    expect(heavy.summary.bytes).toBeGreaterThan(48 << 20);
    fresh.dispose();
  });
});

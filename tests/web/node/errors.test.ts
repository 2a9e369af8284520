// Bad input: every mistake rejects with {code, message, where, hint}, and the engine goes on working afterwards.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ErrorCode, Feeds, Recipe } from '../../../web/src/engine';
import { type Engine, Halftone, type HalftoneModel, rejection } from '../support/library';
import { buildModel, INT64, type ModelSpec } from '../support/onnx_builder';
import { CLASSES, tinyFeeds, tinyModel, tinySpec } from '../support/tiny';

let engine: Engine;
let model: HalftoneModel;
let expected: unknown;

beforeAll(async () => {
  engine = await Halftone.create();
  model = await engine.load(tinyModel());
  expected = (await model.run(tinyFeeds(1))).outputs;
});
afterAll(() => engine.dispose());
afterEach(async () => {
  expect((await model.run(tinyFeeds(1))).outputs, 'the engine goes on working').toEqual(expected);
});

/** The tiny model with something changed. */
function changed(change: (spec: ModelSpec) => void): Uint8Array {
  const spec = tinySpec();
  change(spec);
  return buildModel(spec);
}

function node(spec: ModelSpec, name: string) {
  const found = spec.nodes.find((n) => n.name === name);
  if (!found) throw new Error(`no node ${name}`);
  return found;
}

describe('files that are not models', () => {
  it.each<[string, Uint8Array, ErrorCode]>([
    ['empty', new Uint8Array(0), 'invalid_model'],
    ['text', new TextEncoder().encode('<!doctype html><title>not a model</title>'), 'invalid_model'],
    ['zip', Uint8Array.of(0x50, 0x4b, 3, 4, 20, 0, 0, 0, 8, 0), 'invalid_model'],
    ['zeros', new Uint8Array(1000), 'invalid_model'],
    ['noise', Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) % 251), 'invalid_model'],
  ])('%s', async (_, bytes, code) => {
    const error = await rejection(engine.load(bytes));
    expect(error.code).toBe(code);
    expect(error.hint).not.toBe('');
  });

  it('truncated at any byte: an error, or a shorter model that is valid', async () => {
    const whole = tinyModel();
    for (let length = 1; length < whole.length; length += length < 200 ? 1 : 13) {
      const outcome = await engine.load(whole.slice(0, length)).catch((error: unknown) => error);
      if (outcome instanceof Error)
        expect(outcome).toMatchObject({ code: 'invalid_model', message: expect.any(String) });
      else (outcome as HalftoneModel).dispose();
    }
  });

  it('a Blob that is no file, an object that is no Blob', async () => {
    expect((await rejection(engine.load({} as Blob))).code).toBe('invalid_argument');
    expect((await rejection(engine.load('model.onnx' as never))).where).toBe('source');
  });
});

describe('broken models', () => {
  it.each<[string, (spec: ModelSpec) => void, ErrorCode, RegExp]>([
    [
      'cycle',
      (spec) => {
        node(spec, 'conv').inputs[0] = 'pool_out';
      },
      'invalid_model',
      /conv|relu|pool/,
    ],
    [
      'missing initializer',
      (spec) => {
        spec.initializers = spec.initializers?.filter((t) => t.name !== 'fw');
      },
      'invalid_model',
      /classify|fw/,
    ],
    [
      'overflowing dims',
      (spec) => {
        if (spec.initializers?.[0]) spec.initializers[0].dims = [2 ** 40, 2 ** 40, 2 ** 40];
      },
      'invalid_model',
      /w/,
    ],
    [
      'negative dims',
      (spec) => {
        if (spec.initializers?.[0]) spec.initializers[0].dims = [-8, 3, 3, 3];
      },
      'invalid_model',
      /w/,
    ],
    [
      'data shorter than dims',
      (spec) => {
        if (spec.initializers?.[0]) spec.initializers[0].dims = [80, 3, 3, 3];
      },
      'invalid_model',
      /w/,
    ],
    [
      'two producers',
      (spec) => {
        node(spec, 'relu').outputs[0] = 'conv_out';
      },
      'invalid_model',
      /conv_out|relu|pool/,
    ],
    [
      'shapes that contradict',
      (spec) => {
        node(spec, 'classify').inputs[1] = 'b';
      },
      'invalid_model',
      /classify/,
    ],
    [
      'external data without its file',
      (spec) => {
        if (spec.initializers?.[0]) spec.initializers[0].external = { location: 'weights.bin', offset: 0 };
      },
      'io',
      /weights\.bin|w/,
    ],
  ])('%s', async (_, change, code, where) => {
    const error = await rejection(engine.load(changed(change)));
    expect(error.code).toBe(code);
    expect(error.where).toMatch(where);
    expect(error.message).not.toBe('');
    expect(error.hint).not.toBe('');
  });

  it('an unknown operator loads, is listed, and is refused by run', async () => {
    const loaded = await engine.load(
      changed((spec) => {
        Object.assign(node(spec, 'relu'), { op: 'Sparkle', domain: 'example.org' });
      }),
    );
    expect(loaded.summary.unsupported).toEqual([{ op: 'Sparkle', domain: 'example.org', nodes: ['relu'] }]);
    expect(loaded.summary.operators.find((o) => o.op === 'Sparkle')?.supported).toBe(false);
    const error = await rejection(loaded.run(tinyFeeds(1)));
    expect(error.code).toBe('unsupported_operator');
    expect(`${error.message} ${error.where}`).toMatch(/Sparkle/);
    loaded.dispose();
  });
});

describe('sizes that only show when it runs', () => {
  const grow = () =>
    buildModel({
      nodes: [{ op: 'ConstantOfShape', name: 'grow', inputs: ['shape'], outputs: ['y'] }],
      inputs: [{ name: 'shape', elementType: INT64, dims: [2] }],
      outputs: [{ name: 'y', dims: ['a', 'b'] }],
    });
  const feeds = (...dims: bigint[]): Feeds => ({
    shape: { type: 'int64', dims: [2], data: BigInt64Array.from(dims) },
  });

  it.each<[string, bigint[]]>([
    ['overflow', [2n ** 62n, 2n ** 62n]],
    ['more than there is', [2n ** 16n, 2n ** 16n]],
    ['all that there could be', [2n ** 15n, 2n ** 15n - 1n]],
    ['negative', [-1n, 5n]],
  ])('%s', async (_, dims) => {
    const loaded = await engine.load(grow());
    const error = await rejection(loaded.run(feeds(...dims)));
    expect(['out_of_memory', 'invalid_model', 'invalid_input', 'invalid_argument']).toContain(error.code);
    expect(error.where).toMatch(/grow|y/);
    expect((await loaded.run(feeds(2n, 3n))).outputs.y?.dims).toEqual([2, 3]);
    loaded.dispose();
  });
});

describe('feeds', () => {
  const x = (dims: number[], data: unknown, type = 'float32') => ({ x: { type, dims, data } }) as unknown as Feeds;
  it.each<[string, Feeds, RegExp]>([
    ['missing input', {}, /^x$/],
    ['extra input', { ...tinyFeeds(1), y: { type: 'float32', dims: [1], data: new Float32Array(1) } }, /^y$/],
    ['wrong type', x([1, 3, 8, 8], new Int32Array(192), 'int32'), /^x$/],
    ['wrong array class', x([1, 3, 8, 8], new Float64Array(192)), /^x$/],
    ['plain array', x([1, 3, 8, 8], Array(192).fill(0)), /^x$/],
    ['wrong size', x([1, 3, 9, 8], new Float32Array(216)), /^x$/],
    ['wrong rank', x([192], new Float32Array(192)), /^x$/],
    ['length against dims', x([1, 3, 8, 8], new Float32Array(100)), /^x$/],
    ['negative dims', x([1, 3, -8, -8], new Float32Array(192)), /^x$/],
    ['fractional dims', x([1, 3, 7.5, 8], new Float32Array(180)), /^x$/],
    ['absurd dims', x([2 ** 50, 3, 8, 8], new Float32Array(192)), /^x$/],
    ['unknown type', x([1], new Float32Array(1), 'float33'), /^x$/],
    ['no tensor', { x: null } as unknown as Feeds, /^x$/],
    ['no object', null as unknown as Feeds, /^feeds$/],
  ])('%s', async (_, feeds, where) => {
    for (const error of [
      await rejection(model.run(feeds)),
      await rejection(engine.compare(model, model, feeds)),
      await rejection(engine.evaluate(model, [{ feeds, labels: [0] }])),
      await rejection(model.apply([{ pass: 'quantize_static' }], { calibration: [tinyFeeds(1), feeds] })),
    ]) {
      expect(error.code).toBe('invalid_input');
      expect(error.where).toMatch(where);
    }
  });

  it('a tap that does not exist', async () => {
    const error = await rejection(model.run(tinyFeeds(1), { taps: ['nowhere'] }));
    expect(error).toMatchObject({ code: 'invalid_argument', where: 'nowhere' });
  });
});

describe('recipes', () => {
  it.each<[string, unknown, RegExp]>([
    ['unknown pass', [{ pass: 'make_better' }], /\[0\]/],
    ['unknown key', [{ pass: 'quantize_static', sparkle: 1 }], /\[0\]\.quantize_static\.sparkle/],
    ['value out of range', [{ pass: 'quantize_static', weight_bits: 99 }], /\[0\]\.quantize_static\.weight_bits/],
    ['value of the wrong kind', [{ pass: 'quantize_static', per_channel: 'yes' }], /per_channel/],
    ['not a list', { pass: 'quantize_static' }, /.*/],
    ['no pass', [{}], /\[0\]/],
    ['second step', [{ pass: 'quantize_static' }, { pass: 'nope' }], /\[1\]/],
  ])('%s', async (_, recipe, where) => {
    const error = await rejection(model.apply(recipe as Recipe, { calibration: [tinyFeeds(1)] }));
    expect(error.code).toBe('invalid_recipe');
    expect(error.where).toMatch(where);
    expect(error.hint).not.toBe('');
  });

  it.each<[string, unknown, ErrorCode]>([
    ['missing', undefined, 'invalid_argument'],
    ['empty', [], 'invalid_input'],
    ['feeds that are not in a list', tinyFeeds(1), 'invalid_argument'],
    ['items that are no feeds', [5], 'invalid_input'],
  ])('calibration: %s', async (_, calibration, code) => {
    const error = await rejection(model.apply([{ pass: 'quantize_static' }], { calibration: calibration as never }));
    expect(error.code).toBe(code);
    expect(error.hint).not.toBe('');
  });

  it('calibration: an iterator that throws is named, with its error as the cause', async () => {
    const cause = new Error('the picture is broken');
    function* broken() {
      yield tinyFeeds(1);
      throw cause;
    }
    const error = await rejection(model.apply([{ pass: 'quantize_static' }], { calibration: broken() }));
    expect(error).toMatchObject({ code: 'invalid_input', where: 'calibration', cause });
    expect(error.message).toContain('the picture is broken');
  });
});

describe('other arguments', () => {
  it('labels', async () => {
    for (const labels of [[CLASSES], [-1], [0.5], [0, 1], 3]) {
      const error = await rejection(engine.evaluate(model, [{ feeds: tinyFeeds(1), labels: labels as never }]));
      expect(error).toMatchObject({ code: 'invalid_input', where: 'labels' });
    }
  });

  it('export format', async () => {
    const error = await rejection(model.export({ format: 'tflite' as never }));
    expect(error).toMatchObject({ code: 'invalid_argument', where: 'format' });
  });

  it('a disposed model, a model of another engine', async () => {
    const gone = await engine.load(tinyModel());
    gone.dispose();
    gone.dispose();
    expect((await rejection(gone.run(tinyFeeds(1)))).code).toBe('invalid_argument');
    const other = await Halftone.create();
    const stranger = await other.load(tinyModel());
    expect((await rejection(engine.compare(model, stranger, tinyFeeds(1)))).where).toBe('other');
    other.dispose();
    expect((await rejection(stranger.run(tinyFeeds(1)))).code).toBe('invalid_argument');
  });

  it('create', async () => {
    expect(await rejection(Halftone.create({ wasmBase: new URL('file:///nowhere/') }))).toMatchObject({
      code: 'io',
      where: expect.stringContaining('nowhere'),
    });
    expect((await rejection(Halftone.create({ variant: 'turbo' as never }))).where).toBe('variant');
    expect((await rejection(Halftone.create({ threads: 0 }))).where).toBe('threads');
  });
});

// What is taken away and given: script, report, link parts, typed numbers, exceptions, time left, languages.
import { describe, expect, it } from 'vitest';
import { strings as en } from '../../../../web/src/i18n/en';
import { chooseLang } from '../../../../web/src/i18n/lang';
import { strings as zh } from '../../../../web/src/i18n/zh';
import { parseNumbers } from '../../../../web/src/inputs/numbers';
import { reportHtml } from '../../../../web/src/results/report';
import { command, pythonScript } from '../../../../web/src/results/script';
import { withException } from '../../../../web/src/state/overrides';
import { timeLeft } from '../../../../web/src/state/task';

describe('the script', () => {
  it('says in Python what the recipe says', () => {
    const script = pythonScript(
      [{ pass: 'quantize_static', per_channel: false, exclude_nodes: ['a'] }],
      'm.onnx',
      'o.onnx',
      'x',
    );
    expect(script?.missing).toEqual([]);
    expect(script?.text).toContain('"m.onnx", "o.onnx", Calibration(),');
    expect(script?.text).toContain('per_channel=False');
    expect(script?.text).toContain('nodes_to_exclude=["a"]');
  });

  const scriptOf = (params: Record<string, unknown>, pass = 'quantize_static') =>
    pythonScript([{ pass, ...params }], 'm.onnx', 'o.onnx', 'x');

  it('calibrates and counts bits as the recipe does', () => {
    const script = scriptOf({
      activation_observer: 'percentile',
      percentile: 99.9,
      activation_bits: 16,
      weight_bits: 4,
    });
    expect(script?.missing).toEqual([]);
    expect(script?.text).toContain('calibrate_method=CalibrationMethod.Percentile');
    expect(script?.text).toContain('"CalibPercentile": 99.9');
    expect(script?.text).toContain('activation_type=QuantType.QUInt16');
    expect(script?.text).toContain('weight_type=QuantType.QInt4');
    expect(scriptOf({ activation_observer: 'entropy' })?.text).toContain('CalibrationMethod.Entropy');
    expect(scriptOf({ weight_type: 'uint8' }, 'quantize_dynamic')?.text).toContain('weight_type=QuantType.QUInt8');
  });

  it('excludes operators, and what exceptions keep in float', () => {
    const text = scriptOf({ exclude_op_types: ['Add'], overrides: [{ where: 'a', keep_float: true }] })?.text;
    expect(text).toContain(
      'nodes_to_exclude=["a"] + [n.name for n in onnx.load("m.onnx").graph.node if n.op_type in ["Add"]]',
    );
  });

  it('names every parameter that it leaves out, unless it says nothing', () => {
    const left = (params: Record<string, unknown>) => scriptOf(params)?.missing;
    expect(left({ activation_observer: 'mse', activation_bits: 6, weight_bits: 3, block_size: 32 })).toEqual([
      'quantize_static.activation_observer',
      'quantize_static.activation_bits',
      'quantize_static.weight_bits',
      'quantize_static.block_size',
    ]);
    expect(left({ power_of_two: true, overrides: [{ where: 'a', weight_bits: 4 }] })).toEqual([
      'quantize_static.power_of_two',
      'quantize_static.overrides',
    ]);
    expect(left({ power_of_two: false, block_size: 0, rounding: 'nearest', seed: 3, overrides: [] })).toEqual([]);
  });

  it('names what onnxruntime does not have, and is none where it has nothing', () => {
    const recipe = [{ pass: 'equalize' }, { pass: 'quantize_static' }];
    expect(pythonScript(recipe, 'm', 'o', 'x')?.missing).toEqual(['equalize']);
    expect(pythonScript([{ pass: 'equalize' }], 'm', 'o', 'x')).toBeNull();
    expect(command("it's.onnx", 'o.onnx', true)).toBe(
      `npx halftone apply recipe.json 'it'\\''s.onnx' -o o.onnx --calibration folder`,
    );
  });
});

describe('the report', () => {
  it('is one file without scripts, and shows names as they are', () => {
    const html = reportHtml({
      lang: 'en',
      title: '<b>.onnx',
      made: 'today',
      facts: [['Size', '1 kB']],
      charts: [],
      tables: [{ title: 't', head: ['h'], rows: [['<script>alert(1)</script>']] }],
      recipeTitle: 'r',
      recipe: '[]',
    });
    expect(html).not.toContain('<script');
    expect(html).toContain('&lt;b&gt;.onnx');
    expect(html).not.toMatch(/(src|href)=/);
  });
});

describe('numbers typed by hand', () => {
  it('become tensors of the type that is wanted', () => {
    expect(parseNumbers('1, 2;\n3 [4]', 'float32', [2, 2], 'x').data).toEqual(Float32Array.of(1, 2, 3, 4));
    expect(parseNumbers('7', 'int64', [3], 'x').data).toEqual(BigInt64Array.of(7n, 7n, 7n));
  });

  it.each(['', '1 2', '1 two 3'])('are refused where they do not fit: %j', (text) => {
    expect(() => parseNumbers(text, 'float32', [3], 'x')).toThrow(/3/);
  });
});

describe('exceptions by hand', () => {
  it('are made, changed field by field, and gone without fields', () => {
    const one = withException([], 'a', { keep_float: true });
    const two = withException(one, 'a', { weight_bits: 4 });
    expect(two).toEqual([{ where: 'a', keep_float: true, weight_bits: 4 }]);
    expect(withException(two, 'a', { keep_float: undefined, weight_bits: undefined })).toEqual([]);
    expect(withException(one, 'b', { low: 0 }).map(({ where }) => where)).toEqual(['a', 'b']);
  });
});

it('time left follows the pace', () => {
  const task = { done: 25, total: 100, since: 1000, from: 5 };
  expect(timeLeft(task, 3000)).toBe(7500);
  expect(timeLeft(task, 1100)).toBeNull();
  expect(timeLeft({ ...task, done: 5 }, 3000)).toBeNull();
  expect(timeLeft({ ...task, total: 0 }, 3000)).toBeNull();
});

describe('languages', () => {
  it.each([
    [null, ['zh-CN', 'en'], 'zh'],
    [null, ['fr-FR', 'zh-Hant-TW'], 'zh'],
    [null, ['de'], 'en'],
    ['zh', ['en'], 'zh'],
    ['tlh', ['zh'], 'zh'],
  ])('saved %j, wished %j: %s', (saved, wished, chosen) => {
    expect(chooseLang(saved, wished)).toBe(chosen);
  });

  it('leave nothing untranslated', () => {
    const flat = (value: unknown, path: string): [string, unknown][] =>
      typeof value === 'object' && value !== null
        ? Object.entries(value).flatMap(([key, inner]) => flat(inner, `${path}.${key}`))
        : [[path, value]];
    const chinese = new Map(flat(zh, ''));
    const same = flat(en, '').filter(([path, text]) => typeof text === 'string' && text === chinese.get(path));
    // Names that are the same everywhere.
    expect(same.map(([path]) => path)).toEqual(['.app.title', '.compare.ort']);
    expect(chinese.size).toBe(flat(en, '').length);
  });
});

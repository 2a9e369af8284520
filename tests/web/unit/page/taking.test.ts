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

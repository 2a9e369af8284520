// Every pass, parameter, field of a list and preset that the engine offers has a Chinese text, and no text is left over.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Capabilities, ParamSpec } from '../../../web/src/engine/types';
import { engineZh, sharedZh } from '../../../web/src/i18n/zh/engine';
import { type Engine, Halftone } from '../support/library';

let engine: Engine;

beforeAll(async () => {
  engine = await Halftone.create({ threads: 1 });
});
afterAll(() => engine.dispose());

/** Keys of a pass's parameters; what all passes share by kind and name has one text. */
const paramKeys = (pass: string, specs: readonly ParamSpec[]): string[] =>
  specs.flatMap((spec) => {
    const key = `${pass}.${spec.name}`;
    const own = spec.kind === 'stringList' && spec.name in sharedZh && !(key in engineZh) ? [] : [key];
    return [...own, ...paramKeys(key, spec.fields ?? [])];
  });

const keysOf = ({ passes, presets = [] }: Capabilities): string[] => [
  ...presets.map(({ name }) => `preset.${name}`),
  ...passes.flatMap(({ name, params }) => [name, ...paramKeys(name, params)]),
];

it('is said in Chinese', () => {
  const keys = keysOf(engine.capabilities);
  expect(keys.length).toBeGreaterThan(60);
  expect(keys.filter((key) => !(key in engineZh))).toEqual([]);
  expect(Object.keys(engineZh).filter((key) => !keys.includes(key))).toEqual([]);
});

it('is said in words, not in the engine’s own English', () => {
  const isChinese = (text: string) => /\p{Script=Han}/u.test(text);
  const names = /^(int4|int8|float16)$/;
  for (const [key, { label, help }] of Object.entries({ ...engineZh, ...sharedZh })) {
    expect(isChinese(label) || names.test(label), key).toBe(true);
    expect(isChinese(help), key).toBe(true);
  }
});

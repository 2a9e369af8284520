// The risk report: what its sentences say in numbers, how a recipe takes up an answer, and both languages.
import { afterEach, describe, expect, it } from 'vitest';
import type { ParamSpec, RecipeStep, Risk } from '../../../../web/src/engine/types';
import { riskText } from '../../../../web/src/i18n/engine_text';
import { lang } from '../../../../web/src/i18n/lang';
import { answerAction, riskFacts } from '../../../../web/src/results/risks';
import { emptyRecipe, reduceRecipe, toRecipe } from '../../../../web/src/state/recipe';

const wide: Risk = {
  id: 'wide_channels',
  severity: 'high',
  message: '2 layers: the largest channel of a weight is up to 70 times its median channel',
  where: 'a',
  count: 2,
  nodes: ['a', 'b'],
  hint: 'One scale for the whole weight would leave its small channels few steps.',
  step: { pass: 'equalize', by: 'weights' },
};
const floats: Risk = { ...wide, id: 'float_operators', message: '3 nodes stay float: Erf (1), Softmax (2)', count: 3 };

const spec = (name: string, kind: ParamSpec['kind'], fallback: unknown): ParamSpec => ({
  name,
  kind,
  label: '',
  help: '',
  default: fallback,
});
const SPECS: Record<string, ParamSpec[]> = {
  quantize: [spec('observer', 'choice', 'minmax'), spec('overrides', 'objectList', [])],
  equalize: [spec('by', 'choice', 'activations')],
};

/** The recipe after the answer has been taken up; null: it was there already. */
function answered(recipe: RecipeStep[], answer: RecipeStep): RecipeStep[] | null {
  const state = reduceRecipe(emptyRecipe, { type: 'replace', recipe });
  const action = answerAction(state.present, answer, SPECS[answer.pass] ?? [], (pass) => pass === 'quantize');
  return action && toRecipe(reduceRecipe(state, action).present);
}

afterEach(() => {
  lang.value = 'en';
});

describe('findings', () => {
  it('tell their numbers and operators', () => {
    expect(riskFacts(wide)).toEqual({ count: 2, times: '70', operators: '' });
    expect(riskFacts(floats)).toEqual({ count: 3, times: null, operators: 'Erf (1), Softmax (2)' });
  });

  it('speak the language of the page', () => {
    expect(riskText(wide)).toEqual({ message: wide.message, hint: wide.hint });
    lang.value = 'zh';
    expect(riskText(wide).message).toBe('2 层:权重最大的通道远大于中间的通道,最多达 70 倍');
    expect(riskText(floats).message).toBe('3 个节点保持浮点:Erf (1)、Softmax (2)');
    expect(riskText({ ...wide, id: 'unheard_of' as Risk['id'] }).message).toBe(wide.message);
  });
});

describe('an answer', () => {
  const eight = (where: string) => ({ where, weight_bits: 8 });

  it('goes before the quantizing step, or in front of one of its own kind', () => {
    const answer = { pass: 'equalize', by: 'weights' };
    expect(answered([{ pass: 'opset' }, { pass: 'quantize' }], answer)).toEqual([
      { pass: 'opset' },
      answer,
      { pass: 'quantize' },
    ]);
    expect(answered([{ pass: 'equalize' }, { pass: 'quantize' }], answer)).toEqual([
      answer,
      { pass: 'equalize' },
      { pass: 'quantize' },
    ]);
    expect(answered([], answer)).toEqual([answer]);
  });

  it('changes a quantizing step that is there, and keeps its other exceptions', () => {
    const recipe = [{ pass: 'quantize', bits: 4, overrides: [{ where: 'a', keep_float: true }] }, { pass: 'bias' }];
    expect(answered(recipe, { pass: 'quantize', overrides: [eight('b'), eight('a')] })).toEqual([
      { pass: 'quantize', bits: 4, overrides: [{ where: 'a', keep_float: true, weight_bits: 8 }, eight('b')] },
      { pass: 'bias' },
    ]);
    expect(answered([{ pass: 'bias' }], { pass: 'quantize', observer: 'mse' })).toEqual([
      { pass: 'bias' },
      { pass: 'quantize', observer: 'mse' },
    ]);
  });

  it('is not given twice, nor where the defaults are the answer', () => {
    expect(answered([{ pass: 'quantize', observer: 'mse' }], { pass: 'quantize', observer: 'mse' })).toBeNull();
    expect(answered([{ pass: 'equalize' }], { pass: 'equalize', by: 'activations' })).toBeNull();
    const answer = { pass: 'quantize', overrides: [eight('a')] };
    expect(answered([{ ...answer, overrides: [eight('b'), { ...eight('a'), low: 0 }] }], answer)).toBeNull();
  });
});

// What a recipe comes to when steps have chosen for the quantizing one behind them.
import { expect, it } from 'vitest';
import type { StepReport } from '../../../../web/src/engine/types';
import { carriedOut, chosenFor } from '../../../../web/src/results/carried_out';

const report = (facts: Partial<StepReport>): StepReport => ({
  pass: '',
  params: {},
  bytesBefore: 0,
  bytesAfter: 0,
  warnings: [],
  ...facts,
});
const listOf = (pass: string) => (pass === 'quantize' ? 'overrides' : undefined);
const kept = { where: 'a', keep_float: true };
const own = { where: 'b', weight_bits: 4 };

const recipe = [{ pass: 'equalize' }, { pass: 'choose' }, { pass: 'quantize', overrides: [own] }, { pass: 'repair' }];
const reports = [
  report({}),
  report({ recipe: [{ pass: 'quantize', overrides: [kept] }] }),
  report({ params: { overrides: [kept, own] } }),
  report({}),
];

it('has no choosing steps, and their choices in the quantizing one, before its own', () => {
  expect(chosenFor(recipe, reports, 2, 'overrides')).toEqual([kept]);
  expect(carriedOut(recipe, reports, listOf)).toEqual([
    { pass: 'equalize' },
    null,
    { pass: 'quantize', overrides: [kept, own] },
    { pass: 'repair' },
  ]);
});

it('is the recipe itself where nothing was chosen', () => {
  const plain = [{ pass: 'quantize', overrides: [own] }, { pass: 'quantize' }];
  const done = carriedOut(
    plain,
    [report({ params: { overrides: [own] } }), report({ params: { overrides: [] } })],
    listOf,
  );
  expect(done[0]).toBe(plain[0]);
  expect(done[1]).toBe(plain[1]);
});

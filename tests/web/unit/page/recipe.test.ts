// The recipe's reducer: every edit, undo and redo, and that a drag is one step of undo.
import { describe, expect, it } from 'vitest';
import { emptyRecipe, parseRecipe, type RecipeAction, reduceRecipe, toRecipe } from '../../../../web/src/state/recipe';

const run = (...actions: RecipeAction[]) => actions.reduce(reduceRecipe, emptyRecipe);
const three: RecipeAction = { type: 'replace', recipe: [{ pass: 'a' }, { pass: 'b', bits: 4 }, { pass: 'c' }] };
const names = (state: ReturnType<typeof run>) => state.present.map(({ pass }) => pass).join('');

describe('the recipe', () => {
  it('adds, removes and places steps', () => {
    expect(names(run(three, { type: 'add', pass: 'd' }))).toBe('abcd');
    expect(names(run(three, { type: 'add', pass: 'd', at: 1 }))).toBe('adbc');
    expect(names(run(three, { type: 'remove', id: 2 }))).toBe('ac');
  });

  it.each([
    [1, 1, 'bac'],
    [3, -1, 'acb'],
    [1, 2, 'bca'],
    [1, -1, 'abc'],
    [3, 5, 'abc'],
  ])('moves step %i by %i', (id, by, result) => {
    expect(names(run(three, { type: 'move', id, by }))).toBe(result);
  });

  it('does not remember a move that moves nothing', () => {
    expect(run(three, { type: 'move', id: 1, by: -1 }).past).toHaveLength(1);
  });

  it('leaves steps that are off out of what the engine gets', () => {
    const state = run(three, { type: 'toggle', id: 2 });
    expect(toRecipe(state.present)).toEqual([{ pass: 'a' }, { pass: 'c' }]);
    expect(toRecipe(run(three, { type: 'toggle', id: 2 }, { type: 'toggle', id: 2 }).present)).toHaveLength(3);
  });

  it('sets and resets parameters', () => {
    const state = run(three, { type: 'set', id: 1, params: { bits: 8 } });
    expect(toRecipe(state.present)[0]).toEqual({ pass: 'a', bits: 8 });
    expect(toRecipe(reduceRecipe(state, { type: 'reset', id: 1 }).present)[0]).toEqual({ pass: 'a' });
  });

  it('undoes and redoes, and forgets what was undone at the next edit', () => {
    const undone = run(three, { type: 'remove', id: 1 }, { type: 'undo' });
    expect(names(undone)).toBe('abc');
    expect(names(reduceRecipe(undone, { type: 'redo' }))).toBe('bc');
    const edited = reduceRecipe(undone, { type: 'remove', id: 3 });
    expect(names(reduceRecipe(edited, { type: 'redo' }))).toBe('ab');
    expect(names(run({ type: 'undo' }))).toBe('');
  });

  it('takes back a drag at once, but not the drag before', () => {
    const drag = (id: number, low: number): RecipeAction => ({ type: 'set', id, params: { low } });
    const state = run(three, drag(1, 1), drag(1, 2), drag(2, 1), drag(1, 3), { type: 'undo' });
    expect(state.present.map(({ params }) => params.low)).toEqual([2, 1, undefined]);
  });

  it('never gives a number twice', () => {
    const state = run(three, { type: 'remove', id: 3 }, { type: 'add', pass: 'd' }, three);
    const ids = [...state.past.flat(), ...state.present].map(({ id, pass }) => `${id}${pass}`);
    expect(new Set(ids.map((text) => text.slice(0, -1))).size).toBe(new Set(ids).size);
  });

  it('reads JSON, and refuses what is no recipe', () => {
    expect(parseRecipe('[{"pass":"a","bits":4}]')).toEqual([{ pass: 'a', bits: 4 }]);
    for (const text of ['{}', '[{}]', '[1]', 'no', '[{"pass":1}]']) expect(() => parseRecipe(text)).toThrow();
  });
});

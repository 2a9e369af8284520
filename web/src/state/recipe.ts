// The recipe as it is edited: steps that can be switched off, with undo and redo. A pure reducer: no signals, no engine.
// Edits of the same parameter in a row are one step of undo, so that a dragged range is taken back at once.
import type { Recipe, RecipeStep } from '../engine/types';

export interface Step {
  /** Stable while the step moves; never used twice in a sitting. */
  id: number;
  pass: string;
  params: Readonly<Record<string, unknown>>;
  on: boolean;
}

export type Steps = readonly Step[];

export interface RecipeState {
  past: readonly Steps[];
  present: Steps;
  future: readonly Steps[];
  nextId: number;
  /** Names the last edit where a repetition is to be one with it. */
  merge: string;
}

export type RecipeAction =
  | { type: 'add'; pass: string; params?: Record<string, unknown>; at?: number }
  | { type: 'remove'; id: number }
  | { type: 'move'; id: number; by: number }
  | { type: 'toggle'; id: number }
  | { type: 'set'; id: number; params: Record<string, unknown> }
  | { type: 'reset'; id: number }
  | { type: 'replace'; recipe: Recipe }
  | { type: 'undo' }
  | { type: 'redo' };

const MOST_UNDO = 200;

export const emptyRecipe: RecipeState = { past: [], present: [], future: [], nextId: 1, merge: '' };

const edit = (state: RecipeState, present: Steps, merge = '', nextId = state.nextId): RecipeState => ({
  past: merge !== '' && merge === state.merge ? state.past : [...state.past, state.present].slice(-MOST_UNDO),
  present,
  future: [],
  nextId,
  merge,
});

const change = (steps: Steps, id: number, with_: (step: Step) => Step): Steps =>
  steps.map((step) => (step.id === id ? with_(step) : step));

function moved(steps: Steps, id: number, by: number): Steps {
  const from = steps.findIndex((step) => step.id === id);
  const to = Math.max(0, Math.min(steps.length - 1, from + by));
  const step = steps[from];
  if (!step || to === from) return steps;
  const others = steps.filter((_, i) => i !== from);
  return [...others.slice(0, to), step, ...others.slice(to)];
}

const stepOf = ({ pass, ...params }: RecipeStep, id: number): Step => ({ id, pass, params, on: true });

export function reduceRecipe(state: RecipeState, action: RecipeAction): RecipeState {
  const { present } = state;
  switch (action.type) {
    case 'add': {
      const at = action.at ?? present.length;
      const step: Step = { id: state.nextId, pass: action.pass, params: action.params ?? {}, on: true };
      return edit(state, [...present.slice(0, at), step, ...present.slice(at)], '', state.nextId + 1);
    }
    case 'remove':
      return edit(
        state,
        present.filter((step) => step.id !== action.id),
      );
    case 'move': {
      const steps = moved(present, action.id, action.by);
      return steps === present ? state : edit(state, steps);
    }
    case 'toggle':
      return edit(
        state,
        change(present, action.id, (step) => ({ ...step, on: !step.on })),
      );
    case 'set': {
      const merge = `${action.id}:${Object.keys(action.params).join()}`;
      return edit(
        state,
        change(present, action.id, (step) => ({ ...step, params: { ...step.params, ...action.params } })),
        merge,
      );
    }
    case 'reset':
      return edit(
        state,
        change(present, action.id, (step) => ({ ...step, params: {} })),
      );
    case 'replace':
      return edit(
        state,
        action.recipe.map((step, i) => stepOf(step, state.nextId + i)),
        '',
        state.nextId + action.recipe.length,
      );
    case 'undo': {
      const before = state.past.at(-1);
      if (!before) return state;
      return {
        ...state,
        past: state.past.slice(0, -1),
        present: before,
        future: [present, ...state.future],
        merge: '',
      };
    }
    case 'redo': {
      const [after, ...rest] = state.future;
      if (!after) return state;
      return { ...state, past: [...state.past, present], present: after, future: rest, merge: '' };
    }
  }
}

/** What the engine is given: the steps that are on. */
export const toRecipe = (steps: Steps): Recipe =>
  steps.filter((step) => step.on).map(({ pass, params }) => ({ pass, ...params }));

/** A recipe out of JSON text. Throws where it is none. */
export function parseRecipe(text: string): Recipe {
  const value: unknown = JSON.parse(text);
  const isStep = (step: unknown): step is RecipeStep =>
    typeof step === 'object' && step !== null && typeof (step as RecipeStep).pass === 'string';
  if (!Array.isArray(value) || !value.every(isStep)) throw new Error('not a list of steps');
  return value;
}

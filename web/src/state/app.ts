// All state of the page, as signals, and nothing that draws. Views read the signals; the files beside this one change them.

import { computed, signal } from '@preact/signals';
import type {
  Comparison,
  Engine,
  HalftoneModel,
  ModelGraph,
  NodeTime,
  ParamSpec,
  PassSpec,
  RecipeStep,
  RunResult,
  StepReport,
} from '../engine/types';
import type { Guess } from '../inputs/guess';
import { needsData } from '../inputs/needs';
import type { ImageSpec } from '../inputs/preprocess';
import type { Sample } from '../inputs/samples';
import type { Labels } from '../results/labels';
import type { AppError } from './error';
import { emptyRecipe, type RecipeAction, type RecipeState, reduceRecipe, type Steps, toRecipe } from './recipe';

export interface OpenModel {
  fileName: string;
  /** In bytes. */
  fileSize: number;
  model: HalftoneModel;
  graph: ModelGraph;
  guess: Guess;
  /** The sample network that it is. */
  sample: Sample | null;
}

export interface Task {
  stage: string;
  done: number;
  total: number;
  /** When this stage began, and what was done then: for the time that is left. */
  since: number;
  from: number;
  controller: AbortController;
}

export interface Side {
  bytes: number;
  result: RunResult;
  /** Milliseconds of each timed run. */
  times: number[];
  profile: readonly NodeTime[];
}

/** A network with its graph. */
export interface Network {
  model: HalftoneModel;
  graph: ModelGraph;
}

/** What one step of the recipe left behind. */
export interface StepResult {
  stepId: number;
  report: StepReport;
  bytes: number;
  /** Over all outputs; null: equal; absent: not measured. */
  sqnr?: number | null;
  ms?: number;
}

export interface Results {
  made: HalftoneModel;
  /** Of the compressed model. */
  graph: ModelGraph;
  /** The float network that layers are held against, where that is not the original. */
  reference: Network | null;
  steps: Steps;
  stepResults: readonly StepResult[];
  original: Side;
  compressed: Side;
  comparison: Comparison;
}

export const engine = signal<Engine | null>(null);
export const opened = signal<OpenModel | null>(null);
export const results = signal<Results | null>(null);
export const task = signal<Task | null>(null);
export const error = signal<AppError | null>(null);
export const dragging = signal(false);
/** Spoken to those who cannot see what has changed. */
export const announcement = signal('');

export const recipeState = signal<RecipeState>(emptyRecipe);
export const steps = computed<Steps>(() => recipeState.value.present);
export const recipe = computed(() => toRecipe(steps.value));
export const editRecipe = (action: RecipeAction): void => {
  recipeState.value = reduceRecipe(recipeState.value, action);
};

export const imageSpec = signal<ImageSpec | null>(null);
export const labels = signal<Labels | null>(null);
/** The node that is looked at, by its place in the graph. */
export const selected = signal<number | null>(null);

export const busy = computed(() => task.value !== null);
export const passes = computed<readonly PassSpec[]>(() => {
  const all = engine.value?.capabilities.passes ?? [];
  return all.filter((pass, i) => all.findIndex(({ name }) => name === pass.name) === i);
});
export const findPass = (name: string): PassSpec | undefined => passes.value.find((p) => p.name === name);
/** Whether a step looks at data. */
export function looksAtData({ pass, ...params }: RecipeStep): boolean {
  const spec = findPass(pass);
  return spec !== undefined && needsData(spec, params);
}
export const needsCalibration = computed(() => recipe.value.some(looksAtData));
export const canRun = computed(() => opened.value !== null && opened.value.model.summary.unsupported.length === 0);
export const stale = computed(
  () => results.value !== null && JSON.stringify(toRecipe(results.value.steps)) !== JSON.stringify(recipe.value),
);

/** The value a step has for a parameter: set by the person, else the pass's default. */
export function paramValue(params: Readonly<Record<string, unknown>>, spec: ParamSpec): unknown {
  return spec.name in params ? params[spec.name] : spec.default;
}
